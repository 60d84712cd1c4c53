//! Values as they are written, read into what answers show.

use serde_json::{Value, json};
use uuid::Uuid;

use super::attribute::{Attribute, Kind};
use super::refusal::Refusal;
use super::seeds;
use crate::objects::{Object, object};
use crate::timestamps::Precision;

/// An attribute that is written, with its new values.
pub(super) type Written = (&'static Attribute, Vec<Object>);

/// What a value says about itself rather than what it is.
const ABOUT: [&str; 3] = ["active_from", "active_until", "created_by_actor"];

/// The values of a body, by slug or id of their attribute.
pub(super) fn read(values: &Object) -> Result<Vec<Written>, Refusal> {
    let mut written: Vec<Written> = Vec::new();
    for (name, value) in values {
        let attribute = Attribute::named(name).ok_or_else(|| Refusal::NoSuchAttribute(name.clone()))?;
        if written.iter().any(|(other, _)| other.id == attribute.id) {
            return Err(Refusal::bad(format!("The attribute \"{}\" is named twice.", attribute.slug)));
        }
        written.push((attribute, read_all(attribute, value)?));
    }
    Ok(written)
}

/// The core document takes arrays only, the pages of the standard objects a bare value too, where there can be one.
fn read_all(attribute: &Attribute, value: &Value) -> Result<Vec<Object>, Refusal> {
    let refused = |message: &str| Refusal::bad(format!("The attribute \"{}\" {message}.", attribute.slug));
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => return Err(refused("must have a value or a list of values; null is neither")),
        _ if attribute.many => return Err(refused("can hold several values and must have a list")),
        one => std::slice::from_ref(one),
    };
    if !attribute.many && items.len() > 1 {
        return Err(refused("can hold one value only"));
    }
    let mut values: Vec<Object> = Vec::new();
    for item in items {
        let value = whole(attribute, payload(attribute, item)?, seeds::actor(), &Precision::Nanoseconds.now());
        if !values.iter().any(|other| is_same(other, &value)) {
            values.push(value);
        }
    }
    Ok(values)
}

/// A value as answers show it.
pub(super) fn whole(attribute: &Attribute, payload: Value, actor: Value, active_from: &str) -> Object {
    let mut value = object(json!({ "active_from": active_from, "active_until": null, "created_by_actor": actor }));
    value.extend(object(payload));
    value.insert("attribute_type".to_owned(), attribute.type_name().into());
    value
}

/// What of a value is the attribute's own.
fn payload(attribute: &Attribute, item: &Value) -> Result<Value, Refusal> {
    let refused = || Refusal::bad(format!("The value of the attribute \"{}\" is not a {}.", attribute.slug, attribute.type_name()));
    match (attribute.kind, item) {
        (Kind::Text, Value::String(_)) | (Kind::Number, Value::Number(_)) => Ok(json!({ "value": item })),
        (Kind::Select(options), Value::String(named)) => {
            let option = options.iter().find(|(title, id)| title == named || id == named);
            let (title, id) = option.ok_or_else(|| Refusal::NoSuchOption(named.clone()))?;
            Ok(select(attribute, title, id))
        }
        (Kind::Domain, Value::String(domain)) if domain.contains('.') => Ok(json!({ "domain": domain, "root_domain": root(domain) })),
        (Kind::Reference(to), Value::Object(target)) => reference(to, target).ok_or_else(refused),
        _ => Err(refused()),
    }
}

fn select(attribute: &Attribute, title: &str, id: &str) -> Value {
    json!({
        "option": {
            "id": {
                "workspace_id": seeds::TENANT,
                "object_id": seeds::OBJECT_ID,
                "attribute_id": attribute.id,
                "option_id": id,
            },
            "title": title,
            "is_archived": false,
        },
    })
}

fn root(domain: &str) -> &str {
    let dots: Vec<usize> = domain.match_indices('.').map(|(place, _)| place).collect();
    let start = dots.len().checked_sub(2).and_then(|nth| dots.get(nth)).map_or(0, |dot| dot + 1);
    domain.get(start..).unwrap_or(domain)
}

/// `{"target_object":…,"target_record_id":…}`. Whether the record exists is not looked at: the sandbox keeps no other
/// object.
fn reference(to: &str, target: &Object) -> Option<Value> {
    let object = target.get("target_object")?.as_str().filter(|object| *object == to)?;
    let id = target.get("target_record_id")?.as_str().filter(|id| Uuid::try_parse(id).is_ok())?;
    (target.len() == 2).then(|| json!({ "target_object": object, "target_record_id": id }))
}

/// Whether two values are the same but for what they say about themselves.
pub(super) fn is_same(one: &Object, other: &Object) -> bool {
    let payload = |value: &Object| {
        let mut value = value.clone();
        value.retain(|name, _| !ABOUT.contains(&name.as_str()));
        value
    };
    payload(one) == payload(other)
}

/// What a value is found and sorted by.
pub(super) fn key(value: &Value) -> Option<&Value> {
    ["/value", "/option/title", "/domain", "/target_record_id"].iter().find_map(|pointer| value.pointer(pointer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_takes_its_own_kind_of_values() {
        let company = json!({ "target_object": "companies", "target_record_id": "99a03ff3-0435-47da-95cc-76b2caeb4dab" });
        for (values, passes) in [
            (json!({ "name": "x" }), true),
            (json!({ "name": ["x"] }), true),
            (json!({ "name": [] }), true),
            (json!({ "name": ["x", "y"] }), false),
            (json!({ "name": null }), false),
            (json!({ "name": 7 }), false),
            (json!({ "41252299-f8c7-4b5e-99c9-4ff8321d2f02": "x" }), true),
            (json!({ "41252299-f8c7-4b5e-99c9-4ff8321d2f02": "x", "name": "x" }), false),
            (json!({ "seats": 1.5 }), true),
            (json!({ "seats": "1.5" }), false),
            (json!({ "tags": ["Gold", "5b7a1c3e-8d21-4f6a-a1b4-6d0e9f3c8b02"] }), true),
            (json!({ "tags": "Gold" }), false),
            (json!({ "tags": ["Silver"] }), false),
            (json!({ "domains": ["a.example"] }), true),
            (json!({ "domains": ["a"] }), false),
            (json!({ "company": company }), true),
            (json!({ "users": [company] }), false),
            (json!({ "company": { "target_object": "companies", "target_record_id": "x" } }), false),
            (json!({ "colour": "x" }), false),
        ] {
            assert_eq!(read(&object(values.clone())).is_ok(), passes, "{values}");
        }
    }

    #[test]
    fn the_root_of_a_domain_is_its_last_two_labels() {
        assert_eq!(root("a.b.example.com"), "example.com");
        assert_eq!(root("example.com"), "example.com");
    }
}
