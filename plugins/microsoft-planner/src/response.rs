//! Planner's answers as unified ones.

use patchboard_sdk::{Error, Rejection, Request, Response, Step, Unified};
use serde_json::Value;

/// The plan that the body is, answered by the nth exchange. A `$select` in
/// `remote_query` can leave the id out; it is known all the same.
pub(crate) fn plan(request: &Request, response: &Response, exchange: u32) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response)?.into());
    }
    let plan = response.json()?;
    if !plan.is_object() {
        return Err(Error::Unreadable("its body is no plan".to_owned()));
    }
    let id = request.id.clone().map(Value::from);
    let unified = Unified::of(&plan).set("id", id).take("id", "/id").take("name", "/title").set("status", Some(status(&plan).into()));
    let item = unified.date("created_at", "/createdDateTime").take("etag", "/@odata.etag").item("");
    let etag = plan.get("@odata.etag").and_then(Value::as_str);
    Ok(item.from_exchange(exchange).etag(etag).into())
}

/// Only the beta version has `isArchived`
/// (<https://learn.microsoft.com/en-us/graph/api/plannerplan-archive?view=graph-rest-beta>).
fn status(plan: &Value) -> &'static str {
    if plan.get("isArchived").and_then(Value::as_bool) == Some(true) { "inactive" } else { "active" }
}

/// `{"error":{"code":"…","message":"…"}}` (<https://learn.microsoft.com/en-us/graph/errors>);
/// Planner leaves `code` empty more often than not, and `message` when it throttles.
fn rejection(response: &Response) -> Result<Rejection, Error> {
    let body = response.json()?;
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let code = text("/error/code");
    Ok(Rejection::of_status(response.status).code(code).message(text("/error/message").or(code).unwrap_or_default()))
}
