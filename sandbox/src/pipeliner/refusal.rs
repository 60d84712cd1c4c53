use http::StatusCode;
use serde_json::{Value, json};

use crate::exchange::Answer;

/// What is wrong with an entity that was to be written.
#[derive(Debug)]
pub(super) enum Fault {
    /// A member that has to be there is missing, null or empty.
    Missing(String),
    /// A member has a value that it cannot have.
    Field { name: String, message: String },
}

/// Why Pipeliner refuses a request. The shapes are recorded ones:
/// <https://github.com/amp-labs/connectors/tree/main/providers/pipeliner/test>.
#[derive(Debug)]
pub(super) enum Refusal {
    Unauthorized,
    Forbidden,
    /// Beside every path that there is.
    NoSuchPath,
    UnknownType(String),
    NotFound,
    MethodNotAllowed,
    /// `ERROR_PARAMETER_INVALID`.
    Parameter(String),
    /// `ERROR_ENTITY_VALIDATION`.
    Entity {
        entity: &'static str,
        id: String,
        faults: Vec<Fault>,
    },
}

const PARAMETER_INVALID: u32 = 117;
const PARAMETER_MISSING: u32 = 119;
const UNKNOWN_TYPE: u32 = 2_006;
const ENTITY_VALIDATION: u32 = 40_000;
const FIELD_VALIDATION: u32 = 40_002;

impl Refusal {
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::Parameter(message.into())
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::Unauthorized => any(StatusCode::UNAUTHORIZED, None),
            Self::Forbidden => any(StatusCode::FORBIDDEN, None),
            Self::NoSuchPath => outside(StatusCode::NOT_FOUND, "The requested URL was not found on the server."),
            Self::MethodNotAllowed => outside(StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed for the requested URL."),
            Self::UnknownType(name) => {
                coded(StatusCode::NOT_FOUND, UNKNOWN_TYPE, "ERROR_UNKNOWN_TYPE", &format!("cannot determine entity type from {name}"))
            }
            Self::NotFound => coded(StatusCode::NOT_FOUND, UNKNOWN_TYPE, "ERROR_UNKNOWN_TYPE", "Entity not found."),
            Self::Parameter(message) => coded(StatusCode::BAD_REQUEST, PARAMETER_INVALID, "ERROR_PARAMETER_INVALID", &message),
            Self::Entity { entity, id, faults } => invalid(entity, &id, &faults),
        }
    }
}

/// An error of any status: what the reference requires of one, and a message. A 401 has no body.
pub(super) fn any(status: StatusCode, message: Option<&str>) -> Answer {
    if status == StatusCode::UNAUTHORIZED && message.is_none() {
        return Answer::empty(status).with_header("www-authenticate", "Basic realm=\"restapi\"");
    }
    let message = message.unwrap_or_else(|| status.canonical_reason().unwrap_or("Error"));
    Answer::json(status, &json!({ "message": message, "http_status": status.as_u16(), "success": false }))
}

/// What stands before the API answers so.
fn outside(status: StatusCode, message: &str) -> Answer {
    Answer::json(status, &json!({ "status": status.as_u16(), "message": message, "errorcode": null, "traceback": null }))
}

fn coded(status: StatusCode, code: u32, name: &str, message: &str) -> Answer {
    let body = json!({ "code": code, "name": name, "message": message, "http_status": status.as_u16(), "success": false });
    Answer::json(status, &body)
}

fn invalid(entity: &str, id: &str, faults: &[Fault]) -> Answer {
    let message: String = faults.iter().map(|fault| format!("\n{}", fault.message())).collect();
    let of_entity: Vec<Value> = faults.iter().filter(|fault| matches!(fault, Fault::Missing(_))).map(Fault::to_json).collect();
    let of_fields: Vec<Value> = faults.iter().filter(|fault| matches!(fault, Fault::Field { .. })).map(Fault::to_json).collect();
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let body = json!({
        "code": ENTITY_VALIDATION,
        "name": "ERROR_ENTITY_VALIDATION",
        "message": message,
        "entity_id": id,
        "entity_name": entity,
        "entity_errors": of_entity,
        "field_errors": of_fields,
        "step_checklist_errors": [],
        "entity_index": null,
        "http_status": status.as_u16(),
        "success": false,
    });
    Answer::json(status, &body)
}

impl Fault {
    pub(super) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::Field { name: name.to_owned(), message: message.into() }
    }

    fn message(&self) -> String {
        match self {
            Self::Missing(name) => format!("Non-null field '{name}' is null or empty."),
            Self::Field { message, .. } => message.clone(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Missing(_) => json!({ "code": PARAMETER_MISSING, "name": "ERROR_PARAMETER_MISSING", "message": self.message() }),
            Self::Field { name, message } => json!({
                "field_id": field_id(name),
                "field_name": name,
                "name": "ERROR_FIELD_VALIDATION",
                "code": FIELD_VALIDATION,
                "errors": [{
                    "code": PARAMETER_INVALID,
                    "name": "ERROR_PARAMETER_INVALID",
                    "message": message,
                    "field_id": field_id(name),
                    "field_name": name,
                }],
            }),
        }
    }
}

/// The id of a field: the same in every run.
fn field_id(name: &str) -> String {
    let number = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("200398aa-3921-0557-9bda-{:012x}", number & 0xffff_ffff_ffff)
}
