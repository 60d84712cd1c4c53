use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::Refusal;
use super::tenant::Tenant;
use crate::exchange::NativeRequest;
use crate::objects::{Object, text};

/// Where the groups are that a container's `url` names.
const GROUPS: &str = "https://graph.microsoft.com/v1.0/groups/";

/// What an update changes. `title` is the one property that the page lists
/// (<https://learn.microsoft.com/en-us/graph/api/plannerplan-update>).
pub(super) fn new_title(request: &NativeRequest) -> Result<String, Refusal> {
    let body = object(request)?;
    for name in body.keys() {
        match name.as_str() {
            "title" => {}
            "container" | "owner" | "createdBy" | "createdDateTime" | "id" => {
                return Err(Refusal::bad(format!("The property '{name}' cannot be changed.")));
            }
            _ => return Err(unknown(name)),
        }
    }
    title(&body)
}

/// The title and the container of a new plan.
pub(super) fn new_plan(request: &NativeRequest, tenant: &Tenant) -> Result<(String, Value), Refusal> {
    let body = object(request)?;
    let foreign = |name: &&String| !["title", "container"].contains(&name.as_str());
    if let Some(name) = body.keys().find(foreign) {
        return Err(unknown(name));
    }
    let Some(Value::Object(asked)) = body.get("container") else {
        return Err(Refusal::bad("The container of the plan is required."));
    };
    Ok((title(&body)?, container(asked, tenant)?))
}

/// The container as answers show it, from `url` alone, from `containerId` and `type`, or from all three.
fn container(asked: &Object, tenant: &Tenant) -> Result<Value, Refusal> {
    for (name, value) in asked {
        let known = ["url", "containerId", "type"].contains(&name.as_str());
        if !known || !value.is_string() {
            return Err(unknown(name));
        }
    }
    let from_url = text(asked, "url").map(|url| url.strip_prefix(GROUPS).unwrap_or_default());
    let group = match (from_url, text(asked, "containerId"), text(asked, "type")) {
        (Some(group), None, None) => group,
        (None, Some(group), Some("group")) => group,
        (Some(group), Some(id), Some("group")) if group == id => group,
        _ => return Err(Refusal::bad("The container of the plan is not valid.")),
    };
    if Uuid::try_parse(group).is_err() {
        return Err(Refusal::bad("The container of the plan is not valid."));
    }
    // Who creates a plan must be a member of its group, and the sandbox user is in one.
    if group != tenant.group {
        return Err(Refusal::Forbidden);
    }
    Ok(of_group(group))
}

/// The container of a group's plans.
pub(super) fn of_group(group: &str) -> Value {
    json!({ "containerId": group, "type": "group", "url": format!("{GROUPS}{group}") })
}

fn title(body: &Object) -> Result<String, Refusal> {
    match body.get("title") {
        Some(Value::String(title)) if !title.trim().is_empty() => Ok(title.clone()),
        Some(_) => Err(Refusal::bad("The title must be a text that is not empty.")),
        None => Err(Refusal::bad("The title of the plan is required.")),
    }
}

/// The members of a JSON body.
pub(super) fn object(request: &NativeRequest) -> Result<Object, Refusal> {
    if !request.says_json() {
        return Err(Refusal::UnsupportedMediaType);
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::bad("The body must be a JSON object.")),
        Err(error) => Err(Refusal::bad(format!("The body is not valid JSON: {error}."))),
    }
}

/// A property that there is not.
pub(super) fn unknown(name: &str) -> Refusal {
    Refusal::bad(format!("The property '{name}' does not exist or has a wrong type."))
}
