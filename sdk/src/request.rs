//! What the gateway asks for.

use serde_json::{Map, Value};

/// What a caller wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Operation {
    List,
    Get,
    Create,
    Update,
    Upsert,
    Delete,
}

/// The account as a plugin may know it.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The settings, defaults filled in.
    pub settings: Vec<(String, String)>,
}

impl Account {
    /// A setting; empty where neither the account nor the manifest gives one.
    #[must_use]
    pub fn setting(&self, name: &str) -> &str {
        self.settings.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// A unified request, already checked against the model and the manifest.
#[derive(Debug, Clone)]
pub struct Request {
    /// For example `ticketing`.
    pub model: String,
    /// For example `workspaces`.
    pub resource: String,
    /// What to do.
    pub operation: Operation,
    /// The object's id, where the operation has one.
    pub id: Option<String>,
    /// The declared query parameters that were given.
    pub params: Vec<(String, String)>,
    /// The declared fields that were given; `null` clears.
    pub fields: Map<String, Value>,
}

/// What a request says about a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given<'a> {
    /// Nothing: leave it as it is.
    Absent,
    /// `null`: clear it.
    Clear,
    /// A value.
    Value(&'a Value),
}

impl Request {
    /// The object's id; empty for operations without one.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// A query parameter, if it was given.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The cursor that a list is asked to go on from; an empty one is none.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.param("next_cursor").filter(|cursor| !cursor.is_empty())
    }

    /// How many objects a page is asked to have at most: `limit`, of which the provider
    /// takes up to `most`.
    #[must_use]
    pub fn limit(&self, most: u64) -> Option<u64> {
        // A number too long to be read is larger than any page.
        self.param("limit").map(|limit| limit.parse().unwrap_or(most).min(most).max(1))
    }

    /// What the request says about a field.
    #[must_use]
    pub fn given(&self, field: &str) -> Given<'_> {
        match self.fields.get(field) {
            None => Given::Absent,
            Some(Value::Null) => Given::Clear,
            Some(value) => Given::Value(value),
        }
    }

    /// The text of a field, where a text was given.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Puts a field that was given into a native object under its native name. `null`
    /// stays `null`.
    pub fn rename(&self, field: &str, native: &mut Map<String, Value>, name: &str) {
        if let Some(value) = self.fields.get(field) {
            native.insert(name.to_owned(), value.clone());
        }
    }

    /// Adds a field that was given to a form under its native name: a text as it is,
    /// `null` as an empty text, anything else as compact JSON.
    pub fn rename_in_form(&self, field: &str, form: &mut Vec<(String, String)>, name: &str) {
        let text = match self.fields.get(field) {
            None => return,
            Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        form.push((name.to_owned(), text));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Resource;

    fn request(fields: Value) -> Request {
        Resource::new("m", "r").update("1", &fields)
    }

    #[test]
    fn absent_clear_and_value_are_three_things() {
        let request = request(json!({"a": null, "b": "x"}));
        assert_eq!(request.given("a"), Given::Clear);
        assert_eq!(request.given("b"), Given::Value(&json!("x")));
        assert_eq!(request.given("c"), Given::Absent);
    }

    #[test]
    fn a_limit_is_at_most_what_the_provider_takes() {
        let limit = |params: &[(&str, &str)]| Resource::new("m", "r").list(params).limit(100);
        assert_eq!(limit(&[]), None);
        for (given, taken) in [("1", 1), ("100", 100), ("101", 100), ("99999999999999999999999", 100), ("0", 1)] {
            assert_eq!(limit(&[("limit", given)]), Some(taken), "{given}");
        }
    }

    #[test]
    fn an_empty_cursor_is_none() {
        let list = |params: &[(&str, &str)]| Resource::new("m", "r").list(params);
        assert_eq!(list(&[("next_cursor", "2:50")]).cursor(), Some("2:50"));
        assert_eq!(list(&[("next_cursor", "")]).cursor(), None);
        assert_eq!(list(&[]).cursor(), None);
    }

    #[test]
    fn only_what_was_given_is_renamed() {
        let request = request(json!({"name": "x", "description": null, "tags": [1]}));
        let mut native = Map::new();
        let mut form = Vec::new();
        for (field, name) in [("name", "title"), ("description", "text"), ("tags", "labels"), ("status", "state")] {
            request.rename(field, &mut native, name);
            request.rename_in_form(field, &mut form, name);
        }
        assert_eq!(Value::Object(native), json!({"title": "x", "text": null, "labels": [1]}));
        assert_eq!(form, [("title", "x"), ("text", ""), ("labels", "[1]")].map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
}
