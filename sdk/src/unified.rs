//! The unified answer.

use serde_json::{Map, Value};

use crate::{EnumTable, Error, Exchange, date::rfc3339, value};

/// Something that was asked for and not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// JSON pointer into the unified object.
    pub path: String,
    /// A token such as `unsupported`.
    pub reason: String,
    /// For a person.
    pub message: Option<String>,
}

/// A unified object with the native object behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The model's fields.
    pub body: Map<String, Value>,
    /// Which exchange answered the native object (0 = the first), and a JSON pointer to it.
    pub native: Option<(u32, String)>,
    /// Its version.
    pub etag: Option<String>,
}

/// A finished operation's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// One object.
    Item(Item),
    /// Part of a list.
    Page {
        /// The objects.
        items: Vec<Item>,
        /// Where the next page starts.
        next_cursor: Option<String>,
        /// Where the page before starts.
        prev_cursor: Option<String>,
    },
    /// The object is gone; the provider may have shown it once more.
    Deleted(Option<Item>),
}

/// What follows from a native answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Done.
    Finish(Answer, Vec<Warning>),
    /// One more exchange.
    Send(Box<Exchange>),
}

impl From<Item> for Step {
    fn from(item: Item) -> Self {
        Answer::Item(item).into()
    }
}

impl From<Answer> for Step {
    fn from(answer: Answer) -> Self {
        Self::Finish(answer, Vec::new())
    }
}

impl From<Exchange> for Step {
    fn from(exchange: Exchange) -> Self {
        Self::Send(Box::new(exchange))
    }
}

impl Item {
    /// The native object was answered by this exchange (0 = the first).
    #[must_use]
    pub fn from_exchange(mut self, exchange: u32) -> Self {
        if let Some((nth, _)) = &mut self.native {
            *nth = exchange;
        }
        self
    }

    /// With the id that is known without the native object, where that does not show one.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where there is no id at all: nobody could say which object it is.
    pub fn identified(mut self, known: Option<&str>) -> Result<Self, Error> {
        let shown = |id: &Value| id.as_str().is_some_and(|id| !id.is_empty());
        if !self.body.get("id").is_some_and(shown) {
            let known = known.filter(|id| !id.is_empty());
            let id = known.ok_or_else(|| Error::Unreadable("the object that it holds has no id".to_owned()))?;
            self.body.insert("id".to_owned(), id.into());
        }
        Ok(self)
    }

    /// With the object's version, where it has one.
    #[must_use]
    pub fn etag(mut self, etag: Option<&str>) -> Self {
        self.etag = etag.map(str::to_owned);
        self
    }
}

/// Builds a unified object out of a native one. What the native object does not have,
/// or has as `null`, stays absent.
#[derive(Debug)]
pub struct Unified<'a> {
    native: &'a Value,
    body: Map<String, Value>,
}

impl<'a> Unified<'a> {
    /// Begins with a native object.
    #[must_use]
    pub fn of(native: &'a Value) -> Self {
        Self { native, body: Map::new() }
    }

    /// Takes the value at a JSON pointer.
    #[must_use]
    pub fn take(self, field: &str, pointer: &str) -> Self {
        let value = self.native.pointer(pointer).cloned();
        self.set(field, value)
    }

    /// Takes a text; a number is written out, anything else stays absent.
    #[must_use]
    pub fn text(self, field: &str, pointer: &str) -> Self {
        let value = self.native.pointer(pointer).and_then(value::text).map(Value::from);
        self.set(field, value)
    }

    /// Takes a number, also one that is written as a text; anything else stays absent.
    #[must_use]
    pub fn number(self, field: &str, pointer: &str) -> Self {
        let value = self.native.pointer(pointer).and_then(value::number).map(Value::Number);
        self.set(field, value)
    }

    /// Takes a date and time, normalised to RFC 3339, a date alone as its first moment in
    /// UTC; one that cannot be read is taken as it is.
    #[must_use]
    pub fn date(self, field: &str, pointer: &str) -> Self {
        let written = self.native.pointer(pointer).and_then(Value::as_str);
        let value = written.map(|text| rfc3339(text).unwrap_or_else(|| text.to_owned()).into());
        self.set(field, value)
    }

    /// Takes a value of an enum; one that the table does not have stays absent.
    #[must_use]
    pub fn enumerated(self, field: &str, pointer: &str, table: EnumTable) -> Self {
        let value = self.native.pointer(pointer).and_then(Value::as_str).and_then(|native| table.unified(native)).map(Value::from);
        self.set(field, value)
    }

    /// Sets a value, if there is one.
    #[must_use]
    pub fn set(mut self, field: &str, value: Option<Value>) -> Self {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            self.body.insert(field.to_owned(), value);
        }
        self
    }

    /// The fields alone.
    #[must_use]
    pub fn fields(self) -> Map<String, Value> {
        self.body
    }

    /// The object, with its native object at a JSON pointer into the first answer.
    #[must_use]
    pub fn item(self, pointer: &str) -> Item {
        Item { body: self.body, native: Some((0, pointer.to_owned())), etag: None }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_there_stays_absent() {
        let native = json!({"a": {"b": 1}, "n": null, "d": "2015-03-30T18:36:49.2407981Z", "e": "On"});
        let item = Unified::of(&native)
            .take("id", "/a/b")
            .take("name", "/n")
            .take("x", "/nowhere")
            .date("created_at", "/d")
            .enumerated("status", "/e", EnumTable(&[("active", "On")]))
            .enumerated("type", "/d", EnumTable(&[("active", "On")]))
            .item("/a");
        assert_eq!(Value::Object(item.body), json!({"id": 1, "created_at": "2015-03-30T18:36:49.2407981Z", "status": "active"}));
        assert_eq!(item.native, Some((0, "/a".to_owned())));
    }

    #[test]
    fn an_object_has_the_id_that_it_shows_or_the_one_that_is_known() {
        let id = |native: Value, known: Option<&str>| {
            let item = Unified::of(&native).text("id", "/id").item("").identified(known);
            item.map(|item| item.body["id"].clone()).map_err(|error| matches!(error, Error::Unreadable(_)))
        };
        assert_eq!(id(json!({"id": 7}), Some("8")), Ok(json!("7")));
        assert_eq!(id(json!({"id": null}), Some("8")), Ok(json!("8")));
        assert_eq!(id(json!({"id": ""}), Some("8")), Ok(json!("8")));
        for native in [json!({}), json!({"id": null}), json!({"id": ""}), json!({"id": [7]})] {
            assert_eq!((id(native.clone(), None), id(native, Some(""))), (Err(true), Err(true)));
        }
    }

    #[test]
    fn a_text_and_a_number_are_taken_in_the_models_type() {
        let native = json!({"id": 7, "name": "N", "amount": "12.30", "list": [1], "none": null});
        let fields = Unified::of(&native)
            .text("id", "/id")
            .text("name", "/name")
            .text("description", "/list")
            .text("type", "/none")
            .number("amount", "/amount")
            .number("count", "/name")
            .fields();
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"id":"7","name":"N","amount":12.30}"#);
    }
}
