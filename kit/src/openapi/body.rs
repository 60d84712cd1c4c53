//! A native body against its description.

use std::collections::hash_map::Entry;

use jsonschema::{Draft, Validator};
use patchboard_gateway::contract::{Content, Pair};
use serde_json::{Map, Value};

use super::find::Operation;
use super::{Description, Sent, members};
use crate::native::by_name;

pub(super) fn faults(description: &Description, operation: &Operation<'_>, sent: &Sent<'_>) -> Vec<String> {
    let described = operation.operation.get("requestBody").map(|body| description.resolve(body));
    let required = described.is_some_and(|body| body.get("required") == Some(&Value::Bool(true)));
    let media = media(sent);
    let (described, media) = match (described, media) {
        (_, None) if required => return vec!["a body is required, and none is sent".to_owned()],
        (_, None) => return Vec::new(),
        (None, Some(_)) => return vec!["a body is sent, and none is described".to_owned()],
        (Some(described), Some(media)) => (described, media),
    };
    let Some(content) = described.get("content").and_then(Value::as_object) else { return Vec::new() };
    let Some(schema) = content.iter().find(|(name, _)| same(name, &media)).map(|(_, content)| content.get("schema")) else {
        let all: Vec<&str> = content.keys().map(String::as_str).collect();
        return vec![format!("a body of {media} is sent, and {} is described", all.join(", "))];
    };
    schema.map(|schema| against(description, schema, sent)).unwrap_or_default()
}

/// The media type; none where there is no body.
fn media(sent: &Sent<'_>) -> Option<String> {
    let header = sent.native.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = match &sent.native.content {
        Content::Empty => return None,
        Content::Json(_) => "application/json",
        Content::Form(_) => "application/x-www-form-urlencoded",
        Content::Raw(media, _) => media,
    };
    Some(header.map_or(kind, |(_, value)| value.as_str()).to_ascii_lowercase())
}

fn same(described: &str, sent: &str) -> bool {
    let essence = |media: &str| media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let described = essence(described);
    described == "*/*" || described == essence(sent)
}

fn against(description: &Description, schema: &Value, sent: &Sent<'_>) -> Vec<String> {
    let value = match &sent.native.content {
        Content::Json(body) => body.clone(),
        Content::Form(fields) => Value::Object(form(description, schema, fields)),
        Content::Raw(..) | Content::Empty => return Vec::new(),
    };
    let mut faults: Vec<String> = validate(description, schema, &value).into_iter().map(|why| format!("the body{why}")).collect();
    faults.extend(
        members::unknown(description, schema, &value, &sent.remote).into_iter().map(|at| format!("the body's {at} is not described")),
    );
    faults
}

/// A form's fields as what their schemas say they are.
fn form(description: &Description, schema: &Value, fields: &[Pair]) -> Map<String, Value> {
    let texts = by_name(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let meant = |(name, value): (String, Value)| {
        let property = members::property(description, schema, &name);
        let wanted = property.is_some_and(|property| !validate(description, property, &value).is_empty());
        let parsed = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let value = parsed.filter(|_| wanted).unwrap_or(value);
        (name, value)
    };
    texts.into_iter().map(meant).collect()
}

/// What a schema of the document says about a value: place and reason of every fault.
pub(super) fn validate(description: &Description, schema: &Value, value: &Value) -> Vec<String> {
    let mut validators = description.validators.borrow_mut();
    let validator = match validators.entry(schema.to_string()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => match build(description, schema) {
            Ok(validator) => new.insert(validator),
            Err(why) => return vec![format!(": its description cannot be used: {why}")],
        },
    };
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// References in the schema point into the document, so the document stands around it.
fn build(description: &Description, schema: &Value) -> Result<Validator, String> {
    let draft = if description.modern { Draft::Draft202012 } else { Draft::Draft7 };
    let mut root = description.document.clone();
    if let Some(members) = root.as_object_mut() {
        members.insert("allOf".to_owned(), Value::Array(vec![schema.clone()]));
    }
    jsonschema::options().with_draft(draft).should_validate_formats(true).build(&root).map_err(|error| error.to_string())
}
