//! A record as a unified workspace. Every attribute of a record is a list of values,
//! with former ones in some answers
//! (<https://docs.attio.com/docs/attribute-types>).

use patchboard_sdk::value::text;
use patchboard_sdk::{Error, Item, Unified};
use serde_json::{Map, Value};

use crate::IdMode;
use crate::values::WORKSPACE_ID;

/// What a value says about itself.
const ABOUT: [&str; 4] = ["active_from", "active_until", "created_by_actor", "attribute_type"];
/// Where the values of some types hold what is written to them.
const WRITTEN: [&str; 5] = ["/value", "/option/title", "/status/title", "/domain", "/email_address"];
/// The types of attributes that can hold several values.
const MANY: [&str; 6] = ["actor-reference", "domain", "email-address", "phone-number", "record-reference", "select"];

/// The record as a unified workspace. `known` is the id that the caller used.
pub(crate) fn item(id_mode: IdMode, record: &Value, pointer: &str, known: Option<&str>) -> Result<Item, Error> {
    if !record.is_object() {
        return Err(Error::Unreadable(format!("what stands at {pointer:?} is no record")));
    }
    let id = match id_mode {
        IdMode::RecordId => record.pointer("/id/record_id").and_then(text),
        IdMode::WorkspaceId => workspace_id(record),
    };
    let id = id.or_else(|| known.map(str::to_owned));
    if id.is_none() && id_mode == IdMode::RecordId {
        return Err(Error::Unreadable(format!("the record at {pointer:?} has no id")));
    }
    let unified = Unified::of(record)
        .set("id", id.map(Value::from))
        .set("name", attribute(record, "name").map(Value::from))
        .set("custom_fields", custom_fields(record))
        .date("created_at", "/created_at");
    Ok(unified.item(pointer))
}

/// The customer's own id.
pub(crate) fn workspace_id(record: &Value) -> Option<String> {
    attribute(record, WORKSPACE_ID)
}

fn attribute(record: &Value, slug: &str) -> Option<String> {
    let values = current(record.get("values")?.get(slug)?);
    values.first().and_then(|value| text(&plain(value)))
}

/// Every attribute without a unified field, by slug.
fn custom_fields(record: &Value) -> Option<Value> {
    let values = record.get("values").and_then(Value::as_object)?;
    let others = values.iter().filter(|(slug, _)| !["name", WORKSPACE_ID].contains(&slug.as_str()));
    let fields: Map<String, Value> =
        others.filter_map(|(slug, values)| custom_field(slug, values).map(|value| (slug.clone(), value))).collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}

/// One value, or a list where there can be several: a list stays one, however many
/// values there are.
fn custom_field(slug: &str, values: &Value) -> Option<Value> {
    let values = current(values);
    let of_many = |value: &&Value| value.get("attribute_type").and_then(Value::as_str).is_some_and(|kind| MANY.contains(&kind));
    let many = slug == "users" || (slug != "company" && values.first().is_some_and(of_many));
    let mut plain: Vec<Value> = values.into_iter().map(plain).filter(|value| !value.is_null()).collect();
    match plain.len() {
        0 => None,
        1 if !many => plain.pop(),
        _ => Some(Value::Array(plain)),
    }
}

/// The values that are not over; the first one, where all are.
fn current(values: &Value) -> Vec<&Value> {
    let Some(list) = values.as_array() else { return vec![values] };
    let active: Vec<&Value> = list.iter().filter(|value| value.get("active_until").is_none_or(Value::is_null)).collect();
    if active.is_empty() { list.first().into_iter().collect() } else { active }
}

/// A value as it is written.
fn plain(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    if let Some(written) = WRITTEN.iter().find_map(|pointer| value.pointer(pointer)) {
        return written.clone();
    }
    let rest = members.iter().filter(|(name, _)| !ABOUT.contains(&name.as_str()));
    Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect())
}
