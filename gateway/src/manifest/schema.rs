//! A manifest against its JSON Schema.

use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::ManifestError;
use crate::members;

/// The JSON Schema of a manifest, as plugin authors get it.
pub const SCHEMA: &str = include_str!("../../../wit/manifest.schema.json");

/// Every place at fault, in words.
pub(super) fn faults(manifest: &Value) -> Result<Vec<String>, ManifestError> {
    let validator = SCHEMA_VALIDATOR.as_ref().map_err(Clone::clone)?;
    Ok(validator.iter_errors(manifest).map(|error| fault(&error)).collect())
}

/// Takes the members out that the schema does not name, and says where they were.
pub(super) fn take_unknown(manifest: &mut Value) -> Result<Vec<String>, ManifestError> {
    let schema: Value = serde_json::from_str(SCHEMA).map_err(|e| ManifestError::Schema(e.to_string()))?;
    let mut unknown = Vec::new();
    members::take_unnamed(&schema, &schema, manifest, "", &mut unknown);
    Ok(unknown)
}

/// A fault in words. Where a schema offers forms, the one that comes nearest says what is missing.
fn fault(error: &ValidationError<'_>) -> String {
    let (ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context }) = error.kind() else {
        let place = error.instance_path().as_str();
        return format!("{}: {error}", if place.is_empty() { "/" } else { place });
    };
    let is_const = |error: &&ValidationError<'_>| matches!(error.kind(), ValidationErrorKind::Constant { .. });
    let choices: Vec<&ValidationError<'_>> = context.iter().filter_map(|form| form.iter().find(is_const)).collect();
    // Each form has another fixed value there, and none is the one that is given.
    if let (true, Some(first)) = (choices.len() == context.len(), choices.first()) {
        let values = choices.iter().filter_map(|error| match error.kind() {
            ValidationErrorKind::Constant { expected_value } => Some(expected_value.to_string()),
            _ => None,
        });
        return format!("{}: {} is none of {}", first.instance_path(), first.instance(), values.collect::<Vec<_>>().join(", "));
    }
    let matching = context.iter().filter(|form| !form.iter().any(|error| is_const(&error)));
    let nearest = matching.min_by_key(|form| form.len()).or_else(|| context.iter().min_by_key(|form| form.len()));
    let faults: Vec<String> = nearest.into_iter().flatten().map(fault).collect();
    if faults.is_empty() { format!("{}: {error}", error.instance_path()) } else { faults.join("; ") }
}

static SCHEMA_VALIDATOR: LazyLock<Result<Validator, ManifestError>> = LazyLock::new(|| {
    let broken = |e: String| ManifestError::Schema(format!("the schema itself is broken: {e}"));
    let schema: Value = serde_json::from_str(SCHEMA).map_err(|e| broken(e.to_string()))?;
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).map_err(|e| broken(e.to_string()))
});
