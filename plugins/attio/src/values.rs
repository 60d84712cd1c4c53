//! Unified fields as the values of a record. Every value is written as an array: Attio
//! takes one for each attribute, its OpenAPI document nothing else.

use patchboard_sdk::{Error, Request};
use serde_json::{Map, Value};

/// The attribute that holds the customer's own id.
pub(crate) const WORKSPACE_ID: &str = "workspace_id";

/// The standard attributes that hold one value. Whether a custom one holds several is
/// known to Attio alone.
const SINGLE: [&str; 4] = [WORKSPACE_ID, "name", "avatar_url", "company"];

/// The values of a new record.
pub(crate) fn of(request: &Request) -> Result<Map<String, Value>, Error> {
    let mut values: Map<String, Value> = request.fields.get("name").map(|name| ("name".to_owned(), array(name))).into_iter().collect();
    for (slug, value) in request.fields.get("custom_fields").and_then(Value::as_object).into_iter().flatten() {
        if slug == "name" {
            return Err(Error::field("/custom_fields/name", "is the field name: give it there"));
        }
        values.insert(slug.clone(), array(value));
    }
    Ok(values)
}

/// The values of a change.
pub(crate) fn of_update(request: &Request) -> Result<Map<String, Value>, Error> {
    let values = of(request)?;
    if values.contains_key(WORKSPACE_ID) {
        return Err(Error::field(pointer(WORKSPACE_ID), "says which workspace it is and cannot be changed by an update"));
    }
    Ok(values)
}

/// The values of a record that may exist: the matching attribute's is among them.
pub(crate) fn of_upsert(request: &Request, attribute: &str) -> Result<Map<String, Value>, Error> {
    if attribute.is_empty() {
        return Err(Error::field("?matching_attribute", "must name an attribute"));
    }
    let values = of(request)?;
    if values.get(attribute).is_none_or(says_nothing) {
        return Err(Error::field(pointer(attribute), "is required: its value finds the workspace"));
    }
    Ok(values)
}

/// Whether an attribute is among them that may hold several values.
pub(crate) fn may_hold_many(values: &Map<String, Value>) -> bool {
    let one = |value: &Value| value.as_array().is_some_and(|list| list.len() == 1);
    values.iter().any(|(slug, value)| !SINGLE.contains(&slug.as_str()) || !one(value))
}

/// The custom fields that were given to be cleared.
pub(crate) fn cleared(request: &Request) -> impl Iterator<Item = &str> {
    let given = request.fields.get("custom_fields").and_then(Value::as_object).into_iter().flatten();
    given.filter(|(_, value)| is_empty(&array(value))).map(|(slug, _)| slug.as_str())
}

/// Where a caller gives an attribute.
pub(crate) fn pointer(slug: &str) -> String {
    if slug == "name" { "/name".to_owned() } else { patchboard_sdk::pointer("/custom_fields", slug) }
}

fn array(value: &Value) -> Value {
    match value {
        Value::Null => Value::Array(Vec::new()),
        Value::Array(_) => value.clone(),
        one => Value::Array(vec![one.clone()]),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

fn says_nothing(value: &Value) -> bool {
    value.as_array().into_iter().flatten().all(|value| value.is_null() || value.as_str() == Some(""))
}
