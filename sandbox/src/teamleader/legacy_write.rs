//! What the calls of the legacy module do to a project.

use serde_json::{Value, json};

use super::body::{Body, date, text};
use super::custom_fields;
use super::legacy::{STATUSES, is_participant};
use super::money::money;
use super::refusal::Refusal;
use super::related::Related;
use crate::objects::Object;

const ROLES: [&str; 2] = ["decision_maker", "member"];

/// Makes a new project of a body, and says how many milestones it has.
pub(super) fn create(project: &mut Object, mut body: Body, related: &Related) -> Result<u64, Refusal> {
    let title = body.required("title")?;
    let starts_on = body.date("starts_on")?.ok_or_else(|| body.refuse("starts_on", "must not be empty"))?;
    project.insert("title".to_owned(), title.into());
    project.insert("starts_on".to_owned(), starts_on.into());
    let items = body.list("milestones")?.unwrap_or_default();
    let count = items.len() as u64;
    // A project is due when its last milestone is.
    let mut due_on = None;
    for item in items {
        due_on = due_on.max(Some(milestone(&body, item, related)?));
    }
    let due_on = due_on.ok_or_else(|| body.refuse("milestones", "must have at least one milestone"))?;
    project.insert("due_on".to_owned(), due_on.into());
    let mut participants = Vec::new();
    for item in body.list("participants")?.unwrap_or_default() {
        let mut item = body.within("participants", item)?;
        participants.push(participant(&mut item, related)?);
        item.finish()?;
    }
    project.insert("participants".to_owned(), participants.into());
    check_decision_maker(project, &body)?;
    plain(project, &mut body, related)?;
    body.finish()?;
    Ok(count)
}

/// The day on which a milestone is due.
fn milestone(body: &Body, item: Value, related: &Related) -> Result<String, Refusal> {
    let mut item = body.within("milestones", item)?;
    item.nullable("starts_on", date)?;
    item.required("name")?;
    let user = item.required("responsible_user_id")?;
    related.by_id(&item, "responsible_user_id", "user", &user)?;
    let due_on = item.date("due_on")?.ok_or_else(|| item.refuse("due_on", "must not be empty"))?;
    item.finish()?;
    Ok(due_on)
}

/// Changes a project.
pub(super) fn update(project: &mut Object, body: &mut Body, related: &Related) -> Result<(), Refusal> {
    if let Some(title) = body.filled("title")? {
        project.insert("title".to_owned(), title.into());
    }
    if let Some(status) = body.choice("status", &STATUSES)? {
        project.insert("status".to_owned(), status.into());
    }
    if let Some(starts_on) = body.date("starts_on")? {
        project.insert("starts_on".to_owned(), starts_on.into());
    }
    if let Some(budget) = body.take("budget") {
        let provided = money(body, "budget", budget)?;
        if let Some(Value::Object(budget)) = project.get_mut("budget") {
            budget.insert("provided".to_owned(), provided);
        }
    }
    plain(project, body, related)
}

/// What both calls have.
fn plain(project: &mut Object, body: &mut Body, related: &Related) -> Result<(), Refusal> {
    if let Some(description) = body.text("description")? {
        project.insert("description".to_owned(), description.into());
    }
    let customer = body.nullable("customer", |body, name, value| related.reference(body, name, value, &["company", "contact"]))?;
    let number = body.nullable("purchase_order_number", text)?;
    for (name, value) in [("customer", customer), ("purchase_order_number", number)] {
        if let Some(value) = value {
            project.insert(name.to_owned(), value);
        }
    }
    custom_fields::write(project, body, related)
}

/// Adds a participant, who may not be one yet.
pub(super) fn add_participant(project: &mut Object, body: &mut Body, related: &Related) -> Result<(), Refusal> {
    let added = participant(body, related)?;
    let mut held = participants(project);
    let id = added.pointer("/participant/id").and_then(Value::as_str).unwrap_or_default();
    if held.iter().any(|other| is_participant(other, id)) {
        return Err(body.refuse("participant", "is a participant already"));
    }
    held.push(added);
    project.insert("participants".to_owned(), held.into());
    Ok(())
}

/// Gives a participant another role. One has to stay who decides.
pub(super) fn update_participant(project: &mut Object, body: &mut Body, related: &Related) -> Result<(), Refusal> {
    let changed = participant(body, related)?;
    let mut held = participants(project);
    let id = changed.pointer("/participant/id").and_then(Value::as_str).unwrap_or_default();
    let other = held.iter_mut().find(|other| is_participant(other, id));
    *other.ok_or_else(|| body.refuse("participant", "is not a participant"))? = changed;
    project.insert("participants".to_owned(), held.into());
    check_decision_maker(project, body)
}

/// A participant with a role; without one it is a member.
fn participant(body: &mut Body, related: &Related) -> Result<Value, Refusal> {
    let user = body.take("participant").ok_or_else(|| body.refuse("participant", "must not be empty"))?;
    let user = related.reference(body, "participant", user, &["user"])?;
    let role = body.choice("role", &ROLES)?.unwrap_or_else(|| "member".to_owned());
    Ok(json!({ "participant": user, "role": role }))
}

fn participants(project: &Object) -> Vec<Value> {
    project.get("participants").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn check_decision_maker(project: &Object, body: &Body) -> Result<(), Refusal> {
    let decides = |one: &Value| one.get("role").and_then(Value::as_str) == Some("decision_maker");
    if participants(project).iter().any(decides) {
        Ok(())
    } else {
        Err(body.refuse("participants", "must have at least one decision maker"))
    }
}
