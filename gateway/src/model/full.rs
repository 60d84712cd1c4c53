//! A schema that uses more of JSON Schema 2020-12 than our own keywords, by the
//! `jsonschema` crate. An edge component reads no such schema and does not carry it.

use std::borrow::Cow;

use jsonschema::{Draft, PatternOptions, Regex, ValidationOptions, Validator};
use serde_json::{Value, json};

use super::Validate;
use super::file::ModelFault;
use crate::contract::FieldError;
use crate::json::token;

/// Patterns are matched in a time that grows with the text alone, whatever they say.
fn options() -> ValidationOptions<'static> {
    let patterns: PatternOptions<Regex> = PatternOptions::regex();
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(patterns)
}

/// Where a document is no JSON Schema: a keyword with a value of the wrong kind.
pub(super) fn misshapen(schema: &Value) -> Vec<ModelFault> {
    let validator = jsonschema::draft202012::meta::validator();
    validator.iter_errors(schema).map(|e| ModelFault::at(&e.instance_path().to_string(), e.to_string())).collect()
}

/// Whether a format is one that values can be held against.
pub(super) fn knows_format(name: &str) -> bool {
    options().is_known_format(Draft::Draft202012, name)
}

/// Whether a pattern is one that texts can be held against.
pub(super) fn is_pattern(pattern: &str) -> bool {
    options().build(&json!({ "pattern": pattern })).is_ok()
}

/// Makes the validator of a document that has been found to be in order.
pub(super) fn compile(schema: &Value) -> Result<Box<dyn Validate>, ModelFault> {
    let built = options().build(schema).map_err(|e| ModelFault::at(&e.instance_path().to_string(), e.to_string()))?;
    Ok(Box::new(Full(built)))
}

#[derive(Debug)]
struct Full(Validator);

impl Validate for Full {
    fn faults(&self, given: &Value) -> Vec<FieldError> {
        let errors = self.0.iter_errors(given);
        let mut faults: Vec<FieldError> =
            errors.map(|e| FieldError { path: e.instance_path().to_string(), message: e.to_string() }).collect();
        // In the order of the value, as our own validator says them.
        let names: Vec<Cow<'_, str>> = given.as_object().into_iter().flatten().map(|(name, _)| token(name)).collect();
        faults.sort_by_key(|fault| {
            let first = fault.path.split('/').nth(1).unwrap_or_default();
            names.iter().position(|name| name == first)
        });
        faults
    }
}
