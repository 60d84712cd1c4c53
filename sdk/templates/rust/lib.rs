//! {{title}}: a unified workspace is a space (<https://api.example.com/docs>).

use patchboard_sdk::{Account, Error, Exchange, FieldError, Operation, Plugin, Rejection, Request, Response, Step, Unified, segment};
use serde_json::{Map, Value};

struct Mapping;

impl Plugin for Mapping {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    // The native request of a unified one. `request` holds the fields that the caller gave, and nothing else.
    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        match request.operation {
            Operation::Update => {
                let path = format!("/spaces/{}", segment(request.id()));
                Ok(Exchange::patch("update_space", path).json(body(request)).answers())
            }
            other => Err(Error::Unsupported(format!("{other:?} is not mapped"))),
        }
    }

    // The unified answer of a native one.
    fn map_response(_account: &Account, _request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        if !response.is_success() {
            return Err(refusal(response).into());
        }
        let space = response.json()?;
        if !space.is_object() {
            return Err(Error::Unreadable("it holds no space".to_owned()));
        }
        Ok(workspace(&space).item("").into())
    }
}

patchboard_sdk::export!(Mapping);

fn body(request: &Request) -> Map<String, Value> {
    let mut space = Map::new();
    request.rename("name", &mut space, "title");
    request.rename("description", &mut space, "text");
    if let Some(status) = request.text("status") {
        space.insert("archived".to_owned(), (status == "inactive").into());
    }
    space
}

fn workspace(space: &Value) -> Unified<'_> {
    let status = space.get("archived").and_then(Value::as_bool).map(|archived| if archived { "inactive" } else { "active" });
    Unified::of(space)
        // An id is a text, whatever the provider takes it for.
        .set("id", space.get("id").and_then(text).map(Value::from))
        .take("name", "/title")
        .take("description", "/text")
        .set("status", status.map(Value::from))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `{"error": {"code": "…", "message": "…", "fields": {"title": "…"}}}`, or, from what stands before the API, anything.
fn refusal(response: &Response) -> Rejection {
    let body = response.json().unwrap_or_default();
    let said = |name: &str| body.pointer("/error").and_then(|error| error.get(name)?.as_str());
    let mut rejection = Rejection::of_status(response.status).code(said("code")).message(said("message").unwrap_or_default());
    for (name, why) in body.pointer("/error/fields").and_then(Value::as_object).into_iter().flatten() {
        let path = match name.as_str() {
            "title" => "/name".to_owned(),
            "text" => "/description".to_owned(),
            "archived" => "/status".to_owned(),
            other => format!("/remote_data/{other}"),
        };
        rejection.fields.push(FieldError { path, message: why.as_str().unwrap_or_default().to_owned() });
    }
    rejection
}
