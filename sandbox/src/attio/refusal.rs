use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// When a 429 asks to come back.
const PAUSE: Duration = Duration::from_secs(10);

/// Why Attio refuses a request. The words are those of the examples in the core document,
/// <https://api.attio.com/openapi/api>; it has no codes for bodies of a wrong form, for what must be unique and for
/// tokens, so those are what clients report.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("The access token is missing or not valid.")]
    Unauthorized,
    #[error("The access token lacks the scope record_permission:read-write.")]
    Forbidden,
    #[error("Could not find the endpoint.")]
    NoSuchPath,
    #[error("The endpoint does not have this method.")]
    MethodNotAllowed,
    #[error("Object with slug/ID \"{0}\" not found.")]
    NoSuchObject(String),
    #[error("Record with ID \"{0}\" not found.")]
    NoSuchRecord(String),
    #[error("Cannot find attribute with slug/ID \"{0}\".")]
    NoSuchAttribute(String),
    #[error("No attribute was found for matching_attribute slug/ID \"{0}\".")]
    NoMatchingAttribute(String),
    #[error("Cannot find select attribute with select option title \"{0}\".")]
    NoSuchOption(String),
    #[error("Required value for attribute with ID \"{0}\" was not provided.")]
    MissingValue(&'static str),
    #[error("The value for attribute with ID \"{0}\" conflicts with one already in the system.")]
    NotUnique(&'static str),
    #[error("Several records have a value of the matching_attribute \"{0}\".")]
    SeveralMatches(&'static str),
    #[error("{0}")]
    Filter(String),
    #[error("{0}")]
    Bad(String),
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    pub(super) fn filter(message: impl Into<String>) -> Self {
        Self::Filter(message.into())
    }

    pub(super) fn answer(&self) -> Answer {
        let (status, code) = match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "unauthorized"),
            Self::NoSuchPath | Self::NoSuchObject(_) | Self::NoSuchRecord(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::NoSuchAttribute(_) | Self::NoMatchingAttribute(_) | Self::NoSuchOption(_) => (StatusCode::BAD_REQUEST, "value_not_found"),
            Self::MissingValue(_) => (StatusCode::BAD_REQUEST, "missing_value"),
            Self::NotUnique(_) => (StatusCode::BAD_REQUEST, "uniqueness_conflict"),
            Self::SeveralMatches(_) => (StatusCode::BAD_REQUEST, "multiple_match_results"),
            Self::Filter(_) => (StatusCode::BAD_REQUEST, "filter_error"),
            Self::Bad(_) => (StatusCode::BAD_REQUEST, "validation_type"),
        };
        body(status, code, &self.to_string())
    }
}

/// An error of any status in Attio's shape.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    let (code, usual) = match status.as_u16() {
        401 | 403 => ("unauthorized", "The access token is not valid for this."),
        404 => ("not_found", "Not found."),
        405 => ("method_not_allowed", "The endpoint does not have this method."),
        413 => ("payload_too_large", "The body is too large."),
        429 => ("rate_limit_exceeded", "Rate limit exceeded, please try again later"),
        500.. => ("internal_error", "Something went wrong."),
        _ => ("validation_type", "The request is not valid."),
    };
    let answer = body(status, code, message.unwrap_or(usual));
    if status != StatusCode::TOO_MANY_REQUESTS {
        return answer;
    }
    // A date, not seconds: https://docs.attio.com/rest-api/guides/rate-limiting
    answer.with_header("retry-after", &httpdate::fmt_http_date(SystemTime::now() + PAUSE))
}

fn body(status: StatusCode, code: &str, message: &str) -> Answer {
    let kind = match status.as_u16() {
        401 | 403 => "auth_error",
        429 => "rate_limit_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    Answer::json(status, &json!({ "status_code": status.as_u16(), "type": kind, "code": code, "message": message }))
}
