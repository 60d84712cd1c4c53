//! Members of a value that its JSON Schema does not name.

use serde_json::{Map, Value};

use crate::json::token;

/// Keywords that hold schemas of the same value, in a list.
const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// The same, one schema each.
const SINGLE: [&str; 2] = ["then", "else"];
/// With one of these an object may have members that are not named.
const OPEN: [&str; 4] = [OTHERS, "patternProperties", "unevaluatedProperties", "dependentSchemas"];
/// The schema of those.
const OTHERS: &str = "additionalProperties";
/// Keywords that hold the schema of elements.
const ITEMS: &str = "items";

/// Takes the members out that no schema of the value names, and says where they were.
pub(crate) fn take_unnamed(document: &Value, schema: &Value, value: &mut Value, at: &str, taken: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let schemas = of_the_same(document, schema);
            let named: Vec<&Map<String, Value>> = schemas.iter().filter_map(|schema| schema.get("properties")?.as_object()).collect();
            let open = named.is_empty() || schemas.iter().any(|schema| OPEN.iter().any(|keyword| schema.contains_key(*keyword)));
            let others = schemas.iter().find_map(|schema| schema.get(OTHERS));
            members.retain(|name, inner| {
                let at = format!("{at}/{}", token(name));
                let schema = named.iter().find_map(|properties| properties.get(name));
                match schema.or(others) {
                    Some(schema) => take_unnamed(document, schema, inner, &at, taken),
                    None if open => {}
                    None => taken.push(at),
                }
                open || schema.is_some()
            });
        }
        Value::Array(elements) => {
            let schemas = of_the_same(document, schema);
            let Some(schema) = schemas.iter().find_map(|schema| schema.get(ITEMS)) else { return };
            for (nth, element) in elements.iter_mut().enumerate() {
                take_unnamed(document, schema, element, &format!("{at}/{nth}"), taken);
            }
        }
        _ => {}
    }
}

/// Every schema that a value is held against with this one.
fn of_the_same<'s>(document: &'s Value, schema: &'s Value) -> Vec<&'s Map<String, Value>> {
    let mut found: Vec<&Map<String, Value>> = Vec::new();
    let mut next = vec![schema];
    while let Some(schema) = next.pop() {
        let Some(members) = schema.as_object() else { continue };
        if found.iter().any(|known| std::ptr::eq(*known, members)) {
            continue;
        }
        found.push(members);
        let reference = members.get("$ref").and_then(Value::as_str).and_then(|place| document.pointer(place.trim_start_matches('#')));
        next.extend(reference);
        next.extend(LISTS.iter().filter_map(|keyword| members.get(*keyword)?.as_array()).flatten());
        next.extend(SINGLE.iter().filter_map(|keyword| members.get(*keyword)));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Models;

    fn taken(mut given: Value) -> (Value, Vec<String>) {
        let models = Models::built_in().unwrap();
        let mut taken = models.get("crm", "projects").unwrap().take_unnamed(given.as_object_mut().unwrap());
        taken.sort();
        (given, taken)
    }

    #[test]
    fn what_is_named_stays_and_the_rest_is_told_by_its_place() {
        let (left, taken) = taken(json!({
            "account": {"id": "1", "name": "n", "zork": 1},
            "contact": [{"id": "2"}, {"id": "3", "a/b": 2}],
            "opportunity": {"id": "4", "x": 1},
            "tags": [{"name": "VIP", "color": "red"}],
        }));
        assert_eq!(taken, ["/account/zork", "/contact/1/a~1b", "/opportunity/x", "/tags/0/color"]);
        assert_eq!(
            left,
            json!({
                "account": {"id": "1", "name": "n"}, "contact": [{"id": "2"}, {"id": "3"}], "opportunity": {"id": "4"},
                "tags": [{"name": "VIP"}]
            })
        );
    }

    #[test]
    fn an_object_of_the_providers_own_names_takes_any_member() {
        let given = json!({"custom_fields": {"a": {"b": 1}}, "name": 7, "foreign": {"x": 1}});
        assert_eq!(taken(given.clone()), (given, Vec::<String>::new()));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let document = json!({"$defs": {"tree": {"anyOf": [{"$ref": "#/$defs/tree"}], "properties": {"inner": {"$ref": "#/$defs/tree"}}}}});
        let mut value = json!({"inner": {"inner": {"x": 1}}, "y": 2});
        let mut taken = Vec::new();
        take_unnamed(&document, &json!({"$ref": "#/$defs/tree"}), &mut value, "", &mut taken);
        assert_eq!((value, taken.len()), (json!({"inner": {"inner": {}}}), 2));
    }
}
