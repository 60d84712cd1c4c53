//! The answer as the caller asked for it.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::body::REMOTE_DATA;
use crate::contract::{Item, PluginFailure, Warning};
use crate::model::Model;
use crate::native::Natives;
use crate::params::{Params, ResponseFormat};
use crate::run::broken;

/// One unified object.
#[derive(Debug)]
pub(crate) struct Object<'b> {
    fields: Map<String, Value>,
    /// Behind the fields, as the provider wrote it.
    remote_data: Option<&'b RawValue>,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        for (name, value) in &self.fields {
            members.serialize_entry(name, value)?;
        }
        if let Some(native) = self.remote_data {
            members.serialize_entry(REMOTE_DATA, native)?;
        }
        members.end()
    }
}

/// Forms one unified object.
pub(crate) fn object<'b>(
    item: Item,
    model: &Model,
    params: &Params,
    warnings: &mut Vec<Warning>,
    natives: &mut Natives<'b>,
) -> Result<Object<'b>, PluginFailure> {
    let normalized = params.format == ResponseFormat::Normalized;
    let mut given = item.body;
    let mut fields = Map::new();
    for field in model.fields() {
        match given.get_mut(field).map(Value::take).filter(|value| !value.is_null()) {
            Some(value) => {
                fields.insert(field.to_owned(), value);
            }
            None if normalized => {
                fields.insert(field.to_owned(), Value::Null);
            }
            None => {}
        }
    }
    warnings.extend(given.keys().filter(|name| !model.has(name)).map(|name| Warning::new(format!("/{name}"), "undeclared")));
    let reference = item.native.filter(|_| !normalized && !params.ignore_remote_data);
    let mut remote_data = reference.map(|reference| natives.find(&reference)).transpose()?;
    if params.exclude_fields.iter().any(|field| field.starts_with(REMOTE_DATA)) {
        let tree = remote_data.take().map(|native| serde_json::from_str(native.get())).transpose();
        let tree = tree.map_err(|_| broken("it refers to what is no JSON here"))?;
        fields.extend(tree.map(|tree: Value| (REMOTE_DATA.to_owned(), tree)));
    }
    for field in &params.exclude_fields {
        exclude(&mut fields, field);
    }
    Ok(Object { fields, remote_data })
}

/// Leaves a field out. A dot reaches inside; a name that holds the dot itself goes first.
fn exclude(object: &mut Map<String, Value>, field: &str) {
    if object.shift_remove(field).is_some() {
        return;
    }
    for (at, _) in field.match_indices('.') {
        let (Some(outer), Some(inner)) = (field.get(..at), field.get(at + 1..)) else { continue };
        match object.get_mut(outer) {
            Some(Value::Object(members)) => exclude(members, inner),
            Some(Value::Array(items)) => items.iter_mut().filter_map(Value::as_object_mut).for_each(|members| exclude(members, inner)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::contract::NativeRef;
    use crate::model::Models;

    fn shape(query: &str) -> (Value, Vec<String>) {
        let models = Models::built_in().unwrap();
        let params = crate::params::parse(&format!("integrated_account_id=a&{query}"), &http::HeaderMap::new()).unwrap();
        let body = json!({"name": "n", "id": "1", "description": null, "custom_fields": {"a": 1, "b.c": 2}, "colour": "red"});
        let item =
            Item { body: body.as_object().unwrap().clone(), native: Some(NativeRef { exchange: 0, pointer: String::new() }), etag: None };
        let mut warnings = Vec::new();
        let bodies = [Bytes::from_static(br#"{"x":[{"y":1,"z":2}]}"#)];
        let model = models.get("ticketing", "workspaces").unwrap();
        let object = object(item, model, &params, &mut warnings, &mut Natives::of(&bodies)).unwrap();
        (serde_json::to_value(object).unwrap(), warnings.into_iter().map(|w| w.path).collect())
    }

    #[test]
    fn unified_leaves_absent_fields_out_and_reports_foreign_ones() {
        let (object, warnings) = shape("");
        assert_eq!(object.to_string(), r#"{"id":"1","name":"n","custom_fields":{"a":1,"b.c":2},"remote_data":{"x":[{"y":1,"z":2}]}}"#);
        assert_eq!(warnings, ["/colour"]);
    }

    #[test]
    fn normalized_has_every_field_and_no_remote_data() {
        let (object, _) = shape("response_format=normalized");
        let names: Vec<&String> = object.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            ["id", "name", "description", "status", "type", "account_id", "custom_fields", "created_at", "updated_at", "etag"]
        );
        assert_eq!(object["status"], Value::Null);
    }

    #[test]
    fn excluded_fields_reach_inside_objects_and_lists() {
        assert_eq!(shape("exclude_fields=id,remote_data,custom_fields.b.c").0, json!({"name": "n", "custom_fields": {"a": 1}}));
        assert_eq!(shape("exclude_fields[]=remote_data.x.y&ignore_remote_data=false").0["remote_data"], json!({"x": [{"z": 2}]}));
        assert!(shape("ignore_remote_data=true").0.get("remote_data").is_none());
    }
}
