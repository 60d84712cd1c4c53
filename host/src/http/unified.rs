//! Unified requests: every path that no other route has.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::future::ready;
use futures_util::stream::{self, Stream, StreamExt as _};
use patchboard_gateway::redact::StreamRedactor;
use patchboard_gateway::trace::Trace;
use patchboard_gateway::{Code, Reply, ReplyBody, route};

use super::{Handled, Shared};
use crate::egress::Receiving;
use crate::service::Unified;

pub(super) async fn handle(shared: &Shared, request: Request, trace: &Trace) -> Handled {
    let (head, body) = request.into_parts();
    // What no token could make right is said before the body is read.
    let known = route::parse(&head.method, head.uri.path());
    if known.as_ref().is_err_and(|problem| problem.code == Code::UnknownRoute) {
        known?;
    }
    let caller = shared.service.caller(&head.headers)?;
    if let Some(route) = route::meta(&head.method, head.uri.path()) {
        let described = shared.service.describe(&caller, &route, head.uri.query().unwrap_or_default())?;
        return Ok(Json(described).into_response());
    }
    let body = shared.body.read(body).await?;
    let request = Unified {
        method: &head.method,
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
        trace,
    };
    let reply = shared.service.unified(&caller, request).await?;
    Ok(respond(reply))
}

/// The pieces of an answer as they come, then what was held back.
fn redacted(answer: Receiving, redactor: StreamRedactor) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let pieces = answer.into_body().into_data_stream().map(Some).chain(stream::once(ready(None)));
    pieces.scan(redactor, |redactor, piece| {
        ready(Some(match piece {
            Some(piece) => piece.map(|piece| redactor.push(piece)),
            None => Ok(redactor.finish()),
        }))
    })
}

fn respond(reply: Reply<Receiving>) -> Response {
    let body = match reply.body {
        ReplyBody::Bytes(bytes) => Body::from(bytes),
        ReplyBody::Stream(answer, redactor) => Body::from_stream(redacted(answer, redactor)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
