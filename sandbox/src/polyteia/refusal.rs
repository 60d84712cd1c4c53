use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// Why Polyteia refuses a request.
#[derive(Debug)]
pub(super) enum Refusal {
    /// In the HTTP status.
    Unauthorized,
    /// In the HTTP status.
    Forbidden,
    /// In the body, with HTTP status 200.
    Bad(String),
    /// In the body, with HTTP status 200.
    NotFound,
    /// Beside the one endpoint.
    NoSuchPath,
    /// Beside the one method.
    MethodNotAllowed,
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Unauthorized => plain(StatusCode::UNAUTHORIZED),
            Self::Forbidden => plain(StatusCode::FORBIDDEN),
            Self::NoSuchPath => plain(StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => plain(StatusCode::METHOD_NOT_ALLOWED),
            Self::Bad(message) => inside(StatusCode::OK, 400, message),
            Self::NotFound => inside(StatusCode::OK, 404, "not found"),
        }
    }
}

/// An error of any HTTP status in Polyteia's shape.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    match (status.as_u16(), message) {
        (401 | 403, None) => plain(status),
        (code, message) => {
            let reason = status.canonical_reason().unwrap_or("error");
            let usual = match code {
                500 => "internal error".to_owned(),
                _ => reason.to_lowercase(),
            };
            inside(status, code, message.unwrap_or(&usual))
        }
    }
}

/// `{"error":"Unauthorized"}`: the shape of what goes wrong before the operation is looked at.
fn plain(status: StatusCode) -> Answer {
    let reason = status.canonical_reason().unwrap_or("Error");
    Answer::json(status, &json!({ "error": reason }))
}

/// The shape of <https://docs.polyteia.com/api-docs/en>.
fn inside(status: StatusCode, code: u16, message: &str) -> Answer {
    let error = json!({ "code": code, "message": message, "details": [] });
    Answer::json(status, &json!({ "error": error }))
}
