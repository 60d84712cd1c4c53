//! What one exchange of a write tells the next.

use serde_json::{Map, Value};

/// The members that are known so far; one that is not is `null`.
#[derive(Debug, Clone, Default)]
pub(crate) struct State(Map<String, Value>);

impl State {
    /// The state that came back with a response.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self(serde_json::from_slice(bytes).unwrap_or_default())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        Value::Object(self.0.clone()).to_string().into_bytes()
    }

    pub(crate) fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    pub(crate) fn number(&self, name: &str) -> u32 {
        self.get(name).as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
    }

    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.get(name).as_array().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Adds to a list.
    pub(crate) fn extend(&mut self, name: &str, more: impl IntoIterator<Item = Value>) {
        let mut list = self.list(name).to_vec();
        list.extend(more);
        self.set(name, list);
    }
}
