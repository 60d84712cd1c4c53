//! Archiving, which is in the beta version only: <https://learn.microsoft.com/en-us/graph/api/plannerplan-archive?view=graph-rest-beta>.
//! What it changes is hidden from v1.0.

use serde_json::{Value, json};

use super::body;
use super::refusal::Refusal;
use crate::exchange::NativeRequest;
use crate::objects::{Object, text};
use crate::timestamps::Precision;

/// The members of a plan that only the beta version shows, and what they are at first.
pub(super) const MEMBERS: [(&str, Value); 2] = [("isArchived", Value::Bool(false)), ("archivalInfo", Value::Null)];

/// Why a plan is archived or brought back: required, and all that the body holds.
pub(super) fn justification(request: &NativeRequest) -> Result<String, Refusal> {
    let body = body::object(request)?;
    if let Some(name) = body.keys().find(|name| *name != "justification") {
        return Err(body::unknown(name));
    }
    match text(&body, "justification") {
        Some(words) if !words.trim().is_empty() => Ok(words.to_owned()),
        _ => Err(Refusal::bad("The justification is required.")),
    }
}

/// Marks a plan.
pub(super) fn mark(plan: &mut Object, archived: bool, justification: &str, user: &str) {
    let info = json!({
        "justification": justification,
        "statusChangedBy": { "user": { "displayName": null, "id": user } },
        "statusChangedDateTime": Precision::HundredNanoseconds.now(),
    });
    plan.insert("isArchived".to_owned(), archived.into());
    plan.insert("archivalInfo".to_owned(), info);
}

/// An archived plan is read-only.
pub(super) fn check_writable(plan: &Object) -> Result<(), Refusal> {
    let archived = plan.get("isArchived") == Some(&Value::Bool(true));
    if archived { Err(Refusal::Archived) } else { Ok(()) }
}
