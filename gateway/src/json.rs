//! JSON that a stranger sent: one value, no duplicate keys, bounded nesting.
//!
//! `serde_json` keeps the last of two equal keys in silence. A gateway that shows
//! a write before it is sent cannot: what was checked must be what was written.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// Why a text is not acceptable JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonError {
    /// The bytes are not UTF-8.
    #[error("the body is not valid UTF-8 (first bad byte at offset {offset})")]
    NotUtf8 {
        /// Offset of the first byte that does not belong.
        offset: usize,
    },
    /// Not JSON at all, or more than one value.
    #[error("the body is not JSON: {0}")]
    Syntax(String),
    /// An object names a member twice.
    #[error("the member {key:?} is given twice in one object")]
    DuplicateKey {
        /// The name given twice.
        key: String,
    },
    /// A member has the name by which our reader tells numbers.
    #[error("the name {NUMBER_TOKEN:?} cannot be told from a number here")]
    Reserved,
    /// Arrays and objects inside each other beyond the limit.
    #[error("the body is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in force.
        limit: usize,
    },
}

/// How `serde_json` presents a number to a visitor when it keeps all its digits.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Reads one JSON value.
///
/// # Errors
/// [`JsonError`], the first reason met.
pub fn parse(bytes: &[u8], max_depth: usize) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|e| JsonError::NotUtf8 { offset: e.valid_up_to() })?;
    let refusal = RefCell::new(None);
    let seed = Strict { text, depth: 0, max_depth, refusal: &refusal };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|e| refusal.take().unwrap_or_else(|| JsonError::Syntax(e.to_string())))
}

/// How many arrays and objects are inside each other.
#[must_use]
pub fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    deepest.unwrap_or_default().saturating_add(1)
}

/// Whether no member may have this name: a plugin's reader would take the object for a number.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    name == NUMBER_TOKEN
}

/// A name as a token of a JSON pointer (RFC 6901).
#[must_use]
pub fn token(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() }
}

/// The name that a token of a JSON pointer stands for.
#[must_use]
pub fn named(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

/// Builds a value, refusing what [`parse`] refuses. The reason is left in `refusal`
/// because a `serde` error carries only text.
#[derive(Clone, Copy)]
struct Strict<'a> {
    text: &'a str,
    depth: usize,
    max_depth: usize,
    refusal: &'a RefCell<Option<JsonError>>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(self, reason: JsonError) -> E {
        let error = E::custom(&reason);
        self.refusal.replace(Some(reason));
        error
    }

    fn inside<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == self.max_depth {
            return Err(self.refuse(JsonError::TooDeep { limit: self.max_depth }));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut key = map.next_key_seed(Key { text: self.text })?;
        if matches!(key, Some(Name::OfNumber)) {
            let digits: String = map.next_value()?;
            return serde_json::from_str(&digits).map(Value::Number).map_err(de::Error::custom);
        }
        let inner = self.inside()?;
        let mut members = Map::new();
        while let Some(Name::Member(name)) = key {
            if is_reserved(&name) {
                return Err(self.refuse(JsonError::Reserved));
            }
            if members.contains_key(&name) {
                return Err(self.refuse(JsonError::DuplicateKey { key: name }));
            }
            members.insert(name, map.next_value_seed(inner)?);
            key = map.next_key_seed(Key { text: self.text })?;
        }
        Ok(Value::Object(members))
    }
}

/// What stands where an object has a name.
enum Name {
    Member(String),
    /// The reader presents a number.
    OfNumber,
}

/// Reads a name. The reader's own one for numbers is no part of the text; a member that is called
/// the same stands in it, or was written with escapes.
struct Key<'a> {
    text: &'a str,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Name;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name, E> {
        let inside = self.text.as_bytes().as_ptr_range().contains(&name.as_ptr());
        Ok(if is_reserved(name) && !inside { Name::OfNumber } else { Name::Member(name.to_owned()) })
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name::Member(name.to_owned()))
    }
}

/// Merges `change` into `target`, objects deep: a member of `change` wins, an array
/// replaces the whole array, and `null` is a value like any other.
pub fn merge_deep(target: &mut Map<String, Value>, change: Map<String, Value>) {
    for (name, value) in change {
        match (target.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge_deep(inner, value),
            (_, value) => {
                target.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_serde_json_reads_is_read_the_same() {
        let text = r#"{"a":[1,2.50,-3e2,12345678901234567890123],"b":{"c":null,"d":true},"e":"\u00e9"}"#;
        assert_eq!(parse(text.as_bytes(), 64), Ok(serde_json::from_str(text).unwrap()));
    }

    #[test]
    fn every_digit_of_a_number_is_kept() {
        let value = parse(b"[12345678901234567890123, 1.10]", 64).unwrap();
        assert_eq!(value.to_string(), "[12345678901234567890123,1.10]");
    }

    #[test]
    fn a_key_given_twice_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":2}"#, r#"[{"x":{"b":1,"c":2,"b":3}}]"#] {
            assert!(matches!(parse(text.as_bytes(), 64), Err(JsonError::DuplicateKey { .. })), "{text}");
        }
    }

    #[test]
    fn nesting_stops_exactly_at_the_limit() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(64).as_bytes(), 64).is_ok());
        assert_eq!(parse(nested(65).as_bytes(), 64), Err(JsonError::TooDeep { limit: 64 }));
        assert_eq!(parse(nested(10_000).as_bytes(), 64), Err(JsonError::TooDeep { limit: 64 }));
        assert_eq!(parse(br#"{"a":{"b":{}}}"#, 2), Err(JsonError::TooDeep { limit: 2 }));
        assert!(parse(br#"{"a":{"b":1.5}}"#, 2).is_ok());
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        assert_eq!(parse(b"{\"a\":\"\xff\"}", 64), Err(JsonError::NotUtf8 { offset: 6 }));
        for text in ["", "{", "{} {}", "nul", "[1,]", "{'a':1}", "\u{feff}{}", "NaN"] {
            assert!(matches!(parse(text.as_bytes(), 64), Err(JsonError::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn a_member_that_is_called_as_the_reader_calls_numbers_is_refused_however_it_is_written() {
        for name in ["$serde_json::private::Number", r"\u0024serde_json::private::Number", r"$serde_json::private::N\u0075mber"] {
            for text in [format!(r#"{{"{name}":"12"}}"#), format!(r#"{{"a":1,"b":[{{"x":1.5,"{name}":"12"}}]}}"#)] {
                assert_eq!(parse(text.as_bytes(), 64), Err(JsonError::Reserved), "{text}");
            }
        }
        let value = parse(br#"{"a":"$serde_json::private::Number","b":12}"#, 64).unwrap();
        assert_eq!(value, json!({"a": "$serde_json::private::Number", "b": 12}));
    }

    #[test]
    fn depth_is_counted_as_it_is_limited() {
        for (text, levels) in [("1", 0), ("[]", 1), ("{\"a\":[1,{}]}", 3)] {
            assert_eq!(depth(&serde_json::from_str(text).unwrap()), levels);
            assert!(parse(text.as_bytes(), levels).is_ok());
        }
    }

    #[test]
    fn merging_goes_into_objects_and_replaces_arrays() {
        let mut target = json!({"a": {"x": 1, "y": [1, 2]}, "b": 1}).as_object().unwrap().clone();
        merge_deep(&mut target, json!({"a": {"y": [3]}, "b": null, "c": {}}).as_object().unwrap().clone());
        assert_eq!(Value::Object(target), json!({"a": {"x": 1, "y": [3]}, "b": null, "c": {}}));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, 8);
        }
    }
}
