//! What an account accepts for one operation: the model's schema narrowed to what its
//! provider takes, with the account's settings, and the native calls behind it.

use serde_json::{Map, Value, json};

use crate::access::Access;
use crate::body::REMOTE_DATA;
use crate::check;
use crate::manifest::{Call, Field, Manifest, Param};
use crate::model::{Model, Models};
use crate::problem::Problem;
use crate::route::Route;

/// Describes an operation for an account.
///
/// # Errors
/// 404 for an unknown model or resource, 405 for an operation that the provider lacks.
pub fn describe(models: &Models, route: &Route, manifest: &Manifest, access: &Access) -> Result<Value, Problem> {
    let model = models.find(&route.model, &route.resource)?;
    let spec = check::operation(route, manifest, &access.settings)?;
    let settings = &access.settings;
    let fields: Vec<&Field> = spec.fields.iter().filter(|field| field.when.holds(settings)).collect();
    let params: Vec<&Param> = spec.params.iter().filter(|param| param.when.holds(settings)).collect();
    let calls: Vec<&Call> = spec.calls.iter().filter(|call| call.when.holds(settings)).collect();
    let mut described = json!({
        "model": route.model,
        "resource": route.resource,
        "method": route.operation.as_str(),
        "http_method": route.operation.method(),
        "provider": {"name": manifest.name, "title": manifest.title, "version": manifest.version, "documentation": manifest.documentation},
        "query_schema": query_schema(&params, &calls),
        "response_schema": response_schema(model, manifest, route),
        "calls": calls.iter().map(|call| self::call(call)).collect::<Vec<_>>(),
    });
    if route.operation.takes_body() {
        put(&mut described, "body_schema", Some(body_schema(model, &fields, &calls)));
    }
    Ok(described)
}

/// Sets a member of an object, where there is something to set.
fn put(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}

fn object(properties: Map<String, Value>, required: Vec<&str>, model: Option<&Model>) -> Value {
    let mut schema = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties});
    put(&mut schema, "required", (!required.is_empty()).then(|| json!(required)));
    put(&mut schema, "$defs", model.and_then(Model::definitions).cloned());
    schema
}

fn body_schema(model: &Model, fields: &[&Field], calls: &[&Call]) -> Value {
    let mut properties: Map<String, Value> = fields.iter().map(|field| (field.name.clone(), property(model, field))).collect();
    if calls.iter().any(|call| call.remote_data.is_some()) {
        properties.insert(REMOTE_DATA.to_owned(), json!({"description": "Native fields, passed to the provider as they are."}));
    }
    object(properties, fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect(), Some(model))
}

fn property(model: &Model, field: &Field) -> Value {
    let mut schema = model.schema(&field.name).cloned().unwrap_or_else(|| json!({}));
    put(&mut schema, "enum", field.values.as_ref().map(|values| json!(values)));
    let of_model = |keyword: &str| schema.get(keyword).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
    let least = field.min_length.into_iter().chain(of_model("minLength")).max();
    let most = field.max_length.into_iter().chain(of_model("maxLength")).min();
    put(&mut schema, "minLength", least.map(Value::from));
    put(&mut schema, "maxLength", most.map(Value::from));
    put(&mut schema, "$comment", field.note.as_ref().map(|note| json!(note)));
    if field.nullable { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema }
}

fn query_schema(params: &[&Param], calls: &[&Call]) -> Value {
    let describe = |param: &Param| match param.name.as_str() {
        "limit" => json!({"type": "integer", "minimum": 1, "description": "How many objects a page holds at most."}),
        "etag" => json!({"type": "string", "description": "The version of the object; the header If-Match means the same."}),
        "next_cursor" => json!({"type": "string", "description": "Where the page begins, from the answer before."}),
        _ => json!({"type": "string"}),
    };
    let mut properties: Map<String, Value> =
        params.iter().map(|param| (param.name.clone(), with_note(describe(param), param.note.as_ref()))).collect();
    if calls.iter().any(|call| call.remote_query) {
        properties.insert("remote_query".to_owned(), json!({"type": "object", "description": "Passed to the provider's query as it is."}));
    }
    object(properties, params.iter().filter(|param| param.required).map(|param| param.name.as_str()).collect(), None)
}

fn with_note(mut schema: Value, note: Option<&String>) -> Value {
    put(&mut schema, "$comment", note.map(|note| json!(note)));
    schema
}

fn response_schema(model: &Model, manifest: &Manifest, route: &Route) -> Value {
    let answers = manifest.resource(&route.model, &route.resource).map(|resource| resource.answers.as_slice()).unwrap_or_default();
    let mut properties = Map::new();
    for answer in answers {
        let mut schema = model.schema(&answer.name).cloned().unwrap_or_else(|| json!({}));
        put(&mut schema, "enum", answer.values.as_ref().map(|values| json!(values)));
        properties.insert(answer.name.clone(), with_note(schema, answer.note.as_ref()));
    }
    properties.insert(REMOTE_DATA.to_owned(), json!({"description": "The provider's own object."}));
    object(properties, Vec::new(), Some(model))
}

fn call(call: &Call) -> Value {
    let mut described = json!({"name": call.name, "method": call.method, "path": call.path.as_str(), "effect": call.effect});
    put(&mut described, "deprecated", call.deprecated.as_ref().map(|date| json!(date)));
    put(&mut described, "sunset", call.sunset.as_ref().map(|date| json!(date)));
    described
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::SecretString;

    use super::*;
    use crate::contract::Operation;
    use crate::egress::EgressPolicy;
    use crate::manifest::tests::example;
    use crate::{Account, AccountStatus, Credential};

    fn described(version: &str, operation: Operation) -> Result<Value, u16> {
        let manifest = Manifest::parse(&example().to_string()).unwrap();
        let settings = [("pod", "eu"), ("org", "1"), ("version", version)].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let credential = Credential::new([("access_token".to_owned(), SecretString::from("t"))]);
        let account = Account {
            id: "a".into(),
            provider: "example".into(),
            status: AccountStatus::Active,
            settings: BTreeMap::from(settings),
            credential,
        };
        let access = Access::prepare(&account, &manifest, &EgressPolicy::default()).unwrap();
        let route = Route { model: "ticketing".into(), resource: "workspaces".into(), id: None, operation };
        describe(&Models::built_in().unwrap(), &route, &manifest, &access).map_err(|p| p.status.as_u16())
    }

    #[test]
    fn the_schema_is_narrowed_to_what_the_provider_takes() {
        let described = described("2", Operation::Update).unwrap();
        let body = &described["body_schema"]["properties"];
        assert_eq!((&body["name"]["minLength"], &body["status"]["enum"]), (&json!(1), &json!(["active"])));
        assert_eq!(body["description"]["anyOf"][1], json!({"type": "null"}));
        assert!(body.get("custom_fields").is_none() && body.get("remote_data").is_some());
        jsonschema::draft202012::new(&described["body_schema"]).unwrap();
        assert_eq!(described["query_schema"]["properties"]["etag"]["type"], "string");
    }

    #[test]
    fn only_the_calls_of_the_accounts_settings_are_shown() {
        let calls = |version: &str| -> Vec<Value> { described(version, Operation::Update).unwrap()["calls"].as_array().unwrap().clone() };
        assert!(calls("2").iter().all(|call| call.get("sunset").is_none()));
        assert!(calls("1").iter().any(|call| call["sunset"] == "2027-01-31"));
        assert_eq!(described("2", Operation::Delete), Err(405));
    }
}
