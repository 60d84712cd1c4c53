//! What a body sets, once every member of it is checked.

use serde_json::Value;
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, Time};

use super::model::{Model, Type};
use super::refusal::Refusal;
use super::seeds;
use crate::exchange::NativeRequest;
use crate::objects::Object;
use crate::timestamps::Precision;

/// The body as JSON.
pub(super) fn json(request: &NativeRequest) -> Result<Value, Refusal> {
    if !request.says_json() {
        return Err(Refusal::bad("the body must be application/json"));
    }
    serde_json::from_slice(&request.body).map_err(|error| Refusal::bad(format!("the body is not JSON: {error}")))
}

/// The body as an object.
pub(super) fn object(request: &NativeRequest) -> Result<Object, Refusal> {
    match json(request)? {
        Value::Object(members) => Ok(members),
        _ => Err(Refusal::bad("the body must be an object")),
    }
}

/// The members that the body sets. The path says which object is meant: clients have seen a 400 for an `_id`.
pub(super) fn members(model: Model, body: &Object) -> Result<Object, Refusal> {
    if body.contains_key("_id") {
        return Err(Refusal::bad("_id cannot be set"));
    }
    let mut members = Object::new();
    for (name, kind) in model.members() {
        if let Some(value) = body.get(*name) {
            set(&mut members, name, *kind, value)?;
        }
    }
    Ok(members)
}

fn set(members: &mut Object, name: &str, kind: Type, value: &Value) -> Result<(), Refusal> {
    let refused = |wanted: &str| Err(Refusal::bad(format!("{name} must be {wanted}")));
    let value = match (kind, value) {
        (Type::OptionalText | Type::Date | Type::Number, Value::Null) => Value::Null,
        (Type::Name, Value::String(text)) if text.trim().is_empty() => return refused("a text that is not empty"),
        (Type::Name | Type::Text | Type::OptionalText, Value::String(_)) => value.clone(),
        (Type::Company, Value::String(id)) => {
            let company = seeds::company(id).ok_or_else(|| Refusal::bad(format!("there is no company {id}")))?;
            members.insert(name.to_owned(), company.id.into());
            members.insert("companyName".to_owned(), company.name.into());
            return Ok(());
        }
        (Type::Date, Value::String(text)) => match date(text) {
            Some(date) => date.into(),
            None => return refused("an ISO 8601 date"),
        },
        (Type::Number, Value::Number(_)) => value.clone(),
        (Type::Custom, Value::Object(fields)) => {
            if let Some((field, _)) = fields.iter().find(|(_, value)| is_nested(value)) {
                return Err(Refusal::bad(format!("custom.{field} must not hold an object")));
            }
            value.clone()
        }
        (Type::Name | Type::Company | Type::Text | Type::OptionalText, _) => return refused("a text"),
        (Type::Date, _) => return refused("an ISO 8601 date"),
        (Type::Number, _) => return refused("a number"),
        (Type::Custom, _) => return refused("an object"),
    };
    members.insert(name.to_owned(), value);
    Ok(())
}

/// Custom fields are one level of texts, numbers, flags, dates and lists of those.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(|item| item.is_object() || item.is_array()),
        _ => false,
    }
}

/// A date with or without a time of day, as answers write it.
fn date(text: &str) -> Option<String> {
    let at = OffsetDateTime::parse(text, &Iso8601::DEFAULT)
        .map(|at| at.to_offset(time::UtcOffset::UTC))
        .or_else(|_| Date::parse(text, &Iso8601::DATE).map(|date| date.with_time(Time::MIDNIGHT).assume_utc()))
        .ok()?;
    Some(Precision::Milliseconds.write(at))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::objects::object as members_of;

    #[test]
    fn dates_are_written_with_milliseconds() {
        for (text, expected) in [
            ("2025-07-19", Some("2025-07-19T00:00:00.000Z")),
            ("2025-07-19T03:00:00Z", Some("2025-07-19T03:00:00.000Z")),
            ("2025-07-19T03:00:00.5+02:00", Some("2025-07-19T01:00:00.500Z")),
            ("19.7.2025", None),
            ("", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn each_member_has_its_type() {
        for (body, passes) in [
            (json!({ "name": "x" }), true),
            (json!({ "name": "" }), false),
            (json!({ "name": null }), false),
            (json!({ "name": 1 }), false),
            (json!({ "companyId": "extid-tenet" }), true),
            (json!({ "companyId": "extid-none" }), false),
            (json!({ "nrr": 1.5, "arr": null }), true),
            (json!({ "nrr": "1.5" }), false),
            (json!({ "endDate": "2025-07-19" }), true),
            (json!({ "endDate": "soon" }), false),
            (json!({ "custom": { "A": 1, "B": ["x"], "C": null } }), true),
            (json!({ "custom": { "A": {} } }), false),
            (json!({ "custom": { "A": [[]] } }), false),
            (json!({ "custom": [] }), false),
            (json!({ "_id": "609a88660b73992504816060" }), false),
            (json!({ "unheard_of": {} }), true),
        ] {
            assert_eq!(members(Model::Project, &members_of(body.clone())).is_ok(), passes, "{body}");
        }
    }
}
