//! The schemas of a description as plain JSON Schema.

use serde_json::{Map, Value};

/// Rewrites every schema of a document for use on requests.
pub(super) fn convert(value: &mut Value, modern: bool) {
    match value {
        Value::Object(members) => {
            if !modern {
                nullable(members);
                bounds(members);
            }
            read_only(members);
            members.values_mut().for_each(|inner| convert(inner, modern));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| convert(item, modern)),
        _ => {}
    }
}

/// OpenAPI 3.0 says `nullable` where JSON Schema adds a type.
fn nullable(members: &mut Map<String, Value>) {
    if members.get("nullable") != Some(&Value::Bool(true)) {
        return;
    }
    members.shift_remove("nullable");
    if let Some(kind @ Value::String(_)) = members.get_mut("type") {
        *kind = Value::Array(vec![kind.take(), "null".into()]);
    }
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.push(Value::Null);
    }
    for combined in ["allOf", "anyOf", "oneOf", "$ref"] {
        if let Some(schemas) = members.shift_remove(combined) {
            let inner = Map::from_iter([(combined.to_owned(), schemas)]);
            members.insert("anyOf".to_owned(), Value::Array(vec![inner.into(), null()]));
            return;
        }
    }
}

fn null() -> Value {
    Map::from_iter([("type".to_owned(), Value::from("null"))]).into()
}

/// OpenAPI 3.0 has exclusive bounds as flags.
fn bounds(members: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match members.get(flag) {
            Some(Value::Bool(true)) => {
                if let Some(value) = members.shift_remove(bound) {
                    members.insert(flag.to_owned(), value);
                }
            }
            Some(Value::Bool(false)) => {
                members.shift_remove(flag);
            }
            _ => {}
        }
    }
}

/// What is only read is not required of a request.
fn read_only(members: &mut Map<String, Value>) {
    let is = |name: &Value, properties: &Map<String, Value>| {
        let property = name.as_str().and_then(|name| properties.get(name));
        property.and_then(|property| property.get("readOnly")) == Some(&Value::Bool(true))
    };
    let Some(properties) = members.get("properties").and_then(Value::as_object).cloned() else { return };
    if let Some(Value::Array(required)) = members.get_mut("required") {
        required.retain(|name| !is(name, &properties));
    }
}
