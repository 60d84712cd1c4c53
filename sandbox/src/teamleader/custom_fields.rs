use serde_json::{Value, json};

use super::body::Body;
use super::refusal::Refusal;
use super::related::Related;
use crate::objects::{Object, text};
use crate::timestamps::is_date;

/// Writes `custom_fields`: the collection is replaced as a whole, unless `custom_fields_update_strategy` is `partial`.
pub(super) fn write(project: &mut Object, body: &mut Body, related: &Related) -> Result<(), Refusal> {
    let partial = body.choice("custom_fields_update_strategy", &["partial"])?.is_some();
    let Some(items) = body.list("custom_fields")? else {
        return Ok(());
    };
    let held = project.get("custom_fields").and_then(Value::as_array).filter(|_| partial);
    let mut fields = held.cloned().unwrap_or_default();
    for item in items {
        let mut item = body.within("custom_fields", item)?;
        let id = item.required("id")?;
        let definition = related.definitions.get(&id).filter(|definition| text(definition, "context") == Some("project"));
        let definition = definition.ok_or_else(|| item.refuse("id", "does not exist"))?;
        let value = item.take("value").filter(|value| fits(definition, value, related));
        let value = value.ok_or_else(|| item.refuse("value", "has an invalid value"))?;
        item.finish()?;
        fields.retain(|field| field.pointer("/definition/id").and_then(Value::as_str) != Some(&id));
        fields.push(json!({ "definition": { "type": "customFieldDefinition", "id": id }, "value": value }));
    }
    project.insert("custom_fields".to_owned(), fields.into());
    Ok(())
}

/// True for a value of the definition's type. That null is none is the stricter reading: the reference does not say.
fn fits(definition: &Object, value: &Value, related: &Related) -> bool {
    let options = || definition.get("configuration").and_then(|configuration| configuration.get("options")).and_then(Value::as_array);
    let is_option = |value: &Value| options().is_some_and(|options| options.iter().any(|option| option.get("value") == Some(value)));
    match text(definition, "type").unwrap_or_default() {
        "single_line" | "multi_line" | "email" | "telephone" | "url" => value.is_string(),
        "date" => value.as_str().is_some_and(is_date),
        "integer" => value.is_i64() || value.is_u64(),
        "number" | "money" => value.is_number(),
        "boolean" => value.is_boolean(),
        "single_select" => is_option(value),
        "multi_select" => value.as_array().is_some_and(|values| values.iter().all(is_option)),
        kind @ ("company" | "contact" | "user") => {
            let member = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            member("type") == kind && related.has(kind, member("id"))
        }
        // An auto-increment field is not supported on projects.
        _ => false,
    }
}
