//! A plugin for the draft of the next version of the contract, against its bindings alone:
//! the SDK speaks the published one. It is what shows that a server runs both.

use bindings::exports::patchboard::provider::mapper::{
    Account, Answer, Content, Exchange, Guest, HttpRequest, HttpResponse, Item, MappingError, NativeRef, Operation, Outcome, Pair,
    Rejection, RejectionClass, Step, UnifiedRequest,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

mod bindings {
    #![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated")]
    wit_bindgen::generate!({ path: "../../wit/next", world: "provider" });

    #[cfg(target_arch = "wasm32")]
    export!(Component with_types_in self);
    #[cfg(target_arch = "wasm32")]
    type Component = super::Next;
}

/// The mapping between unified workspaces and rooms, which have a label and a version.
#[derive(Debug)]
pub struct Next;

impl Guest for Next {
    fn describe() -> String {
        include_str!("../manifest.json").to_owned()
    }

    fn map_request(_account: Account, request: UnifiedRequest) -> Result<Exchange, MappingError> {
        if request.params.iter().any(|param| param.name == "etag") {
            return Err(MappingError::Unsupported("the etag came as a parameter".to_owned()));
        }
        let (Operation::Update, Some(id)) = (request.target.operation, &request.target.id) else {
            return Err(MappingError::Unsupported("only updates are mapped".to_owned()));
        };
        let etag = request.etag.map(|value| Pair { name: "if-match".to_owned(), value });
        Ok(Exchange {
            call: "update_room".to_owned(),
            request: HttpRequest {
                method: "PATCH".to_owned(),
                path: format!("/rooms/{}", utf8_percent_encode(id, NON_ALPHANUMERIC)),
                query: Vec::new(),
                headers: etag.into_iter().collect(),
                content: Content::Json(room(request.body.as_deref()).to_string()),
            },
            answers: true,
            state: Vec::new(),
            known: None,
            warnings: Vec::new(),
        })
    }

    fn map_response(_account: Account, _request: UnifiedRequest, _state: Vec<u8>, response: HttpResponse) -> Result<Step, MappingError> {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if !(200..300).contains(&response.status) {
            return Err(MappingError::Rejected(rejection(response.status, &body)));
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let Some(id) = text("id") else {
            return Err(MappingError::Unreadable("it holds no room".to_owned()));
        };
        let mut unified = Map::from_iter([("id".to_owned(), json!(id))]);
        for (field, value) in [("name", text("label")), ("etag", text("version"))] {
            unified.extend(value.map(|value| (field.to_owned(), json!(value))));
        }
        let item = Item {
            body: Value::Object(unified).to_string(),
            native: Some(NativeRef { exchange: 0, pointer: String::new() }),
            etag: text("version").map(str::to_owned),
        };
        Ok(Step::Finish(Outcome { answer: Answer::Item(item), warnings: Vec::new() }))
    }
}

/// The fields that were given, under the provider's names.
fn room(body: Option<&str>) -> Value {
    let fields: Map<String, Value> = body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    Value::Object(fields.get("name").map(|name| ("label".to_owned(), name.clone())).into_iter().collect())
}

fn rejection(status: u16, body: &Value) -> Rejection {
    let class = match status {
        400 | 422 => RejectionClass::Invalid,
        401 => RejectionClass::Unauthorized,
        403 => RejectionClass::Forbidden,
        404 => RejectionClass::NotFound,
        409 => RejectionClass::Conflict,
        412 => RejectionClass::Stale,
        429 => RejectionClass::RateLimited,
        503 => RejectionClass::Unavailable,
        _ => RejectionClass::Other,
    };
    let message = body.get("error").and_then(Value::as_str).unwrap_or_default().to_owned();
    Rejection { class, status: None, code: None, message, fields: Vec::new() }
}
