//! Members of a body that its description does not have. JSON Schema lets them pass; a
//! provider ignores or refuses them, and a wrong name is just that.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Description;
use crate::value::escape;

/// References that are followed into each other.
const DEPTH: usize = 16;

/// The schemas that stand for one: itself, what it refers to, what it is combined of.
fn parts<'d>(description: &'d Description, schema: &'d Value, depth: usize, found: &mut Vec<&'d Value>) {
    if depth == 0 {
        return;
    }
    let schema = description.resolve(schema);
    found.push(schema);
    for combined in ["allOf", "anyOf", "oneOf"] {
        let inner = schema.get(combined).and_then(Value::as_array).into_iter().flatten();
        inner.for_each(|inner| parts(description, inner, depth - 1, found));
    }
}

fn all<'d>(description: &'d Description, schema: &'d Value) -> Vec<&'d Value> {
    let mut found = Vec::new();
    parts(description, schema, DEPTH, &mut found);
    found
}

/// The schema of a property.
pub(super) fn property<'d>(description: &'d Description, schema: &'d Value, name: &str) -> Option<&'d Value> {
    all(description, schema).into_iter().find_map(|part| part.get("properties")?.get(name))
}

/// Pointers of the members that no property describes, and that the caller did not give.
pub(super) fn unknown(description: &Description, schema: &Value, value: &Value, remote: &BTreeSet<&str>) -> Vec<String> {
    let mut found = Vec::new();
    walk(description, &[schema], value, remote, "", &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(description: &Description, schemas: &[&Value], value: &Value, remote: &BTreeSet<&str>, at: &str, found: &mut Vec<String>) {
    let parts: Vec<&Value> = schemas.iter().flat_map(|schema| all(description, schema)).collect();
    let into = |name: &str, schemas: &[&Value], value: &Value, found: &mut Vec<String>| {
        walk(description, schemas, value, remote, &format!("{at}/{}", escape(name)), found);
    };
    match value {
        Value::Array(items) => {
            let schemas: Vec<&Value> = parts.iter().filter_map(|part| part.get("items")).collect();
            items.iter().enumerate().for_each(|(index, item)| into(&index.to_string(), &schemas, item, found));
        }
        Value::Object(members) => {
            let open = parts.iter().any(|part| part.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false)));
            let described = parts.iter().any(|part| part.get("properties").is_some());
            for (name, inner) in members {
                let schemas: Vec<&Value> = parts.iter().filter_map(|part| part.get("properties")?.get(name)).collect();
                if !schemas.is_empty() {
                    into(name, &schemas, inner, found);
                } else if described && !open && !remote.contains(name.as_str()) {
                    found.push(format!("{at}/{}", escape(name)));
                }
            }
        }
        _ => {}
    }
}
