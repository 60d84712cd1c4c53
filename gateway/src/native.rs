//! Native objects, as they stand in a provider's answer. They are handed on as they were
//! written: nothing is built of them that would only be written again.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::contract::{NativeRef, PluginFailure};
use crate::json::named;
use crate::run::broken;

/// The bodies of the answers to a request. Each is read as far as a reference leads, once for
/// all that lead there.
pub(crate) struct Natives<'b> {
    bodies: &'b [Bytes],
    whole: HashMap<u32, &'b RawValue>,
    /// By exchange and pointer.
    opened: HashMap<(u32, String), Inside<'b>>,
}

/// A value that has been opened: each of those in it is known to be JSON and no more.
enum Inside<'b> {
    Object(HashMap<String, &'b RawValue>),
    Array(Vec<&'b RawValue>),
    Nothing,
}

impl<'b> Natives<'b> {
    pub(crate) fn of(bodies: &'b [Bytes]) -> Self {
        Self { bodies, whole: HashMap::new(), opened: HashMap::new() }
    }

    /// The value that a reference names.
    ///
    /// # Errors
    /// [`PluginFailure::Contract`] for a reference to an exchange that was not made, or to a place
    /// that the answer does not have.
    pub(crate) fn find(&mut self, reference: &NativeRef) -> Result<&'b RawValue, PluginFailure> {
        let mut found = self.whole(reference.exchange)?;
        let Some(inner) = reference.pointer.strip_prefix('/') else {
            return reference.pointer.is_empty().then_some(found).ok_or_else(nowhere);
        };
        let mut place = String::new();
        for token in inner.split('/') {
            let open = self.opened.entry((reference.exchange, place.clone())).or_insert_with(|| Inside::of(found));
            found = open.get(token).ok_or_else(nowhere)?;
            place.push('/');
            place.push_str(token);
        }
        Ok(found)
    }

    fn whole(&mut self, exchange: u32) -> Result<&'b RawValue, PluginFailure> {
        if let Some(whole) = self.whole.get(&exchange) {
            return Ok(whole);
        }
        let body = usize::try_from(exchange).ok().and_then(|nth| self.bodies.get(nth));
        let body = body.ok_or_else(|| broken("it refers to an exchange that was not made"))?;
        let whole = serde_json::from_slice(body).map_err(|_| broken("it refers into an answer that is not JSON"))?;
        self.whole.insert(exchange, whole);
        Ok(whole)
    }
}

impl<'b> Inside<'b> {
    fn of(value: &'b RawValue) -> Self {
        let text = value.get();
        let inside = match text.as_bytes() {
            [b'{', ..] => serde_json::from_str(text).map(Self::Object),
            [b'[', ..] => serde_json::from_str(text).map(Self::Array),
            _ => Ok(Self::Nothing),
        };
        inside.unwrap_or(Self::Nothing)
    }

    /// What a token of a JSON pointer (RFC 6901) names.
    fn get(&self, token: &str) -> Option<&'b RawValue> {
        match self {
            Self::Object(members) => members.get(&*named(token)).copied(),
            Self::Array(elements) => elements.get(index(token)?).copied(),
            Self::Nothing => None,
        }
    }
}

fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| plain)
}

fn nowhere() -> PluginFailure {
    broken("it refers to a place that the answer does not have")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn found(body: &'static str, pointer: &str) -> Result<String, String> {
        let bodies = [Bytes::from_static(body.as_bytes())];
        let reference = NativeRef { exchange: 0, pointer: pointer.to_owned() };
        Natives::of(&bodies).find(&reference).map(|raw| raw.get().to_owned()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_value_is_found_as_it_was_written() {
        let body = r#" {"data": [{"id": 1.50e2, "a/b~": {"x" :"\u00e9"}}], "data2": null} "#;
        assert_eq!(found(body, "").unwrap(), body.trim());
        assert_eq!(found(body, "/data/0/id").unwrap(), "1.50e2");
        assert_eq!(found(body, "/data/0/a~1b~0").unwrap(), r#"{"x" :"\u00e9"}"#);
        assert_eq!(found(body, "/data2").unwrap(), "null");
    }

    #[test]
    fn what_is_not_there_breaks_the_contract() {
        let nowhere = "does not have";
        for pointer in ["data", "/data/1", "/data/00", "/data/+0", "/data/-", "/data/0/x", "/data/0/id/0", "/", "/data/"] {
            assert!(found(r#"{"data":[{"id":1}]}"#, pointer).unwrap_err().contains(nowhere), "{pointer}");
        }
        assert!(found("", "").unwrap_err().contains("is not JSON"));
        assert!(found(r#"{"a":1"#, "/a").unwrap_err().contains("is not JSON"));
        let other = NativeRef { exchange: 1, pointer: String::new() };
        assert!(Natives::of(&[Bytes::new()]).find(&other).unwrap_err().to_string().contains("not made"));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_tree_would(tree in tree(), pointer in "(/[a-c0-2~/]{0,2}){0,3}") {
            let bodies = [Bytes::from(tree.to_string())];
            let reference = NativeRef { exchange: 0, pointer: pointer.clone() };
            let mut natives = Natives::of(&bodies);
            for _ in 0..2 {
                let found = natives.find(&reference).ok().map(|raw| raw.get().parse::<Value>().unwrap());
                prop_assert_eq!(found.as_ref(), tree.pointer(&pointer));
            }
        }
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<i32>().prop_map(Value::from), "[a-z]{0,3}".prop_map(Value::from), Just(Value::Null)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::vec(("[a-c0-1~/]{0,2}", inner), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }
}
