//! Texts and numbers out of native JSON, whose types are not always what the provider's
//! reference says.

use serde_json::{Number, Value};

/// A text; a number is written out. So an id is a text whether or not the provider's is.
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number; one in a text is read, digit by digit as it stands.
#[must_use]
pub fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The text at a JSON pointer, where it says something: white space alone is no message,
/// and an empty code is no code.
#[must_use]
pub fn words<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_a_text_or_a_number() {
        for (value, expected) in [
            (json!("7"), Some("7")),
            (json!(""), Some("")),
            (json!(7), Some("7")),
            (serde_json::from_str("12345678901234567890123.10").unwrap(), Some("12345678901234567890123.10")),
            (json!(true), None),
            (json!(null), None),
            (json!(["7"]), None),
            (json!({}), None),
        ] {
            assert_eq!(text(&value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_number_is_a_number_or_a_text_that_is_one() {
        for (value, expected) in [
            (json!(7), Some("7")),
            (json!("7"), Some("7")),
            (json!(" 12.30 "), Some("12.30")),
            (json!("-0.10"), Some("-0.10")),
            (json!("much"), None),
            (json!("7 EUR"), None),
            (json!(""), None),
            (json!(null), None),
            (json!([7]), None),
        ] {
            assert_eq!(number(&value).map(|number| number.to_string()).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn words_say_something() {
        let error = json!({"error": {"code": "", "message": " the words", "blank": " \n", "status": 404}, "text": "no"});
        assert_eq!(words(&error, "/error/message"), Some(" the words"));
        assert_eq!(words(&error, "/text"), Some("no"));
        for pointer in ["/error/code", "/error/blank", "/error/status", "/error", "", "/nowhere"] {
            assert_eq!(words(&error, pointer), None, "{pointer}");
        }
        assert_eq!(words(&json!("no"), ""), Some("no"));
    }
}
