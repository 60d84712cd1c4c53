use serde_json::Value;

use super::refusal::Refusal;
use crate::exchange::NativeRequest;
use crate::objects::Object;
use crate::timestamps::is_date;

/// The members of a body, or of an object within it, that were not taken yet.
#[derive(Debug)]
pub(super) struct Body {
    /// Where they stand, with a dot at the end: `customer.`.
    place: String,
    members: Object,
}

impl Body {
    /// The body of a call. None at all is an object without members.
    pub(super) fn read(request: &NativeRequest) -> Result<Self, Refusal> {
        if request.body.is_empty() {
            return Ok(Self { place: String::new(), members: Object::new() });
        }
        if !request.says_json() {
            return Err(Refusal::body("The content type must be application/json"));
        }
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(members)) => Ok(Self { place: String::new(), members }),
            _ => Err(Refusal::body("The body must be a JSON object")),
        }
    }

    /// The object that a value of `name` has to be.
    pub(super) fn within(&self, name: &str, value: Value) -> Result<Self, Refusal> {
        match value {
            Value::Object(members) => Ok(Self { place: format!("{}{name}.", self.place), members }),
            _ => Err(self.refuse(name, "must be an object")),
        }
    }

    /// Ends the reading. That unknown members are refused is the stricter reading: the reference does not say.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        match self.members.keys().next() {
            Some(name) => Err(self.refuse(name, "is not known")),
            None => Ok(()),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name)
    }

    pub(super) fn refuse(&self, name: &str, title: &str) -> Refusal {
        Refusal::field(&format!("{}{name}", self.place), title)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.refuse(name, "must be a string")),
        }
    }

    /// A text that has to be there and say something.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Refusal> {
        match self.text(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(self.refuse(name, "must not be empty")),
        }
    }

    /// A text that may be missing, not empty.
    pub(super) fn filled(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.text(name)? {
            Some(text) if text.trim().is_empty() => Err(self.refuse(name, "must not be empty")),
            text => Ok(text),
        }
    }

    /// One of a few words.
    pub(super) fn choice(&mut self, name: &str, words: &[&str]) -> Result<Option<String>, Refusal> {
        match self.text(name)? {
            Some(word) if !words.contains(&word.as_str()) => Err(self.refuse(name, "has an invalid value")),
            word => Ok(word),
        }
    }

    pub(super) fn date(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.text(name)? {
            Some(text) if !is_date(&text) => Err(self.refuse(name, "must be a date")),
            text => Ok(text),
        }
    }

    /// A list, whatever is in it.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.refuse(name, "must be an array")),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        let texts = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        texts.map(Some).ok_or_else(|| self.refuse(name, "must be an array of strings"))
    }

    /// A whole number within limits.
    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Refusal> {
        match self.take(name).map(|value| value.as_u64()) {
            None => Ok(None),
            Some(Some(number)) if (least..=most).contains(&number) => Ok(Some(number)),
            Some(_) => Err(self.refuse(name, &format!("must be from {least} to {most}"))),
        }
    }

    /// What `read` makes of a member, and a null of a null.
    pub(super) fn nullable(
        &mut self,
        name: &str,
        read: impl FnOnce(&Self, &str, Value) -> Result<Value, Refusal>,
    ) -> Result<Option<Value>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Value::Null)),
            Some(value) => read(self, name, value).map(Some),
        }
    }

    /// The comma list `includes`, of which only some are known.
    pub(super) fn includes(&mut self, known: &[&str]) -> Result<Vec<String>, Refusal> {
        let text = self.text("includes")?.unwrap_or_default();
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        if names.iter().any(|name| !known.contains(&name.as_str())) {
            return Err(self.refuse("includes", "has an invalid value"));
        }
        Ok(names)
    }
}

/// A text as it is.
pub(super) fn text(body: &Body, name: &str, value: Value) -> Result<Value, Refusal> {
    if value.is_string() { Ok(value) } else { Err(body.refuse(name, "must be a string")) }
}

/// A day.
pub(super) fn date(body: &Body, name: &str, value: Value) -> Result<Value, Refusal> {
    if value.as_str().is_some_and(is_date) { Ok(value) } else { Err(body.refuse(name, "must be a date")) }
}
