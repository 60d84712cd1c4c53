use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;
use crate::timestamps::Precision;

/// What a 429 documents to carry, in seconds: <https://learn.microsoft.com/en-us/graph/throttling>.
const RETRY_AFTER: &str = "10";

/// Why Graph refuses a request. Planner often leaves `code` empty, as in
/// <https://github.com/pnp/pnpjs/issues/1033> and
/// <https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7153>.
#[derive(Debug)]
pub(super) enum Refusal {
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    UnsupportedMediaType,
    IfMatchMissing,
    IfMatchInvalid,
    Stale,
    /// An update of an archived plan. That it fails is documented, its status is not.
    Archived,
    Bad(String),
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    pub(super) fn answer(&self, request_id: &str) -> Answer {
        let (status, message) = match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, None),
            Self::Forbidden => (StatusCode::FORBIDDEN, None),
            Self::NotFound => (StatusCode::NOT_FOUND, None),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, None),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
            Self::IfMatchMissing => {
                (StatusCode::PRECONDITION_FAILED, Some("The If-Match header must be specified for this kind of request."))
            }
            Self::IfMatchInvalid => (StatusCode::BAD_REQUEST, Some("The If-Match header contains an invalid value.")),
            Self::Stale => (StatusCode::PRECONDITION_FAILED, None),
            Self::Archived => (StatusCode::FORBIDDEN, Some("The plan is archived and can only be read.")),
            Self::Bad(message) => (StatusCode::BAD_REQUEST, Some(message.as_str())),
        };
        any(status, message, request_id)
    }
}

/// An error of any status in Graph's shape: <https://learn.microsoft.com/en-us/graph/errors>.
pub(super) fn any(status: StatusCode, message: Option<&str>, request_id: &str) -> Answer {
    let (code, usual) = match status.as_u16() {
        400 => ("", "The request is invalid."),
        401 => ("InvalidAuthenticationToken", "Access token validation failure."),
        403 => ("", "You do not have the required permissions to access this item."),
        404 => ("", "The requested item is not found."),
        405 => ("", "The method is not allowed on this resource."),
        409 | 412 => ("", "The If-Match header does not match the current version of the item."),
        413 => ("", "The request is too large."),
        415 => ("", "The content type of the request is not supported."),
        // The one captured throttling answer has this code and no message.
        429 => ("UnknownError", ""),
        503 => ("", "The service is temporarily unavailable."),
        _ => ("", "The service failed to process the request."),
    };
    let date = Precision::Seconds.now();
    let body = json!({
        "error": {
            "code": code,
            "message": message.unwrap_or(usual),
            "innerError": { "request-id": request_id, "date": date.trim_end_matches('Z') },
        },
    });
    let answer = Answer::text(status, "application/json", body.to_string());
    if status == StatusCode::TOO_MANY_REQUESTS { answer.with_header("retry-after", RETRY_AFTER) } else { answer }
}
