//! Custom fields, tags and links, within a project and by calls of their own: <https://api.na1.insightly.com/v3.1/>.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::seeds::{FIELDS, LINKED};
use super::{Related, write};
use crate::objects::Object;

const LONGEST: usize = 255;

/// The rows of a project's collection.
pub(super) fn rows(project: &Object, name: &str) -> Vec<Value> {
    project.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The custom fields with those that are given; a null takes one away.
pub(super) fn fields(project: &Object, value: &Value) -> Result<Value, Refusal> {
    let mut held = rows(project, "CUSTOMFIELDS");
    for item in items("CUSTOMFIELDS", value, &["FIELD_NAME", "FIELD_VALUE", "CUSTOM_FIELD_ID"])? {
        let name = item.get("FIELD_NAME").and_then(Value::as_str).unwrap_or_default();
        let Some((name, kind)) = FIELDS.iter().find(|(known, _)| *known == name) else {
            return Err(Refusal::bad(format!("There is no custom field '{name}'")));
        };
        let value = item.get("FIELD_VALUE").ok_or_else(|| Refusal::bad("FIELD_VALUE is required"))?;
        let value = match (*kind, value) {
            (_, Value::Null) => None,
            ("text", Value::String(_)) | ("numeric", Value::Number(_)) | ("bit", Value::Bool(_)) => Some(value.clone()),
            ("date", value) => Some(write::date(name, value)?),
            _ => return Err(Refusal::bad(format!("The value of {name} has a wrong type"))),
        };
        let row = value.map(|value| json!({ "FIELD_NAME": name, "FIELD_VALUE": value, "CUSTOM_FIELD_ID": name }));
        let place = held.iter().position(|row| row.get("FIELD_NAME").and_then(Value::as_str) == Some(name));
        match (place.and_then(|place| held.get_mut(place)), row) {
            (Some(old), Some(new)) => *old = new,
            (None, new) => held.extend(new),
            (Some(_), None) => held.retain(|row| row.get("FIELD_NAME").and_then(Value::as_str) != Some(name)),
        }
    }
    Ok(held.into())
}

/// All tags of a project, each once.
pub(super) fn tags(value: &Value) -> Result<Value, Refusal> {
    let mut tags: Vec<Value> = Vec::new();
    for item in items("TAGS", value, &["TAG_NAME"])? {
        let tag = tag(item)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags.into())
}

/// One tag.
pub(super) fn tag(item: &Object) -> Result<Value, Refusal> {
    match (item.get("TAG_NAME"), item.len()) {
        (Some(Value::String(name)), 1) if !name.trim().is_empty() => {
            write::text("TAG_NAME", &name.as_str().into(), LONGEST)?;
            Ok(json!({ "TAG_NAME": name }))
        }
        _ => Err(Refusal::bad("TAG_NAME is required, and nothing else")),
    }
}

/// The links with those that are given: with a `LINK_ID` it is changed, without one it is added, the others stay.
pub(super) fn links(project: &Object, value: &Value, related: &mut Related) -> Result<Value, Refusal> {
    let mut held = rows(project, "LINKS");
    for item in value.as_array().ok_or_else(|| Refusal::bad("LINKS must be an array"))? {
        let item = item.as_object().ok_or_else(|| Refusal::bad("LINKS must be an array of objects"))?;
        let link = link(project, item, related)?;
        put(&mut held, link);
    }
    Ok(held.into())
}

/// Puts a link in the place of the one with its id, or behind the others.
pub(super) fn put(held: &mut Vec<Value>, link: Value) {
    match held.iter_mut().find(|other| other.get("LINK_ID") == link.get("LINK_ID")) {
        Some(other) => *other = link,
        None => held.push(link),
    }
}

/// A link as it is kept: the one with its `LINK_ID`, or a new one.
pub(super) fn link(project: &Object, item: &Object, related: &mut Related) -> Result<Value, Refusal> {
    let known =
        ["LINK_ID", "OBJECT_NAME", "OBJECT_ID", "LINK_OBJECT_NAME", "LINK_OBJECT_ID", "ROLE", "DETAILS", "RELATIONSHIP_ID", "IS_FORWARD"];
    if let Some(name) = item.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Refusal::bad(format!("There is no field {name}")));
    }
    let old = match item.get("LINK_ID") {
        None | Some(Value::Null) => None,
        id => Some(rows(project, "LINKS").into_iter().find(|link| link.get("LINK_ID") == id).ok_or(Refusal::NotFound)?),
    };
    let given = |name: &str| item.get(name).or_else(|| old.as_ref().and_then(|old| old.get(name))).cloned().unwrap_or_default();
    let (name, id) = (given("LINK_OBJECT_NAME"), given("LINK_OBJECT_ID"));
    let there = LINKED.iter().any(|(known, number)| name.as_str() == Some(known) && id.as_u64() == Some(*number));
    if !there {
        return Err(Refusal::bad("LINK_OBJECT_NAME and LINK_OBJECT_ID do not name a record"));
    }
    for name in ["ROLE", "DETAILS"] {
        if !given(name).is_null() {
            write::text(name, &given(name), LONGEST)?;
        }
    }
    let link_id = match &old {
        Some(old) => old.get("LINK_ID").cloned().unwrap_or_default(),
        None => related.next_link().into(),
    };
    Ok(json!({
        "LINK_ID": link_id,
        "OBJECT_NAME": "Project",
        "OBJECT_ID": project.get("PROJECT_ID"),
        "LINK_OBJECT_NAME": name,
        "LINK_OBJECT_ID": id,
        "ROLE": given("ROLE"),
        "DETAILS": given("DETAILS"),
        "RELATIONSHIP_ID": given("RELATIONSHIP_ID"),
        "IS_FORWARD": given("IS_FORWARD"),
    }))
}

fn items<'a>(name: &str, value: &'a Value, known: &[&str]) -> Result<Vec<&'a Object>, Refusal> {
    let wrong = || Refusal::bad(format!("{name} must be an array of objects"));
    let mut items = Vec::new();
    for item in value.as_array().ok_or_else(wrong)? {
        let item = item.as_object().ok_or_else(wrong)?;
        if let Some(member) = item.keys().find(|member| !known.contains(&member.as_str())) {
            return Err(Refusal::bad(format!("There is no field {member} in {name}")));
        }
        items.push(item);
    }
    Ok(items)
}
