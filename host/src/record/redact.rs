//! Values that an operator does not want on the disk: of members by their names, at any
//! depth, and of places by JSON pointers.
//!
//! A value keeps its kind, so that what is mapped is still mapped: a text becomes
//! `[redacted]`, a number 0, a boolean false; null, and what is empty, stays.

use patchboard_gateway::redact::REDACTED;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::file::{Answer, Body, Recording, Sent};
use super::play::Played;

/// What stands in a query in place of a value.
const IN_QUERY: &str = "%5Bredacted%5D";
/// A body whose members are operations.
const JSON_PATCH: &str = "application/json-patch+json";

/// The chosen names and pointers.
pub(super) struct Chosen<'c> {
    names: Vec<&'c str>,
    pointers: Vec<&'c str>,
}

impl<'c> Chosen<'c> {
    /// What begins with a slash is a pointer.
    pub(super) fn new(chosen: &'c [String]) -> Self {
        let (pointers, names) = chosen.iter().map(String::as_str).partition(|text| text.starts_with('/'));
        Self { names, pointers }
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.pointers.is_empty()
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Replaces what the caller, the account and the provider said. What the plugin made
    /// of it has to be made again.
    pub(super) fn inputs(&self, recording: &mut Recording) {
        if self.is_empty() {
            return;
        }
        for (_, value) in recording.account.settings.iter_mut().filter(|(name, _)| self.has(name)) {
            REDACTED.clone_into(value);
        }
        let request = &mut recording.request;
        request.query = self.query(&request.query);
        let patch = request.headers.get("content-type").is_some_and(|media| media.starts_with(JSON_PATCH));
        match &mut request.body {
            Some(Body::Json(operations)) if patch => self.patch(operations),
            body => self.body(body),
        }
        for made in &mut recording.exchanges {
            self.headers(&mut made.answer.headers);
            self.body(&mut made.answer.body);
        }
    }

    /// Replaces the same in what was played.
    pub(super) fn played(&self, played: &mut Played) {
        if self.is_empty() {
            return;
        }
        for made in &mut played.exchanges {
            made.request.iter_mut().for_each(|sent| self.sent(sent));
        }
        self.answer(&mut played.answer);
    }

    fn sent(&self, sent: &mut Sent) {
        if let Some((path, query)) = sent.url.split_once('?') {
            sent.url = format!("{path}?{}", self.query(query));
        }
        let form =
            sent.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("application/x-www-form-urlencoded"));
        self.headers(&mut sent.headers);
        match &mut sent.body {
            Some(Body::Text(text)) if form => *text = self.query(text),
            body => self.body(body),
        }
    }

    fn answer(&self, answer: &mut Answer) {
        self.headers(&mut answer.headers);
        self.body(&mut answer.body);
    }

    fn headers(&self, headers: &mut [(String, String)]) {
        let chosen = |name: &str| self.names.iter().any(|chosen| chosen.eq_ignore_ascii_case(name));
        for (_, value) in headers.iter_mut().filter(|(name, _)| chosen(name)) {
            REDACTED.clone_into(value);
        }
    }

    /// What cannot be searched is left out.
    fn body(&self, body: &mut Option<Body>) {
        let Some(read) = body.take() else { return };
        let json = match read {
            Body::Json(json) => Some(json),
            other => serde_json::from_slice(&other.bytes()).ok(),
        };
        *body = json.map(|mut json| {
            self.json(&mut json);
            Body::Json(json)
        });
    }

    fn json(&self, value: &mut Value) {
        for pointer in &self.pointers {
            if let Some(found) = value.pointer_mut(pointer) {
                replace(found);
            }
        }
        self.members(value);
    }

    fn members(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.iter_mut().for_each(|(name, value)| if self.has(name) { replace(value) } else { self.members(value) })
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.members(item)),
            _ => {}
        }
    }

    /// A JSON Patch names its places in its values.
    fn patch(&self, operations: &mut Value) {
        for operation in operations.as_array_mut().into_iter().flatten() {
            let path = operation.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
            let named = path.split('/').any(|token| self.has(&token.replace("~1", "/").replace("~0", "~")));
            if let Some(value) = operation.get_mut("value") {
                if named || self.pointers.contains(&path.as_str()) { replace(value) } else { self.members(value) }
            }
        }
    }

    /// A query or a form: `name=value`, `name[inner]=value`.
    fn query(&self, query: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && self.names_pair(name) => format!("{name}={IN_QUERY}"),
            _ => pair.to_owned(),
        };
        query.split('&').map(pair).collect::<Vec<_>>().join("&")
    }

    fn names_pair(&self, encoded: &str) -> bool {
        let name = percent_decode_str(encoded).decode_utf8_lossy().into_owned();
        name.split(['[', ']']).any(|part| self.has(part))
    }
}

/// Replaces a value and everything in it.
fn replace(value: &mut Value) {
    match value {
        Value::Null => {}
        Value::Bool(_) => *value = false.into(),
        Value::Number(_) => *value = 0.into(),
        Value::String(text) if text.is_empty() => {}
        Value::String(_) => *value = REDACTED.into(),
        Value::Array(items) => items.iter_mut().for_each(replace),
        Value::Object(members) => members.values_mut().for_each(replace),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn body(names: &[&str], value: Value) -> Value {
        let chosen = chosen(names);
        let mut body = Some(Body::Json(value));
        Chosen::new(&chosen).body(&mut body);
        match body {
            Some(Body::Json(json)) => json,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_keeps_its_kind_and_everything_in_it_is_replaced() {
        let value = json!({"a": {"email": "x@y", "n": 1}, "email": [1.5, true, null, "", {"deep": "z"}]});
        assert_eq!(
            body(&["email"], value),
            json!({"a": {"email": "[redacted]", "n": 1}, "email": [0, false, null, "", {"deep": "[redacted]"}]})
        );
        assert_eq!(body(&["/a/0/b"], json!({"a": [{"b": "x", "c": "y"}]})), json!({"a": [{"b": "[redacted]", "c": "y"}]}));
    }

    #[test]
    fn a_body_that_cannot_be_searched_is_left_out() {
        let chosen = chosen(&["email"]);
        for text in ["<html>x@y</html>", "email=x@y"] {
            let mut body = Some(Body::Text(text.to_owned()));
            Chosen::new(&chosen).body(&mut body);
            assert_eq!(body, None);
        }
        let mut spaced = Some(Body::Text("{\"email\": \"x@y\"}".to_owned()));
        Chosen::new(&chosen).body(&mut spaced);
        assert_eq!(spaced, Some(Body::Json(json!({"email": "[redacted]"}))));
    }

    #[test]
    fn queries_forms_and_patches_are_searched_by_their_own_rules() {
        let names = chosen(&["email"]);
        let chosen = Chosen::new(&names);
        assert_eq!(
            chosen.query("email=a&x=1&remote_query%5Bemail%5D=b&q[email][]=c&emails=d&email="),
            "email=%5Bredacted%5D&x=1&remote_query%5Bemail%5D=%5Bredacted%5D&q[email][]=%5Bredacted%5D&emails=d&email="
        );
        let mut patch = json!([{"op": "replace", "path": "/email", "value": "a"}, {"op": "add", "path": "/x", "value": {"email": "b"}}]);
        chosen.patch(&mut patch);
        assert_eq!((&patch[0]["value"], &patch[1]["value"]["email"]), (&json!("[redacted]"), &json!("[redacted]")));
    }
}
