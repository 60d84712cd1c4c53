//! Whether the server is there, and whether it can do its work. No token needed.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use patchboard_gateway::door;

use super::{Handled, Shared};
use crate::service::internal;

pub(super) async fn ping() -> Response {
    Json(door::pong()).into_response()
}

pub(super) async fn healthz() -> Response {
    Json(door::healthy()).into_response()
}

/// Ready when the store answers. Plugins that were refused are counted; which and why
/// is in the log, because this route needs no token.
pub(super) async fn readyz(State(shared): State<Shared>) -> Handled {
    shared.service.reader.ping().map_err(|e| internal(e).with_status(503))?;
    let registry = &shared.service.registry;
    Ok(Json(door::ready(registry.loaded.len(), registry.refused.len())).into_response())
}
