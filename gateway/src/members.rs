//! Members of a value that its JSON Schema does not name.

use serde_json::{Map, Value};

use crate::json::token;

/// Keywords that hold schemas of the same value, in a list.
const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// The same, one schema each.
const SINGLE: [&str; 3] = ["if", "then", "else"];
/// With one of these an object may have members that are not named.
const OPEN: [&str; 4] = [OTHERS, "patternProperties", "unevaluatedProperties", "dependentSchemas"];
/// The schema of those.
const OTHERS: &str = "additionalProperties";
/// Takes the members out that no schema of the value names, and says where they were.
pub(crate) fn take_unnamed(document: &Value, schema: &Value, value: &mut Value, at: &str, taken: &mut Vec<String>) {
    if may_have_members(value) {
        take(document, vec![schema], value, at, taken);
    }
}

/// The same for a value that is held against several schemas.
fn take(document: &Value, schemas: Vec<&Value>, value: &mut Value, at: &str, taken: &mut Vec<String>) {
    if !may_have_members(value) {
        return;
    }
    let schemas = of_the_same(document, schemas);
    match value {
        Value::Object(members) => {
            let named: Vec<&Map<String, Value>> = schemas.iter().filter_map(|schema| schema.get("properties")?.as_object()).collect();
            let open = named.is_empty() || schemas.iter().any(|schema| OPEN.iter().any(|keyword| schema.contains_key(*keyword)));
            let others: Vec<&Value> = schemas.iter().filter_map(|schema| schema.get(OTHERS)).collect();
            members.retain(|name, inner| {
                let at = || format!("{at}/{}", token(name));
                let own: Vec<&Value> = named.iter().filter_map(|properties| properties.get(name)).collect();
                let known = open || !own.is_empty();
                if !known {
                    taken.push(at());
                } else if may_have_members(inner) {
                    take(document, if own.is_empty() { others.clone() } else { own }, inner, &at(), taken);
                }
                known
            });
        }
        // Which element has which schema is not looked at.
        Value::Array(_) if schemas.iter().any(|schema| schema.contains_key("prefixItems")) => {}
        Value::Array(elements) => {
            let inner: Vec<&Value> = schemas.iter().filter_map(|schema| schema.get("items")).collect();
            for (nth, element) in elements.iter_mut().enumerate() {
                take(document, inner.clone(), element, &format!("{at}/{nth}"), taken);
            }
        }
        _ => {}
    }
}

fn may_have_members(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

/// Every schema that a value is held against with these.
fn of_the_same<'s>(document: &'s Value, mut next: Vec<&'s Value>) -> Vec<&'s Map<String, Value>> {
    let mut found: Vec<&Map<String, Value>> = Vec::new();
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
    fn a_member_that_any_of_several_forms_names_is_named() {
        let form = |inner: &str| json!({"properties": {"at": {"properties": {inner: {"type": "string"}}}}});
        let schema = json!({"oneOf": [form("street"), form("lat")], "properties": {"list": {"prefixItems": [{"properties": {"a": {}}}]}}});
        let mut value = json!({"at": {"street": "s", "lat": "l", "x": 1}, "list": [{"b": 1}]});
        let mut taken = Vec::new();
        take_unnamed(&schema, &schema, &mut value, "", &mut taken);
        assert_eq!((value, taken), (json!({"at": {"street": "s", "lat": "l"}, "list": [{"b": 1}]}), vec!["/at/x".to_owned()]));
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
