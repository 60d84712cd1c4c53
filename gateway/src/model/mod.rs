//! The unified models: those that are built in, and those that an operator adds.

mod file;
mod full;
mod rules;
mod value;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use patchboard_models::Source;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::contract::FieldError;
use crate::json::token;
use crate::members;
use crate::problem::{Code, Problem};
pub use file::{ModelFault, is_name};
use value::Schema;

/// A model that cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Not JSON.
    #[error("the schema of {0} is not JSON: {1}")]
    NotJson(String, serde_json::Error),
    /// Not a JSON Schema of an object with properties.
    #[error("the schema of {0} cannot be used: {1}")]
    NotASchema(String, String),
}

/// Holds an object of unified fields against a schema.
trait Validate: Debug + Send + Sync {
    /// Every fault of the object.
    fn faults(&self, given: &Value) -> Vec<FieldError>;
}

/// One resource of a model.
#[derive(Debug)]
pub struct Model {
    fields: Map<String, Value>,
    schema: Value,
    /// For a schema that uses more than our own keywords. It is behind a pointer, so that a
    /// home that reads no such schema does not carry a validator for them.
    full: Option<Box<dyn Validate>>,
    notes: Vec<ModelFault>,
}

impl Model {
    /// Reads the JSON Schema of one object that is built in.
    ///
    /// # Errors
    /// [`ModelError`] for what is not such a schema, or uses more of JSON Schema than these
    /// models may.
    pub fn read(name: &str, schema: &str) -> Result<Self, ModelError> {
        let schema: Value = serde_json::from_str(schema).map_err(|e| ModelError::NotJson(name.to_owned(), e))?;
        let refuse = |why: String| ModelError::NotASchema(name.to_owned(), why);
        Schema::of(&schema).and_then(Schema::check).map_err(refuse)?;
        let fields = schema.get("properties").and_then(Value::as_object).cloned();
        let fields = fields.ok_or_else(|| refuse("it has no properties".to_owned()))?;
        Ok(Self { fields, schema, full: None, notes: Vec::new() })
    }

    /// The field names in the order of the schema.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Whether the model has the field.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The schema of one field.
    #[must_use]
    pub fn schema(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// The whole schema, as values are held against it.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.schema
    }

    /// What the schemas of fields refer to.
    #[must_use]
    pub fn definitions(&self) -> Option<&Value> {
        self.schema.get("$defs")
    }

    /// The accepted values of a field that is an enum.
    #[must_use]
    pub fn values(&self, field: &str) -> Option<&Vec<Value>> {
        self.fields.get(field)?.get("enum")?.as_array()
    }

    /// Whether a field is an object whose members can be named one by one.
    #[must_use]
    pub fn is_object(&self, field: &str) -> bool {
        let name = |name: &Value| name.as_str() == Some("object");
        match self.fields.get(field).and_then(|field| field.get("type")) {
            // null clears a field, whether its type says so or not.
            Some(Value::Array(names)) => names.iter().any(name) && names.iter().all(|other| name(other) || other.as_str() == Some("null")),
            Some(one) => name(one),
            None => false,
        }
    }

    /// Takes the members inside of fields out that the model does not name, and says where they
    /// were, as JSON pointers.
    pub fn take_unnamed(&self, given: &mut Map<String, Value>) -> Vec<String> {
        let mut taken = Vec::new();
        for (name, value) in given {
            if let Some(schema) = self.fields.get(name) {
                members::take_unnamed(&self.schema, schema, value, &format!("/{}", token(name)), &mut taken);
            }
        }
        taken
    }

    /// Holds given values against the types of the model. `null` clears and has no type.
    #[must_use]
    pub fn check(&self, given: &Map<String, Value>) -> Vec<FieldError> {
        let present: Map<String, Value> = given.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let present = Value::Object(present);
        match &self.full {
            Some(full) => full.faults(&present),
            None => Schema::of(&self.schema).map(|schema| schema.faults(&present)).unwrap_or_default(),
        }
    }
}

/// Every model that is known, by model and resource.
#[derive(Debug, Default)]
pub struct Models(BTreeMap<String, BTreeMap<String, Arc<Model>>>);

impl Models {
    /// The models that are built in.
    ///
    /// # Errors
    /// [`ModelError`] when one of them is broken.
    pub fn built_in() -> Result<Self, ModelError> {
        let mut models = Self::default();
        for Source { model, resource, schema } in patchboard_models::BUILT_IN {
            models.add(model, resource, Model::read(&format!("{model}/{resource}"), schema)?);
        }
        Ok(models)
    }

    /// Adds a resource, in the place of the one that had its name.
    pub fn add(&mut self, model: &str, resource: &str, read: Model) {
        self.0.entry(model.to_owned()).or_default().insert(resource.to_owned(), Arc::new(read));
    }

    /// Every resource with the names of its model and its own.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &Arc<Model>)> {
        self.0.iter().flat_map(|(model, resources)| resources.iter().map(|(resource, read)| (model.as_str(), resource.as_str(), read)))
    }

    /// A resource, if it is known.
    #[must_use]
    pub fn get(&self, model: &str, resource: &str) -> Option<&Arc<Model>> {
        self.0.get(model)?.get(resource)
    }

    /// The resource that a request names.
    ///
    /// # Errors
    /// 404 that says whether the model or the resource is unknown, and lists what there is.
    pub fn find(&self, model: &str, resource: &str) -> Result<&Arc<Model>, Problem> {
        let list = |names: Vec<&String>| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let resources = self.0.get(model).ok_or_else(|| {
            Problem::new(Code::UnknownModel, format!("no unified model is called {model:?}; there is {}", list(self.0.keys().collect())))
        })?;
        resources.get(resource).ok_or_else(|| {
            Problem::new(
                Code::UnknownResource,
                format!("the model {model} has no resource {resource:?}; it has {}", list(resources.keys().collect())),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(given: Value) -> Vec<(String, String)> {
        let models = Models::built_in().unwrap();
        let model = models.find("ticketing", "workspaces").unwrap();
        model.check(given.as_object().unwrap()).into_iter().map(|e| (e.path, e.message)).collect()
    }

    #[test]
    fn values_of_the_models_types_pass_and_null_has_no_type() {
        assert_eq!(check(json!({"name": "x", "status": "active", "custom_fields": {"a": 1}, "description": null})), []);
    }

    #[test]
    fn a_wrong_type_and_an_unknown_value_are_named_by_pointer() {
        let errors = check(json!({"name": 7, "status": "paused"}));
        let paths: Vec<&str> = errors.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["/name", "/status"]);
        assert!(errors[0].1.contains("string"), "{errors:?}");
    }

    #[test]
    fn unknown_names_are_told_what_there_is() {
        let models = Models::built_in().unwrap();
        let problem = models.find("ticketing", "boards").unwrap_err();
        assert_eq!(
            (problem.status.as_u16(), problem.detail.as_str()),
            (404, "the model ticketing has no resource \"boards\"; it has workspaces")
        );
        assert_eq!(models.find("hris", "x").unwrap_err().code, Code::UnknownModel);
    }
}
