use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// Why Insightly refuses a request: the codes of <https://api.na1.insightly.com/v3.1/swagger/docs/v3.1>.
#[derive(Debug)]
pub(super) enum Refusal {
    BadRequest(String),
    Unauthorized,
    Forbidden,
    NotFound,
    /// 417: what was to be deleted is not there.
    DeleteFailed,
    /// This one and the next are not among the documented answers; what HTTP says.
    MethodNotAllowed,
    UnsupportedMediaType,
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::BadRequest(message.into())
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::BadRequest(message) => any(StatusCode::BAD_REQUEST, Some(&message)),
            Self::Unauthorized => any(StatusCode::UNAUTHORIZED, None),
            Self::Forbidden => any(StatusCode::FORBIDDEN, None),
            Self::NotFound => any(StatusCode::NOT_FOUND, None),
            Self::DeleteFailed => any(StatusCode::EXPECTATION_FAILED, None),
            Self::MethodNotAllowed => any(StatusCode::METHOD_NOT_ALLOWED, None),
            Self::UnsupportedMediaType => any(StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
        }
    }
}

/// An error of any status in Insightly's shape, which clients report
/// (<https://github.com/leapforce-dev/lib-go-insightly>) and which may be missing, as here where there are no words.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    let usual = match status.as_u16() {
        400 => "Data validation error.",
        402 => "Record limit reached.",
        429 => "Rate limit exceeded.",
        500.. => "The request failed.",
        _ => "",
    };
    match message.unwrap_or(usual) {
        "" => Answer::empty(status),
        message => Answer::json(status, &json!({ "Name": status.canonical_reason(), "Message": message })),
    }
}
