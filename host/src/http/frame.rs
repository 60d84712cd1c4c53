//! Around every request: its id, its line in the log, and its problem as HTTP.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::HeaderValue;
use patchboard_gateway::trace::{REQUEST_ID, Trace};
use patchboard_gateway::{Problem, door};

use super::Refusal;
use crate::service::internal;

/// The problem of a response that has no body yet.
#[derive(Clone)]
pub(super) struct Failed(pub(super) Box<Problem>);

/// Around what `handle` does.
pub(super) async fn frame(request: Request, handle: impl AsyncFnOnce(Request, &Trace) -> Response) -> Response {
    let start = Instant::now();
    let trace = Trace::of(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = match door::not_built(request.method(), request.headers()) {
        Err(problem) => Refusal::from(problem).into_response(),
        Ok(()) => {
            let run = AssertUnwindSafe(handle(request, &trace)).catch_unwind().await;
            run.unwrap_or_else(|_| Refusal::from(internal("a handler panicked")).into_response())
        }
    };
    let failed = response.extensions_mut().remove::<Failed>();
    let reason = failed.as_ref().map(|Failed(problem)| (problem.code.slug(), problem.phase));
    if let Some(Failed(problem)) = failed {
        let (status, headers, body) = problem.into_http(&trace.request_id);
        response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
    }
    if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_secs_f64() * 1000.0);
    match reason {
        Some((code, phase)) => tracing::info!(request_id = trace.request_id, %method, path, status, ms, code, ?phase, "request"),
        None => tracing::info!(request_id = trace.request_id, %method, path, status, ms, "request"),
    }
    response
}
