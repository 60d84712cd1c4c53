use http::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// Why Teamleader refuses a request: `src/introduction.apib` of <https://github.com/teamleadercrm/api>.
#[derive(Debug)]
pub(super) enum Refusal {
    Unauthorized,
    Forbidden,
    /// A call of the module that the account does not have. What it is answered is documented nowhere.
    OtherModule,
    NotFound,
    MethodNotAllowed,
    Bad {
        title: String,
        field: Option<String>,
    },
}

impl Refusal {
    /// A 400 for the whole body.
    pub(super) fn body(title: impl Into<String>) -> Self {
        Self::Bad { title: title.into(), field: None }
    }

    /// A 400 for a member; the title goes on where its name ends.
    pub(super) fn field(field: &str, title: &str) -> Self {
        Self::Bad { title: format!("{field} {title}"), field: Some(field.to_owned()) }
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::Unauthorized => any(StatusCode::UNAUTHORIZED, None),
            Self::Forbidden => any(StatusCode::FORBIDDEN, None),
            Self::OtherModule => any(StatusCode::FORBIDDEN, Some("This projects module is not enabled for the account")),
            Self::NotFound => any(StatusCode::NOT_FOUND, None),
            Self::MethodNotAllowed => any(StatusCode::METHOD_NOT_ALLOWED, None),
            Self::Bad { title, field: None } => any(StatusCode::BAD_REQUEST, Some(&title)),
            Self::Bad { title, field: Some(field) } => {
                let error = json!({ "code": 0, "title": title, "status": 400, "meta": { "field": field } });
                Answer::json(StatusCode::BAD_REQUEST, &json!({ "errors": [error] }))
            }
        }
    }
}

/// An error of any status in Teamleader's shape.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    let usual = match status.as_u16() {
        404 => "Not found",
        429 => "Too many requests",
        _ => status.canonical_reason().unwrap_or("Error"),
    };
    Answer::json(status, &json!({ "errors": [{ "title": message.unwrap_or(usual), "status": status.as_u16() }] }))
}
