use std::cmp::Ordering;

use serde_json::Value;

use super::order::compare;
use super::refusal::Refusal;
use crate::exchange::NativeRequest;
use crate::objects::Object;

const OPERATORS: [&str; 19] = [
    "eq",
    "ieq",
    "not-eq",
    "not-ieq",
    "contains",
    "starts",
    "ends",
    "icontains",
    "istarts",
    "iends",
    "null",
    "not-null",
    "empty",
    "not-empty",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
];

/// `filter[name]=x` with `filter-op[name]=eq`: all of them have to hold.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    field: String,
    operator: String,
    value: String,
}

impl Filter {
    pub(super) fn read(request: &NativeRequest, is_field: impl Fn(&str) -> bool) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        for (name, value) in request.query_pairs() {
            if let Some(field) = within(&name, "filter[") {
                filter.of(field, &is_field)?.value = value;
            } else if let Some(field) = within(&name, "filter-op[") {
                if !OPERATORS.contains(&value.as_str()) {
                    return Err(Refusal::parameter(format!("Unknown filter operator '{value}'.")));
                }
                filter.of(field, &is_field)?.operator = value;
            }
        }
        Ok(filter)
    }

    /// The condition on a field, which the two parameters make together.
    fn of(&mut self, field: &str, is_field: impl Fn(&str) -> bool) -> Result<&mut Condition, Refusal> {
        if !is_field(field) {
            return Err(Refusal::parameter(format!("Unknown field '{field}' in filter.")));
        }
        let place = self.0.iter().position(|condition| condition.field == field).unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.push(Condition { field: field.to_owned(), operator: "eq".to_owned(), value: String::new() });
        }
        self.0.get_mut(place).ok_or_else(|| Refusal::parameter("Invalid filter."))
    }

    pub(super) fn takes(&self, object: &Object) -> bool {
        self.0.iter().all(|condition| condition.holds(object.get(&condition.field).unwrap_or(&Value::Null)))
    }
}

fn within<'a>(name: &'a str, before: &str) -> Option<&'a str> {
    name.strip_prefix(before)?.strip_suffix(']')
}

impl Condition {
    fn holds(&self, held: &Value) -> bool {
        let asked = self.value.as_str();
        let text = plain(held);
        let (lower, asked_lower) = (text.to_lowercase(), asked.to_lowercase());
        match self.operator.as_str() {
            "eq" => text == asked,
            "ieq" => lower == asked_lower,
            "not-eq" => text != asked,
            "not-ieq" => lower != asked_lower,
            "contains" => text.contains(asked),
            "starts" => text.starts_with(asked),
            "ends" => text.ends_with(asked),
            "icontains" => lower.contains(&asked_lower),
            "istarts" => lower.starts_with(&asked_lower),
            "iends" => lower.ends_with(&asked_lower),
            "null" => held.is_null(),
            "not-null" => !held.is_null(),
            "empty" => text.is_empty(),
            "not-empty" => !text.is_empty(),
            "gt" => against(held, asked).is_gt(),
            "gte" => against(held, asked).is_ge(),
            "lt" => !held.is_null() && against(held, asked).is_lt(),
            "lte" => !held.is_null() && against(held, asked).is_le(),
            _ => asked.split_once(',').is_some_and(|(least, most)| against(held, least).is_ge() && against(held, most).is_le()),
        }
    }
}

/// A number against a number, all else as text.
fn against(held: &Value, asked: &str) -> Ordering {
    let asked = match held {
        Value::Number(_) => serde_json::from_str(asked).unwrap_or_default(),
        _ => Value::from(asked),
    };
    compare(Some(held), Some(&asked))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operator_says_yes_and_no() {
        for (operator, value, yes, no) in [
            ("eq", "Ab", json!("Ab"), json!("ab")),
            ("ieq", "Ab", json!("aB"), json!("abc")),
            ("not-eq", "Ab", json!("ab"), json!("Ab")),
            ("not-ieq", "Ab", json!("abc"), json!("aB")),
            ("contains", "b", json!("abc"), json!("aBc")),
            ("starts", "a", json!("ab"), json!("Ab")),
            ("ends", "c", json!("bc"), json!("bC")),
            ("icontains", "b", json!("aBc"), json!("ac")),
            ("istarts", "a", json!("Ab"), json!("b")),
            ("iends", "c", json!("bC"), json!("b")),
            ("null", "", json!(null), json!("")),
            ("not-null", "", json!(""), json!(null)),
            ("empty", "", json!(null), json!("x")),
            ("not-empty", "", json!("x"), json!("")),
            ("gt", "9", json!(10), json!(9)),
            ("gte", "2025-01-01", json!("2025-01-01"), json!("2024-12-31")),
            ("lt", "9", json!(8.5), json!(null)),
            ("lte", "9", json!(9), json!(10)),
            ("between", "2,4", json!(3), json!(5)),
        ] {
            let condition = Condition { field: String::new(), operator: operator.to_owned(), value: value.to_owned() };
            assert!(OPERATORS.contains(&operator));
            assert!(condition.holds(&yes), "{operator} {yes}");
            assert!(!condition.holds(&no), "{operator} {no}");
        }
    }
}
