//! Whether the server is there, and whether it can do its work. No token needed.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::{Handled, Shared};
use crate::service::internal;

pub(super) async fn ping() -> Response {
    Json(json!({"message": "pong"})).into_response()
}

pub(super) async fn healthz() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// Ready when the store answers. Plugins that were refused are counted; which and why
/// is in the log, because this route needs no token.
pub(super) async fn readyz(State(shared): State<Shared>) -> Handled {
    shared.service.reader.ping().map_err(|e| internal(e).with_status(503))?;
    let registry = shared.service.plugins.current();
    let (plugins, refused) = (registry.all().count(), registry.refused.len());
    let ready = json!({"status": "ready", "providers": registry.providers(), "plugins": plugins, "plugins_refused": refused});
    Ok(Json(ready).into_response())
}
