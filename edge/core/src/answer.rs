//! A whole answer.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use patchboard_gateway::Problem;
use patchboard_gateway::trace::{REQUEST_ID, Trace};
use serde_json::Value;

/// An answer with all of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers; those of the connection are Spin's.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// 200 and a JSON value.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Self { status: StatusCode::OK, headers, body: value.to_string().into_bytes() }
    }

    /// A problem.
    #[must_use]
    pub fn problem(problem: Problem, trace: &Trace) -> Self {
        let (status, headers, body) = problem.into_http(&trace.request_id);
        Self { status, headers, body }
    }

    /// The same with the id of its request, which every answer carries.
    #[must_use]
    pub fn of_request(mut self, trace: &Trace) -> Self {
        name(&mut self.headers, trace);
        self
    }
}

/// Puts the request's id into the headers of an answer.
pub(crate) fn name(headers: &mut HeaderMap, trace: &Trace) {
    if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
        headers.insert(REQUEST_ID, id);
    }
}
