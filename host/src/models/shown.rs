//! A model as it is shown: its fields, where it came from, and who serves it.

use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::model::Model;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::registry::Registry;

/// What stands for a file where there is none.
const BUILT_IN: &str = "built in";

/// A model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The unified model.
    pub model: String,
    /// The resource of it.
    pub resource: String,
    /// Its title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `built in`, or its file.
    pub source: String,
    /// Its fields, in the order of the file.
    pub fields: Vec<Field>,
    /// The loaded plugins that serve it, with their versions.
    pub served_by: Vec<String>,
}

/// A field of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type, or its types, or `any`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its values, where it is an enum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Registry {
    /// Every model, as it is shown.
    #[must_use]
    pub fn shown_models(&self) -> Vec<Shown> {
        let show = |(model, resource, read): (&str, &str, &std::sync::Arc<Model>)| Shown {
            model: model.to_owned(),
            resource: resource.to_owned(),
            title: text(read.document(), "title"),
            source: self.models.file(model, resource).map_or_else(|| BUILT_IN.to_owned(), |file| file.display().to_string()),
            fields: read.fields().filter_map(|name| Some(field(read, name, read.schema(name)?))).collect(),
            served_by: self.serving(model, resource),
        };
        self.models.all().all().map(show).collect()
    }

    fn serving(&self, model: &str, resource: &str) -> Vec<String> {
        let serves = self.all().filter(|loaded| loaded.plugin.manifest().resource(model, resource).is_some());
        serves.map(|loaded| format!("{} {}", loaded.plugin.identity().name, loaded.plugin.identity().version)).collect()
    }
}

fn field(model: &Model, name: &str, schema: &Value) -> Field {
    Field {
        name: name.to_owned(),
        kind: kind(model, schema),
        values: schema.get("enum").and_then(Value::as_array).cloned(),
        description: text(schema, "description"),
    }
}

/// `string`, `string or null`, `string (date-time)`, or what it refers to is.
fn kind(model: &Model, schema: &Value) -> String {
    let named = match schema.get("type") {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => {
            let referred = schema.get("$ref").and_then(Value::as_str).and_then(|to| model.document().pointer(to.trim_start_matches('#')));
            return referred.and_then(|referred| text(referred, "type")).unwrap_or_else(|| "any".to_owned());
        }
    };
    match text(schema, "format") {
        Some(format) => format!("{named} ({format})"),
        None => named,
    }
}

fn text(schema: &Value, member: &str) -> Option<String> {
    schema.get(member).and_then(Value::as_str).map(str::to_owned)
}
