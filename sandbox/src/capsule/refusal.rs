use http::StatusCode;
use serde_json::{Value, json};

use crate::exchange::Answer;

/// What is wrong with a member, for the `errors` of a 422.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    field: String,
}

/// Why Capsule refuses a request: <https://developer.capsulecrm.com/v2/overview/handling-api-responses>.
#[derive(Debug)]
pub(super) enum Refusal {
    TokenMissing,
    TokenInvalid,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    /// Not among the documented answers; what HTTP says for a type that is not taken.
    UnsupportedMediaType,
    Malformed(String),
    Invalid(Vec<Fault>),
}

impl Refusal {
    /// A 422 for one member.
    pub(super) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, message)])
    }

    /// A 422 for a member that has to be there.
    pub(super) fn required(field: &str) -> Self {
        Self::invalid(field, format!("{field} is required"))
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::TokenMissing => Answer::empty(StatusCode::UNAUTHORIZED).with_header("www-authenticate", "Bearer"),
            Self::TokenInvalid => any(StatusCode::UNAUTHORIZED, None),
            Self::Forbidden => any(StatusCode::FORBIDDEN, None),
            Self::NotFound => any(StatusCode::NOT_FOUND, None),
            Self::MethodNotAllowed => any(StatusCode::METHOD_NOT_ALLOWED, None),
            Self::UnsupportedMediaType => any(StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
            Self::Malformed(message) => any(StatusCode::BAD_REQUEST, Some(&message)),
            Self::Invalid(faults) => {
                let errors: Vec<Value> = faults.iter().map(Fault::to_json).collect();
                let body = json!({ "message": "Validation Failed", "errors": errors });
                Answer::json(StatusCode::UNPROCESSABLE_ENTITY, &body)
            }
        }
    }
}

impl Fault {
    pub(super) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { message: message.into(), field: field.to_owned() }
    }

    fn to_json(&self) -> Value {
        json!({ "message": self.message, "resource": "kase", "field": self.field })
    }
}

/// An error of any status in Capsule's shape. A 401 says more in its header than in its body, and a 403 says nothing.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    let body = match (status.as_u16(), message) {
        (401 | 403, None) => return with_challenge(Answer::empty(status)),
        (404, None) => json!({ "message": "Could not find resource" }),
        (405, None) => json!({ "message": "Method not allowed" }),
        (429, None) => json!({ "error": "rate limit reached" }),
        (_, message) => json!({ "message": message.unwrap_or_else(|| status.canonical_reason().unwrap_or("Error")) }),
    };
    with_challenge(Answer::json(status, &body))
}

fn with_challenge(answer: Answer) -> Answer {
    match answer.status {
        StatusCode::UNAUTHORIZED => answer.with_header("www-authenticate", "Bearer error=\"invalid_token\""),
        _ => answer,
    }
}
