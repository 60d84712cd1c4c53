//! The order of a list, and the cursors that mark places in it: base64 of `["01", "b2f08246-..."]`, the values that the
//! list is in the order of and the id.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::refusal::Refusal;
use crate::objects::Object;

/// `order-by`: members, each up or down; the id last, so that no two entities are in the same place.
#[derive(Debug, Default)]
pub(super) struct Order(Vec<(String, bool)>);

/// The place of an entity in an order. It is one although the entity itself may be gone.
#[derive(Debug)]
pub(super) struct Cursor(Vec<Value>);

impl Order {
    /// Reads `name,-modified`.
    pub(super) fn parse(text: &str, is_field: impl Fn(&str) -> bool) -> Result<Self, Refusal> {
        let mut order = Vec::new();
        for name in text.split(',').map(str::trim) {
            let (name, down) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
            if !is_field(name) {
                return Err(Refusal::parameter(format!("Unknown field '{name}' in order-by.")));
            }
            order.push((name.to_owned(), down));
        }
        Ok(Self(order))
    }

    fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().map(|(name, down)| (name.as_str(), *down)).chain([("id", false)])
    }

    pub(super) fn compare(&self, one: &Object, other: &Object) -> Ordering {
        let mut ordering = self.names().map(|(name, down)| turned(compare(one.get(name), other.get(name)), down));
        ordering.find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Where an entity is, seen from a cursor.
    pub(super) fn compare_to(&self, one: &Object, cursor: &Cursor) -> Ordering {
        let mut ordering = self.names().zip(&cursor.0).map(|((name, down), value)| turned(compare(one.get(name), Some(value)), down));
        ordering.find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    }

    pub(super) fn cursor(&self, at: &Object) -> String {
        let values: Vec<String> = self.names().map(|(name, _)| at.get(name).unwrap_or(&Value::Null).to_string()).collect();
        STANDARD.encode(format!("[{}]", values.join(", ")))
    }

    /// Reads a cursor of this order; that of another one is none.
    pub(super) fn parse_cursor(&self, text: &str) -> Result<Cursor, Refusal> {
        let decoded = STANDARD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match decoded {
            Some(Value::Array(values)) if values.len() == self.0.len() + 1 => Ok(Cursor(values)),
            _ => Err(Refusal::parameter("Invalid cursor.")),
        }
    }
}

fn turned(ordering: Ordering, down: bool) -> Ordering {
    if down { ordering.reverse() } else { ordering }
}

/// Null first, then by number or by text.
pub(super) fn compare(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    let filled = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) => one.cmp(other),
        (Some(Value::Bool(one)), Some(Value::Bool(other))) => one.cmp(other),
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            one.as_f64().zip(other.as_f64()).and_then(|(one, other)| one.partial_cmp(&other)).unwrap_or(Ordering::Equal)
        }
        (one, other) if !filled(one) || !filled(other) => filled(one).cmp(&filled(other)),
        (one, other) => one.map(Value::to_string).cmp(&other.map(Value::to_string)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::objects::object;

    #[test]
    fn a_cursor_is_the_documented_one_and_reads_back() {
        let order = Order::parse("code", |_| true).unwrap();
        let at = object(json!({ "id": "b2f08246-baa9-42cd-bc7b-8bc82673a658", "code": "01" }));
        let cursor = order.cursor(&at);
        assert_eq!(cursor, "WyIwMSIsICJiMmYwODI0Ni1iYWE5LTQyY2QtYmM3Yi04YmM4MjY3M2E2NTgiXQ==");
        assert_eq!(order.compare_to(&at, &order.parse_cursor(&cursor).unwrap()), Ordering::Equal);
        for text in ["", "x", "!", "WyJhIl0=", "e30="] {
            assert!(order.parse_cursor(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_minus_turns_one_member_around_and_the_id_settles_ties() {
        let order = Order::parse("-n", |_| true).unwrap();
        let at = |n: Value, id: &str| object(json!({ "n": n, "id": id }));
        assert_eq!(order.compare(&at(json!(2), "a"), &at(json!(10), "b")), Ordering::Greater);
        assert_eq!(order.compare(&at(json!(2), "a"), &at(json!(2), "b")), Ordering::Less);
        assert_eq!(order.compare(&at(Value::Null, "a"), &at(json!(2), "b")), Ordering::Greater);
    }
}
