//! `/proxy/{path}`: the provider's own API, streamed through in both directions.

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::response::Response;
use patchboard_gateway::proxy;
use patchboard_gateway::trace::Trace;

use super::{Handled, Shared};
use crate::service::Proxied;

pub(super) async fn handle(State(shared): State<Shared>, request: Request) -> Handled {
    let (head, body) = request.into_parts();
    let caller = shared.service.caller(&head.headers)?;
    let forward = proxy::parse(head.uri.path(), head.uri.query().unwrap_or_default())?;
    let trace = head.extensions.get::<Trace>().cloned().unwrap_or_else(|| Trace::of(&head.headers));
    // A request without a body stays one; its length is handed on with the other headers.
    let body = (!body.is_end_stream()).then_some(body);
    let Proxied { status, headers, answer } = shared.service.proxy(&caller, &forward, &head.method, &head.headers, body, &trace).await?;
    let mut response = Response::new(answer.into_body());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
