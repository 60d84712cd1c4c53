//! What a write does to a project: <https://developer.capsulecrm.com/v2/models/project>.

use serde_json::Value;

use super::collections;
use super::refusal::{Fault, Refusal};
use super::related::{Related, by_id, referred};
use super::seeds::MEMBERS;
use crate::exchange::NativeRequest;
use crate::objects::{Object, text};
use crate::timestamps::{is_date, today};

/// The `kase` of a body.
pub(super) fn body(request: &NativeRequest) -> Result<Object, Refusal> {
    if !request.says_json() && !request.body.is_empty() {
        return Err(Refusal::UnsupportedMediaType);
    }
    let Ok(Value::Object(mut wrapper)) = serde_json::from_slice(&request.body) else {
        return Err(Refusal::Malformed("The body is not a JSON object".to_owned()));
    };
    let kase = wrapper.shift_remove("kase");
    if let Some(name) = wrapper.keys().next() {
        return Err(Refusal::invalid(name, format!("{name} is not known")));
    }
    match kase {
        Some(Value::Object(kase)) => Ok(kase),
        _ => Err(Refusal::required("kase")),
    }
}

/// Refuses a new project that lacks something.
pub(super) fn check_new(kase: &Object) -> Result<(), Refusal> {
    let absent = |name: &str| kase.get(name).is_none_or(Value::is_null);
    let mut faults: Vec<Fault> =
        ["name", "party"].into_iter().filter(|name| absent(name)).map(|name| Fault::new(name, format!("{name} is required"))).collect();
    if absent("owner") && absent("team") {
        faults.push(Fault::new("owner", "owner or team is required"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

/// Changes a project as the members say. Tags come last, for a new one is made in passing.
pub(super) fn apply(project: &mut Object, kase: &Object, related: &mut Related) -> Result<(), Refusal> {
    for (name, value) in kase {
        let value = match name.as_str() {
            "name" => filled(name, value)?,
            "description" => nullable(name, value, |_| true)?,
            "startOn" | "expectedCloseOn" => nullable(name, value, is_date)?,
            "status" => status(project, value)?,
            "party" if value.is_null() => return Err(Refusal::required("party")),
            "party" => referred(&related.parties, name, value)?.clone().into(),
            "opportunity" if value.is_null() => Value::Null,
            "opportunity" => referred(&related.opportunities, name, value)?.clone().into(),
            "stage" if value.is_object() => referred(&related.stages, name, value)?.clone().into(),
            "stage" => by_id(&related.stages, name, Some(value))?.clone().into(),
            "owner" | "team" | "fields" | "tags" => continue,
            "id" | "createdAt" | "updatedAt" | "closedOn" | "lastContactedAt" => {
                return Err(Refusal::invalid(name, format!("{name} is read-only")));
            }
            _ => return Err(Refusal::invalid(name, format!("{name} is not known"))),
        };
        project.insert(name.clone(), value);
    }
    owners(project, kase, related)?;
    if let Some(fields) = kase.get("fields") {
        collections::fields(project, fields, related)?;
    }
    if let Some(tags) = kase.get("tags") {
        collections::tags(project, tags, related)?;
    }
    Ok(())
}

/// Owner and team are written as a pair: when one of them is given, the other one is cleared unless it is given too.
/// <https://github.com/soil-dev/capsulemcp/blob/main/NOTES-ON-CAPSULE-API.md>
fn owners(project: &mut Object, kase: &Object, related: &Related) -> Result<(), Refusal> {
    let given = |name: &str| kase.get(name).filter(|value| !value.is_null());
    if !kase.contains_key("owner") && !kase.contains_key("team") {
        return Ok(());
    }
    let owner = given("owner").map(|value| referred(&related.users, "owner", value)).transpose()?;
    let team = given("team").map(|value| referred(&related.teams, "team", value)).transpose()?;
    match (owner, team) {
        (None, None) => return Err(Refusal::invalid("owner", "owner or team is required")),
        (Some(owner), Some(team)) if !is_member(owner, team) => {
            return Err(Refusal::invalid("owner", "owner must be a member of the team"));
        }
        _ => {}
    }
    for (name, value) in [("owner", owner), ("team", team)] {
        project.insert(name.to_owned(), value.cloned().map_or(Value::Null, Value::Object));
    }
    Ok(())
}

fn is_member(owner: &Object, team: &Object) -> bool {
    let id = |object: &Object| object.get("id").and_then(Value::as_u64);
    MEMBERS.iter().any(|(number, users)| id(team) == Some(*number) && id(owner).is_some_and(|user| users.contains(&user)))
}

/// The day of closing goes with the status.
fn status(project: &mut Object, value: &Value) -> Result<Value, Refusal> {
    let closed = text(project, "status") == Some("CLOSED");
    let closed_on = match value.as_str() {
        Some("CLOSED") if closed => return Ok(value.clone()),
        Some("CLOSED") => today().into(),
        Some("OPEN") => Value::Null,
        _ => return Err(Refusal::invalid("status", "status must be OPEN or CLOSED")),
    };
    project.insert("closedOn".to_owned(), closed_on);
    Ok(value.clone())
}

fn filled(name: &str, value: &Value) -> Result<Value, Refusal> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(value.clone()),
        Value::String(_) | Value::Null => Err(Refusal::required(name)),
        _ => Err(Refusal::invalid(name, format!("{name} must be a string"))),
    }
}

fn nullable(name: &str, value: &Value, takes: impl Fn(&str) -> bool) -> Result<Value, Refusal> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) if takes(text) => Ok(value.clone()),
        _ => Err(Refusal::invalid(name, format!("{name} has an invalid value"))),
    }
}
