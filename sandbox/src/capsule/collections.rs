//! The nested collections: an item without `id` is added, one with it changed, one with `_delete` removed, the others
//! stay. <https://developer.capsulecrm.com/v2/overview/writing-to-the-api>

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::related::{Related, by_id, referred};
use crate::objects::{Object, text};
use crate::timestamps::is_date;

/// Attaches and detaches tags: <https://developer.capsulecrm.com/v2/operations/Tag>.
pub(super) fn tags(project: &mut Object, value: &Value, related: &mut Related) -> Result<(), Refusal> {
    let mut held = rows(project, "tags");
    for item in items("tags", value, &["id", "name", "_delete"])? {
        let tag = match (item.get("id"), item.get("name")) {
            (id @ Some(_), _) if deletes(item) => {
                let place = held.iter().position(|tag| tag.get("id") == id);
                held.remove(place.ok_or_else(|| Refusal::invalid("tags", "tag not found to delete"))?);
                continue;
            }
            (id @ Some(_), None) => by_id(&related.tags, "tags", id)?.clone(),
            (None, Some(Value::String(name))) if !name.trim().is_empty() && !deletes(item) => related.tag_named(name.trim()),
            _ => return Err(Refusal::invalid("tags", "a tag needs either an id or a name")),
        };
        if !held.iter().any(|other| other.get("id") == tag.get("id")) {
            held.push(Value::Object(tag));
        }
    }
    project.insert("tags".to_owned(), held.into());
    Ok(())
}

/// Sets and clears custom fields: <https://developer.capsulecrm.com/v2/operations/Custom_Field>.
pub(super) fn fields(project: &mut Object, value: &Value, related: &mut Related) -> Result<(), Refusal> {
    let mut held = rows(project, "fields");
    for item in items("fields", value, &["id", "definition", "value", "_delete"])? {
        let place = match (item.get("id"), item.get("definition")) {
            (id @ Some(_), None) => {
                let place = held.iter().position(|row| row.get("id") == id);
                Some(place.ok_or_else(|| Refusal::invalid("fields", "field not found"))?)
            }
            (None, Some(definition)) if !deletes(item) => {
                let definition = referred(&related.definitions, "definition", definition)?;
                held.iter().position(|row| row.pointer("/definition/id") == definition.get("id"))
            }
            _ => return Err(Refusal::invalid("fields", "a field needs either an id or a definition")),
        };
        let row = place.and_then(|place| held.get(place));
        let id = row.and_then(|row| row.pointer("/definition/id")).or_else(|| item.get("definition")?.get("id"));
        let definition = by_id(&related.definitions, "definition", id)?.clone();
        let value = match item.get("value") {
            _ if deletes(item) => None,
            Some(value) => stored(&definition, value)?,
            None => return Err(Refusal::invalid("value", "value is required")),
        };
        match (place, value) {
            (Some(place), None) => {
                held.remove(place);
            }
            (Some(place), Some(value)) => {
                if let Some(Value::Object(row)) = held.get_mut(place) {
                    row.insert("value".to_owned(), value);
                }
            }
            (None, Some(value)) => held.push(new_row(related.next_row(), &definition, &value)),
            (None, None) => {}
        }
    }
    project.insert("fields".to_owned(), held.into());
    Ok(())
}

fn new_row(id: u64, definition: &Object, value: &Value) -> Value {
    json!({
        "id": id,
        "definition": { "id": definition.get("id"), "name": definition.get("name") },
        "value": value,
        "tagId": definition.get("tag").and_then(|tag| tag.get("id")),
    })
}

/// The value as it is read back, numbers as texts; nothing for a null, which only a boolean field refuses.
fn stored(definition: &Object, value: &Value) -> Result<Option<Value>, Refusal> {
    let wrong = || Refusal::invalid("value", "invalid type for field");
    let kind = text(definition, "type").unwrap_or_default();
    Ok(Some(match (kind, value) {
        ("boolean", Value::Bool(_)) | ("text", Value::String(_)) => value.clone(),
        ("boolean", _) => return Err(wrong()),
        (_, Value::Null) => return Ok(None),
        ("date", Value::String(text)) if is_date(text) => value.clone(),
        ("number", Value::Number(number)) => number.to_string().into(),
        ("list", Value::String(_)) => {
            let options = definition.get("options").and_then(Value::as_array);
            if !options.is_some_and(|options| options.contains(value)) {
                return Err(Refusal::invalid("value", "value is not one of the options"));
            }
            value.clone()
        }
        _ => return Err(wrong()),
    }))
}

fn rows(project: &Object, name: &str) -> Vec<Value> {
    project.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn items<'a>(name: &str, value: &'a Value, known: &[&str]) -> Result<Vec<&'a Object>, Refusal> {
    let wrong = || Refusal::invalid(name, format!("{name} must be an array of objects"));
    let mut items = Vec::new();
    for item in value.as_array().ok_or_else(wrong)? {
        let item = item.as_object().ok_or_else(wrong)?;
        if let Some(member) = item.keys().find(|member| !known.contains(&member.as_str())) {
            return Err(Refusal::invalid(name, format!("{member} is not known")));
        }
        items.push(item);
    }
    Ok(items)
}

fn deletes(item: &Object) -> bool {
    item.get("_delete") == Some(&Value::Bool(true))
}
