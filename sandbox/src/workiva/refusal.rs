use http::StatusCode;
use serde_json::{Value, json};

use crate::exchange::Answer;

/// Why Workiva refuses a request.
#[derive(Debug)]
pub(super) enum Refusal {
    BadRequest {
        target: String,
        message: String,
    },
    Unauthorized,
    Forbidden,
    NotFound,
    /// Not among the documented answers; what HTTP says for a method that a path does not have.
    MethodNotAllowed,
}

impl Refusal {
    pub(super) fn bad(target: &str, message: &str) -> Self {
        Self::BadRequest { target: target.to_owned(), message: message.to_owned() }
    }

    pub(super) fn answer(&self, version: &str) -> Answer {
        let status = match self {
            Self::BadRequest { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        };
        let mut body = body(status, None);
        if let Self::BadRequest { target, message } = self {
            let detail = json!({ "code": "BadArgument", "message": message, "target": target });
            add(&mut body, "target", target.as_str().into());
            add(&mut body, "details", Value::Array(vec![detail]));
        }
        add(&mut body, "version", version.into());
        Answer::json(status, &body)
    }
}

/// An error of any status in Workiva's shape.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    Answer::json(status, &body(status, message))
}

/// `code` and `message`, as the examples of the document have them.
fn body(status: StatusCode, message: Option<&str>) -> Value {
    let reason = status.canonical_reason().unwrap_or("Error");
    let words: String = reason.split(' ').collect();
    json!({
        "code": format!("{}{words}", status.as_u16()),
        "message": message.unwrap_or_else(|| usual(status)),
    })
}

fn usual(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The request was unacceptable, often due to a missing or invalid parameter",
        401 => "No valid API token provided",
        403 => "The API token does not have permissions to perform the request",
        404 => "The requested resource could not be found",
        405 => "The requested resource does not support this method",
        409 => "The request conflicts with another request",
        413 => "The request payload is too large",
        429 => "Too many requests have been made against the API in too short a time",
        503 => "The server cannot handle the request due to a temporary overload or scheduled maintenance",
        _ => "The server encountered an unexpected condition that prevented it from fulfilling the request",
    }
}

fn add(body: &mut Value, name: &str, value: Value) {
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
