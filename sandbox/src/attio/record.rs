//! A record as answers show it.

use serde_json::Value;

use super::attribute::Attribute;
use super::value::is_same;
use crate::objects::{Object, text};

/// The record's id.
pub(super) fn id(record: &Object) -> &str {
    record.get("id").and_then(|id| id.get("record_id")).and_then(Value::as_str).unwrap_or_default()
}

/// The values of an attribute.
pub(super) fn values<'a>(record: &'a Object, attribute: &Attribute) -> impl Iterator<Item = &'a Value> {
    let values = record.get("values").and_then(|values| values.get(attribute.slug));
    values.and_then(Value::as_array).into_iter().flatten()
}

/// Whether an attribute has any of these values.
pub(super) fn has_any(record: &Object, attribute: &Attribute, wanted: &[Object]) -> bool {
    values(record, attribute).filter_map(Value::as_object).any(|held| wanted.iter().any(|value| is_same(held, value)))
}

/// Whether an attribute has a value that is more than an empty text.
pub(super) fn is_filled(record: &Object, attribute: &Attribute) -> bool {
    values(record, attribute).filter_map(Value::as_object).any(|value| text(value, "value") != Some(""))
}
