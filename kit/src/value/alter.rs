//! Another value of the same shape: an id stays an id, a date a date.

use serde_json::{Map, Number, Value};

/// Another value of the same shape.
pub(crate) fn alter(value: &Value) -> Value {
    match value {
        Value::Null => Value::Bool(true),
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Number(number) => altered_number(number),
        Value::String(text) if text.is_empty() => "x".into(),
        Value::String(text) => altered_text(text).into(),
        Value::Array(items) if items.is_empty() => Value::Array(vec!["x".into()]),
        Value::Array(items) => items.iter().map(alter).collect(),
        Value::Object(members) if members.is_empty() => Map::from_iter([("x".to_owned(), Value::from("x"))]).into(),
        Value::Object(members) => members.iter().map(|(name, inner)| (name.clone(), alter(inner))).collect(),
    }
}

fn altered_number(number: &Number) -> Value {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole.wrapping_add(1).into(),
        (None, Some(fraction)) => (fraction + 1.0).into(),
        _ => 1.into(),
    }
}

/// The last digit, else the last letter, is another one. The last digit of a date and
/// time is one of its seconds, milliseconds or offset: all of these stay dates.
fn altered_text(text: &str) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let letter = |c: char| c.is_ascii_alphabetic();
    let at = text.rfind(digit).or_else(|| text.rfind(letter));
    let Some(at) = at else { return format!("{text}x") };
    let other = |c: char| match c {
        '0'..='8' => char::from(c as u8 + 1),
        '9' => '8',
        'a'..='e' | 'A'..='E' => char::from(c as u8 + 1),
        'f' => 'e',
        'F' => 'E',
        'z' => 'y',
        'Z' => 'Y',
        c => char::from(c as u8 + 1),
    };
    let changed = |(index, c): (usize, char)| if index == at { other(c) } else { c };
    text.char_indices().map(changed).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_shape_stays_and_the_value_does_not() {
        for (value, altered) in [
            (json!("0b8c1ef2-5a3f-4f8e-9d57-2f4c0c1d9f10"), json!("0b8c1ef2-5a3f-4f8e-9d57-2f4c0c1d9f11")),
            (json!("Marketing"), json!("Marketinh")),
            (json!("2025-03-24T15:12:49Z"), json!("2025-03-24T15:12:48Z")),
            (json!({"id": 7, "on": true}), json!({"id": 8, "on": false})),
            (json!(["é"]), json!(["éx"])),
            (json!(1.5), json!(2.5)),
        ] {
            assert_eq!(alter(&value), altered);
        }
    }
}
