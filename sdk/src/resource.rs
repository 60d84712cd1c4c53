//! Requests that a plugin's tests make: those of a resource.
#![allow(clippy::panic, reason = "a test's verdict")]

use serde_json::{Map, Value};

use crate::{Operation, Request};

/// A resource of a model, of which requests are made.
#[derive(Debug, Clone, Copy)]
pub struct Resource {
    model: &'static str,
    name: &'static str,
}

impl Resource {
    /// For example `Resource::new("ticketing", "workspaces")`.
    #[must_use]
    pub const fn new(model: &'static str, name: &'static str) -> Self {
        Self { model, name }
    }

    /// A request of any operation. `fields` is a JSON object.
    #[must_use]
    #[track_caller]
    pub fn request(self, operation: Operation, id: Option<&str>, params: &[(&str, &str)], fields: &Value) -> Request {
        let fields = fields.as_object().unwrap_or_else(|| panic!("fields are no JSON object: {fields}")).clone();
        let (model, resource) = (self.model.to_owned(), self.name.to_owned());
        Request { model, resource, operation, id: id.map(str::to_owned), params: pairs(params), fields }
    }

    /// The list, with query parameters such as `limit`.
    #[must_use]
    pub fn list(self, params: &[(&str, &str)]) -> Request {
        self.request(Operation::List, None, params, &empty())
    }

    /// One object.
    #[must_use]
    pub fn get(self, id: &str) -> Request {
        self.request(Operation::Get, Some(id), &[], &empty())
    }

    /// A new object.
    #[must_use]
    #[track_caller]
    pub fn create(self, fields: &Value) -> Request {
        self.request(Operation::Create, None, &[], fields)
    }

    /// A change of an object.
    #[must_use]
    #[track_caller]
    pub fn update(self, id: &str, fields: &Value) -> Request {
        self.request(Operation::Update, Some(id), &[], fields)
    }

    /// A change of an object that may not exist yet.
    #[must_use]
    #[track_caller]
    pub fn upsert(self, params: &[(&str, &str)], fields: &Value) -> Request {
        self.request(Operation::Upsert, None, params, fields)
    }

    /// The removal of an object.
    #[must_use]
    pub fn delete(self, id: &str) -> Request {
        self.request(Operation::Delete, Some(id), &[], &empty())
    }
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn empty() -> Value {
    Map::new().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const THINGS: Resource = Resource::new("m", "r");

    #[test]
    fn a_request_is_of_its_resource_and_holds_what_it_is_given() {
        let update = THINGS.update("7", &json!({"name": null}));
        assert_eq!((update.model.as_str(), update.resource.as_str(), update.operation), ("m", "r", Operation::Update));
        assert_eq!((update.id(), &update.fields["name"]), ("7", &Value::Null));
        let list = THINGS.list(&[("limit", "2")]);
        assert_eq!((list.operation, list.id(), list.param("limit")), (Operation::List, "", Some("2")));
    }

    #[test]
    #[should_panic(expected = "fields are no JSON object")]
    fn fields_that_are_none_are_a_failure() {
        let _ = THINGS.create(&json!(["name"]));
    }
}
