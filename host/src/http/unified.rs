//! Unified requests: every path that no other route has.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderName, Method};
use patchboard_gateway::{Code, Problem, Reply, ReplyBody, route};

use super::{Handled, Shared};
use crate::service::Unified;
use crate::trace::Trace;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn handle(State(shared): State<Shared>, request: Request) -> Handled {
    let (head, body) = request.into_parts();
    // What no token could make right is said before the body is read.
    let known = route::parse(&head.method, head.uri.path());
    if known.as_ref().is_err_and(|problem| problem.code == Code::UnknownRoute) {
        known?;
    }
    let caller = shared.service.caller(&head.headers)?;
    if head.method != Method::GET && head.headers.contains_key(IDEMPOTENCY_KEY) {
        return Err(Problem::new(
            Code::NotImplemented,
            "Idempotency-Key is not supported yet; without the header the request would be made",
        )
        .into());
    }
    let body = shared.body.read(body).await?;
    let trace = head.extensions.get::<Trace>().cloned().unwrap_or_else(|| Trace::of(&head.headers));
    let request = Unified {
        method: &head.method,
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
        trace: &trace,
    };
    let reply = shared.service.unified(&caller, request).await?;
    Ok(respond(reply))
}

fn respond(reply: Reply<reqwest::Response>) -> Response {
    let body = match reply.body {
        ReplyBody::Bytes(bytes) => Body::from(bytes),
        ReplyBody::Stream(answer) => Body::from_stream(answer.bytes_stream()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
