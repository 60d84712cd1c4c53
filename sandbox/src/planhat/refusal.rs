use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// Why Planhat refuses a request. Its errors are "object or string", without a fixed shape
/// (<https://www.planhat.com/developers/api/http-response-codes>); 401 and 404 are not among them, but are what
/// clients see.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Unauthorized")]
    Unauthorized,
    #[error("forbidden")]
    Forbidden,
    #[error("Not Found")]
    NotFound,
    #[error("Method Not Allowed")]
    MethodNotAllowed,
    #[error("{0}")]
    Bad(String),
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Unauthorized => any(StatusCode::UNAUTHORIZED, None),
            Self::Forbidden => any(StatusCode::FORBIDDEN, None),
            Self::NotFound => any(StatusCode::NOT_FOUND, None),
            Self::MethodNotAllowed => any(StatusCode::METHOD_NOT_ALLOWED, None),
            Self::Bad(message) => any(StatusCode::BAD_REQUEST, Some(message)),
        }
    }
}

/// An error of any status in one of Planhat's two shapes: what goes wrong before a model is looked at is plain text.
/// Neither `Retry-After` nor quota headers are documented, so none are sent.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    let reason = status.canonical_reason().unwrap_or("Error");
    match (status.as_u16(), message) {
        (401 | 404 | 405 | 413 | 429, None) => Answer::text(status, "text/plain; charset=utf-8", reason),
        (500, None) => object(status, "internal error"),
        (_, message) => object(status, message.unwrap_or(&reason.to_lowercase())),
    }
}

fn object(status: StatusCode, message: &str) -> Answer {
    Answer::json(status, &json!({ "message": message }))
}
