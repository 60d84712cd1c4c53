//! JSON values: their leaves, others of the same shape, and values out of a schema.

mod alter;
mod schema;

use serde_json::Value;

pub(crate) use alter::alter;
pub(crate) use schema::{of_field, text, wild};

/// Every scalar and every empty container, with its JSON pointer.
pub(crate) fn leaves(value: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    walk(value, &mut String::new(), &mut |pointer, leaf| found.push((pointer.to_owned(), leaf.clone())));
    found
}

fn walk(value: &Value, pointer: &mut String, found: &mut impl FnMut(&str, &Value)) {
    let mut into = |name: String, inner: &Value, pointer: &mut String| {
        let before = pointer.len();
        pointer.push('/');
        pointer.push_str(&name);
        walk(inner, pointer, found);
        pointer.truncate(before);
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, inner)| into(escape(name), inner, pointer));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, inner)| into(index.to_string(), inner, pointer));
        }
        leaf => found(pointer, leaf),
    }
}

/// A name as a token of a JSON pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The same value with another one at a place that it has.
pub(crate) fn replaced(value: &Value, pointer: &str, by: Value) -> Value {
    let mut value = value.clone();
    if let Some(place) = value.pointer_mut(pointer) {
        *place = by;
    }
    value
}

/// The same value without the member at a place.
pub(crate) fn without(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let Some((parent, name)) = pointer.rsplit_once('/') else { return Value::Null };
    let name = name.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&name);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = name.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
    value
}

/// A value on one line, short enough to read.
pub(crate) fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leaves_are_found_replaced_and_taken_out_by_their_pointers() {
        let value = json!({"a/b": [1, {"c": "x"}], "d": {}, "e": []});
        let pointers: Vec<String> = leaves(&value).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/a~1b/0", "/a~1b/1/c", "/d", "/e"]);
        assert_eq!(replaced(&value, "/a~1b/1/c", json!(2))["a/b"][1], json!({"c": 2}));
        assert_eq!(without(&value, "/a~1b/0")["a/b"], json!([{"c": "x"}]));
        assert_eq!(without(&value, "/d"), json!({"a/b": [1, {"c": "x"}], "e": []}));
    }
}
