//! Tags and custom fields: collections in which a write adds and removes single items
//! (<https://developer.capsulecrm.com/v2/overview/writing-to-the-api>).

use patchboard_sdk::value::text;
use patchboard_sdk::{Error, Given, Operation, Request, pointer};
use serde_json::{Value, json};

use crate::request::number;
use crate::state::State;

/// A tag that was asked for. An id says more than a name.
#[derive(Debug, PartialEq, Eq)]
enum Tag {
    Id(i64),
    Name(String),
}

impl Tag {
    fn of(value: &Value, field: &str) -> Result<Self, Error> {
        if let Some(id) = value.get("id").and_then(Value::as_str) {
            return Ok(Self::Id(number(id, &format!("{field}/id"))?));
        }
        let name = value.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
        name.map(|name| Self::Name(name.to_owned())).ok_or_else(|| Error::field(field, "needs an id or a name"))
    }

    /// Capsule finds a tag by its name whatever the case.
    fn is(&self, attached: &Value) -> bool {
        match self {
            Self::Id(id) => attached.get("id").and_then(text).is_some_and(|attached| attached == id.to_string()),
            Self::Name(name) => {
                attached.get("name").and_then(Value::as_str).is_some_and(|attached| attached.to_lowercase() == name.to_lowercase())
            }
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(two)) => one.to_lowercase() == two.to_lowercase(),
            (one, two) => one == two,
        }
    }

    fn native(&self) -> Value {
        match self {
            Self::Id(id) => json!({"id": id}),
            Self::Name(name) => json!({"name": name}),
        }
    }
}

/// What has to be attached and detached so that the given tags are all there are.
pub(crate) fn tags(request: &Request, state: &State) -> Result<Vec<Value>, Error> {
    let wanted = wanted(request)?;
    if request.given("tags") == Given::Absent {
        return Ok(Vec::new());
    }
    let attached = state.tags();
    let add = wanted.iter().filter(|tag| !attached.iter().any(|attached| tag.is(attached))).map(Tag::native);
    let gone = attached.iter().filter(|attached| !wanted.iter().any(|tag| tag.is(attached)));
    let remove = gone.filter_map(|attached| attached.get("id")).map(|id| json!({"id": id, "_delete": true}));
    Ok(add.chain(remove).collect())
}

fn wanted(request: &Request) -> Result<Vec<Tag>, Error> {
    let mut wanted: Vec<Tag> = Vec::new();
    let given = request.fields.get("tags").and_then(Value::as_array);
    for (index, value) in given.into_iter().flatten().enumerate() {
        let tag = Tag::of(value, &format!("/tags/{index}"))?;
        if !wanted.iter().any(|other| other.same(&tag)) {
            wanted.push(tag);
        }
    }
    Ok(wanted)
}

/// Whether the tags that are attached have to be read first.
pub(crate) fn replaces_tags(request: &Request) -> bool {
    request.operation == Operation::Update && request.given("tags") != Given::Absent
}

fn given_fields(request: &Request) -> impl Iterator<Item = (&String, &Value)> {
    request.fields.get("custom_fields").and_then(Value::as_object).into_iter().flatten()
}

/// A key of digits is the id of a field's definition, any other its name.
fn is_id(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the definitions have to be read to know a field by its name.
pub(crate) fn names_fields(request: &Request) -> bool {
    given_fields(request).any(|(key, _)| !is_id(key))
}

/// Of some definitions, those that the request names.
pub(crate) fn named(request: &Request, definitions: &[Value]) -> Vec<Value> {
    let name = |definition: &Value| definition.get("name").and_then(Value::as_str).map(str::to_owned);
    let asked = |definition: &&Value| name(definition).is_some_and(|name| given_fields(request).any(|(key, _)| *key == name));
    definitions.iter().filter(asked).map(|definition| json!({"id": definition.get("id"), "name": name(definition)})).collect()
}

/// `{"definition":{"id":926886},"value":…}`: sets the value whether or not there is one;
/// `null` clears it.
pub(crate) fn fields(request: &Request, state: &State) -> Result<Vec<Value>, Error> {
    given_fields(request).map(|(key, value)| Ok(json!({"definition": {"id": definition(key, state)?}, "value": value}))).collect()
}

fn definition(key: &str, state: &State) -> Result<i64, Error> {
    let field = pointer("/custom_fields", key);
    if is_id(key) {
        return number(key, &field);
    }
    let found = |definition: &&Value| definition.get("name").and_then(Value::as_str) == Some(key);
    let mut ids = state.definitions.items.iter().filter(found).filter_map(|definition| definition.get("id").and_then(text));
    match (ids.next(), ids.next()) {
        (Some(id), None) => number(&id, &field),
        (Some(_), Some(_)) => Err(Error::field(field, "is the name of several of Capsule's project fields; give the id of one")),
        (None, _) => Err(Error::field(field, "is neither the name nor the id of a project field of Capsule's")),
    }
}

/// Refuses what cannot be mapped whatever is read, before anything is.
pub(crate) fn check(request: &Request) -> Result<(), Error> {
    wanted(request)?;
    given_fields(request).filter(|(key, _)| is_id(key)).try_for_each(|(key, _)| definition(key, &State::default()).map(|_| ()))
}
