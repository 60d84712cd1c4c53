//! Updates.
//!
//! Polyteia wants `name` with every update, and does not say whether `description` is
//! kept and `attributes` are merged when they are sent in part. So a change that is not
//! whole is read first and sent whole: right under either reading.

use patchboard_sdk::{Account, Error, Exchange, FieldError, Request, pointer};
use serde_json::{Map, Value};

use crate::request::{change, get, of_target};

/// The state of the read before an update.
pub(crate) const READ: &[u8] = b"read";
/// The state of the update after that read.
pub(crate) const AFTER_READ: &[u8] = b"after-read";

/// The update, or the read that it needs first.
pub(crate) fn first(account: &Account, request: &Request) -> Result<Exchange, Error> {
    let mut removals = Vec::new();
    if let Some(attributes) = request.fields.get("custom_fields") {
        find_removals("/custom_fields", attributes, &mut removals);
    }
    if !removals.is_empty() {
        return Err(Error::Invalid(removals));
    }
    if request.fields.contains_key("name") && !request.fields.contains_key("custom_fields") {
        Ok(update(account, request, &Map::new()))
    } else {
        Ok(get(request).state(READ))
    }
}

/// The update of a workspace that was read.
pub(crate) fn after(account: &Account, request: &Request, current: &Map<String, Value>) -> Result<Exchange, Error> {
    if request.text("name").or_else(|| current.get("name").and_then(Value::as_str)).is_none() {
        return Err(Error::Unreadable("its `data` holds no name".to_owned()));
    }
    Ok(update(account, request, current).state(AFTER_READ))
}

/// `update_workspace`, with what is not given as it is now.
fn update(account: &Account, request: &Request, current: &Map<String, Value>) -> Exchange {
    let mut params = of_target(request);
    let now = |name: &str| current.get(name).filter(|value| !value.is_null());
    for field in ["name", "description"] {
        if let Some(value) = request.fields.get(field).or_else(|| now(field)) {
            params.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(given) = request.fields.get("custom_fields").and_then(Value::as_object) {
        let mut attributes = now("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
        merge(&mut attributes, given);
        params.insert("attributes".to_owned(), attributes.into());
    }
    change(account, "update_workspace", params).answers()
}

/// Objects deep, anything else replaced (RFC 7396; there are no removals here).
fn merge(current: &mut Map<String, Value>, given: &Map<String, Value>) {
    for (name, value) in given {
        match (current.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(given)) => merge(inner, given),
            _ => {
                current.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Every member that a merge patch removes. What stands in an array is a value.
fn find_removals(path: &str, value: &Value, found: &mut Vec<FieldError>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = pointer(path, name);
        if value.is_null() {
            let message = "cannot be removed at Polyteia: an update only adds and replaces attributes".to_owned();
            found.push(FieldError { path, message });
        } else {
            find_removals(&path, value, found);
        }
    }
}
