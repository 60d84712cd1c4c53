//! People, a made-up provider: a unified person (`models/hr/people.json`) is a person of its
//! API, under other names.

use patchboard_sdk::{Account, Error, Exchange, Operation, Plugin, Rejection, Request, Response, Step, Unified, segment};
use serde_json::{Map, Value};

/// The mapping between unified people and the provider's.
#[derive(Debug)]
pub struct People;

impl Plugin for People {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        match request.operation {
            Operation::Update => {
                let path = format!("/persons/{}", segment(request.id()));
                Ok(Exchange::patch("update_person", path).json(body(request)).answers())
            }
            other => Err(Error::Unsupported(format!("{other:?} is not mapped"))),
        }
    }

    fn map_response(_account: &Account, _request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        if !response.is_success() {
            let body = response.json().unwrap_or_default();
            let message = body.get("error").and_then(Value::as_str).unwrap_or_default();
            return Err(Rejection::of_status(response.status).message(message).into());
        }
        let person = response.json()?;
        if !person.is_object() {
            return Err(Error::Unreadable("it holds no person".to_owned()));
        }
        Ok(unified(&person).item("").into())
    }
}

patchboard_sdk::export!(People);

fn body(request: &Request) -> Map<String, Value> {
    let mut person = Map::new();
    request.rename("name", &mut person, "full_name");
    request.rename("email", &mut person, "mail");
    request.rename("badge", &mut person, "badge");
    request.rename("level", &mut person, "grade");
    request.rename("skills", &mut person, "abilities");
    if let Some(status) = request.text("status") {
        person.insert("left".to_owned(), (status == "left").into());
    }
    person
}

fn unified(person: &Value) -> Unified<'_> {
    let status = person.get("left").and_then(Value::as_bool).map(|left| if left { "left" } else { "active" });
    let id = person.get("id").and_then(Value::as_u64).map(|id| id.to_string());
    Unified::of(person)
        .set("id", id.map(Value::from))
        .take("name", "/full_name")
        .take("email", "/mail")
        .take("badge", "/badge")
        .take("level", "/grade")
        .take("skills", "/abilities")
        .set("status", status.map(Value::from))
}
