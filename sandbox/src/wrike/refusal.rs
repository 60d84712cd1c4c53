use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// Why Wrike refuses a request: the codes of <https://developers.wrike.com/documentation/>.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("User is not authorized")]
    NotAuthorized,
    #[error("Access to requested entity is denied for user")]
    AccessForbidden,
    #[error("{0}")]
    InvalidRequest(String),
    #[error("Parameter '{0}' has an invalid value")]
    InvalidParameter(String),
    #[error("Required parameter '{0}' is missing")]
    ParameterRequired(&'static str),
    #[error("Requested entity is not found")]
    ResourceNotFound,
    #[error("Requested method is not found")]
    MethodNotFound,
}

impl Refusal {
    pub(super) fn request(description: impl Into<String>) -> Self {
        Self::InvalidRequest(description.into())
    }

    pub(super) fn parameter(name: &str) -> Self {
        Self::InvalidParameter(name.to_owned())
    }

    pub(super) fn answer(&self) -> Answer {
        let (status, code) = match self {
            Self::NotAuthorized => (StatusCode::UNAUTHORIZED, "not_authorized"),
            Self::AccessForbidden => (StatusCode::FORBIDDEN, "access_forbidden"),
            Self::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidParameter(_) => (StatusCode::BAD_REQUEST, "invalid_parameter"),
            Self::ParameterRequired(_) => (StatusCode::BAD_REQUEST, "parameter_required"),
            Self::ResourceNotFound => (StatusCode::NOT_FOUND, "resource_not_found"),
            Self::MethodNotFound => (StatusCode::NOT_FOUND, "method_not_found"),
        };
        body(status, code, &self.to_string())
    }
}

/// An error of any status in Wrike's shape. The codes for 429 and 500 are not on the page of errors; these are the
/// names that clients of the API report.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    let (code, usual) = match status.as_u16() {
        401 => ("not_authorized", "User is not authorized"),
        403 => ("access_forbidden", "Access to requested entity is denied for user"),
        404 => ("resource_not_found", "Requested entity is not found"),
        429 => ("too_many_requests", "Rate limit exceeded"),
        500.. => ("server_error", "Server error"),
        _ => ("invalid_request", "Request is invalid"),
    };
    body(status, code, message.unwrap_or(usual))
}

fn body(status: StatusCode, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({ "errorDescription": description, "error": code }))
}
