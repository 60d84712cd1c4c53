//! What all of Teamleader's answers have in common.

use patchboard_sdk::value::text;
use patchboard_sdk::{Error, FieldError, Rejection, Response};
use serde_json::Value;

/// Teamleader's names of what a unified field is written to.
const FIELDS: [(&str, &str); 10] = [
    ("title", "/name"),
    ("description", "/description"),
    ("external_budget.currency", "/currency"),
    ("external_budget", "/amount"),
    ("budget.currency", "/currency"),
    ("budget", "/amount"),
    ("customers", "/account"),
    ("customer", "/account"),
    ("deal_ids", "/opportunity"),
    ("owner_ids", "/owner"),
];

/// Whether it is no error. `field` is the unified field that the call was made for, if
/// it was one alone.
pub(crate) fn success(response: &Response, field: &str) -> Result<(), Error> {
    if response.is_success() { Ok(()) } else { Err(rejection(response, field)?.into()) }
}

/// The body of an answer that is no error.
pub(crate) fn body(response: &Response, field: &str) -> Result<Value, Error> {
    success(response, field)?;
    response.json()
}

/// `{"errors":[{"title":"Title must not be empty"}]}`, where `code`, `status` and
/// `meta.field` can stand beside the title.
fn rejection(response: &Response, field: &str) -> Result<Rejection, Error> {
    let body = response.json()?;
    let errors = match body.get("errors") {
        Some(Value::Array(errors)) => errors.as_slice(),
        _ => &[],
    };
    let titles: Vec<&str> = errors.iter().filter_map(title).collect();
    let code = errors.iter().find_map(|error| error.get("code").and_then(text));
    let mut rejection = Rejection::of_status(response.status).code(code.as_deref()).message(titles.join("; "));
    rejection.fields = errors.iter().filter_map(|error| at_fault(error, field)).collect();
    Ok(rejection)
}

fn title(error: &Value) -> Option<&str> {
    error.get("title").unwrap_or(error).as_str().filter(|title| !title.trim().is_empty())
}

fn at_fault(error: &Value, field: &str) -> Option<FieldError> {
    let named = error.pointer("/meta/field").and_then(Value::as_str).and_then(unified);
    let path = named.or(Some(field).filter(|field| !field.is_empty()))?;
    Some(FieldError { path: path.to_owned(), message: title(error).unwrap_or("is not accepted").to_owned() })
}

/// The unified field behind a native one, or behind what holds it.
fn unified(native: &str) -> Option<&'static str> {
    let native = native.trim_start_matches('/').replace('/', ".");
    let holds = |name: &str| native.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    FIELDS.iter().find(|(name, _)| holds(name)).map(|(_, path)| *path)
}
