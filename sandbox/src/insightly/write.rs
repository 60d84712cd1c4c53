//! What a write does to a project: the request's members in <https://api.na1.insightly.com/v3.1/swagger/docs/v3.1>.

use serde_json::Value;

use super::refusal::Refusal;
use super::seeds::CATEGORIES;
use super::{Related, collections, dates};
use crate::exchange::NativeRequest;
use crate::objects::Object;

const STATUSES: [&str; 6] = ["NOT STARTED", "IN PROGRESS", "DEFERRED", "CANCELLED", "ABANDONED", "COMPLETED"];

const LONGEST_NAME: usize = 255;
const LONGEST_DETAILS: usize = 4_000;

/// The body, which is JSON of any kind.
pub(super) fn json(request: &NativeRequest) -> Result<Value, Refusal> {
    if !request.says_json() && !request.body.is_empty() {
        return Err(Refusal::UnsupportedMediaType);
    }
    serde_json::from_slice(&request.body).map_err(|error| Refusal::bad(format!("The body is not JSON: {error}")))
}

/// The body, which is an object.
pub(super) fn body(request: &NativeRequest) -> Result<Object, Refusal> {
    match json(request)? {
        Value::Object(members) => Ok(members),
        _ => Err(Refusal::bad("The body must be a JSON object")),
    }
}

/// Refuses a new project that lacks something.
pub(super) fn check_new(body: &Object) -> Result<(), Refusal> {
    match ["PROJECT_NAME", "STATUS"].into_iter().find(|name| !body.contains_key(*name)) {
        Some(name) => Err(Refusal::bad(format!("{name} is required"))),
        None => Ok(()),
    }
}

/// Changes a project as the members say.
pub(super) fn apply(project: &mut Object, body: &Object, related: &mut Related) -> Result<(), Refusal> {
    for (name, value) in body {
        let value = match name.as_str() {
            "PROJECT_NAME" if is_empty(value) => return Err(Refusal::bad("PROJECT_NAME is required")),
            "PROJECT_NAME" => text(name, value, LONGEST_NAME)?,
            "STATUS" => status(value)?,
            "PROJECT_DETAILS" => nullable(value, |value| text(name, value, LONGEST_DETAILS))?,
            "IMAGE_URL" => nullable(value, |value| text(name, value, LONGEST_NAME))?,
            "STARTED_DATE" | "COMPLETED_DATE" => nullable(value, |value| date(name, value))?,
            "CATEGORY_ID" => nullable(value, |value| known(name, value, |id| CATEGORIES.contains(&id)))?,
            "OWNER_USER_ID" | "RESPONSIBLE_USER_ID" => {
                nullable(value, |value| known(name, value, |id| related.users.get(&id.to_string()).is_some()))?
            }
            "CUSTOMFIELDS" => nullable(value, |value| collections::fields(project, value))?,
            "TAGS" => collections::tags(value)?,
            "LINKS" => collections::links(project, value, related)?,
            "PROJECT_ID"
            | "OPPORTUNITY_ID"
            | "PIPELINE_ID"
            | "STAGE_ID"
            | "DATE_CREATED_UTC"
            | "DATE_UPDATED_UTC"
            | "LAST_ACTIVITY_DATE_UTC"
            | "NEXT_ACTIVITY_DATE_UTC"
            | "CREATED_USER_ID"
            | "LINKED_EMAIL_ADDRESS" => {
                return Err(Refusal::bad(format!("{name} cannot be written")));
            }
            _ => return Err(Refusal::bad(format!("There is no field {name}"))),
        };
        // A null in place of the custom fields names none, and those that are not named stay.
        if name != "CUSTOMFIELDS" || !value.is_null() {
            project.insert(name.clone(), value);
        }
    }
    Ok(())
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn nullable(value: &Value, read: impl FnOnce(&Value) -> Result<Value, Refusal>) -> Result<Value, Refusal> {
    if value.is_null() { Ok(Value::Null) } else { read(value) }
}

/// A text of that many characters at most.
pub(super) fn text(name: &str, value: &Value, longest: usize) -> Result<Value, Refusal> {
    match value {
        Value::String(text) if text.chars().count() <= longest => Ok(value.clone()),
        Value::String(_) => Err(Refusal::bad(format!("{name} must have at most {longest} characters"))),
        _ => Err(Refusal::bad(format!("{name} must be a string"))),
    }
}

/// A status is written in any case and kept in upper case.
fn status(value: &Value) -> Result<Value, Refusal> {
    let asked = value.as_str().unwrap_or_default().to_uppercase();
    match STATUSES.into_iter().find(|status| *status == asked) {
        Some(status) => Ok(status.into()),
        None => Err(Refusal::bad("STATUS is not valid")),
    }
}

pub(super) fn date(name: &str, value: &Value) -> Result<Value, Refusal> {
    let kept = value.as_str().and_then(dates::kept);
    kept.map(Value::from).ok_or_else(|| Refusal::bad(format!("{name} is not a date")))
}

/// The id of something that is there.
pub(super) fn known(name: &str, value: &Value, is: impl FnOnce(u64) -> bool) -> Result<Value, Refusal> {
    match value.as_u64() {
        Some(id) if is(id) => Ok(value.clone()),
        Some(id) => Err(Refusal::bad(format!("{name} {id} does not exist"))),
        None => Err(Refusal::bad(format!("{name} must be a number"))),
    }
}
