//! Graph's answers as unified ones.

use patchboard_sdk::value::words;
use patchboard_sdk::{Answer, Error, Item, Rejection, Request, Response, Step, Unified};
use serde_json::Value;

use crate::cursor;

/// The plan that the body is, answered by the nth exchange. A `$select` in
/// `remote_query` can leave the id out; it is known all the same.
pub(crate) fn plan(request: &Request, response: &Response, exchange: u32) -> Result<Step, Error> {
    let plan = response.json()?;
    let id = request.id.as_deref();
    Ok(item(&plan, id, "")?.from_exchange(exchange).identified(id)?.into())
}

/// `{"value":[plan,…],"@odata.nextLink":"…"}`, the link on every page but the last.
pub(crate) fn page(response: &Response) -> Result<Step, Error> {
    let body = response.json()?;
    let plans = body.get("value").and_then(Value::as_array).ok_or_else(|| Error::Unreadable("its `value` holds no plans".to_owned()))?;
    let items: Result<Vec<Item>, Error> = plans.iter().enumerate().map(|(nth, plan)| item(plan, None, &format!("/value/{nth}"))).collect();
    let next_cursor = match body.get("@odata.nextLink") {
        None | Some(Value::Null) => None,
        Some(link) => Some(cursor::of_link(link.as_str().unwrap_or_default())?),
    };
    Ok(Answer::Page { items: items?, next_cursor, prev_cursor: None }.into())
}

fn item(plan: &Value, id: Option<&str>, pointer: &str) -> Result<Item, Error> {
    if !plan.is_object() {
        return Err(Error::Unreadable(format!("what stands at {pointer:?} is no plan")));
    }
    let text = |name: &str| plan.get(name).filter(|value| value.is_string()).cloned();
    let etag = plan.get("@odata.etag").and_then(Value::as_str);
    let unified = Unified::of(plan)
        .set("id", id.map(Value::from))
        .set("id", text("id"))
        .set("name", text("title"))
        .set("status", Some(status(plan).into()))
        .date("created_at", "/createdDateTime")
        .set("etag", text("@odata.etag"));
    Ok(unified.item(pointer).etag(etag))
}

/// Only the beta version has `isArchived`
/// (<https://learn.microsoft.com/en-us/graph/api/plannerplan-archive?view=graph-rest-beta>).
fn status(plan: &Value) -> &'static str {
    if plan.get("isArchived").and_then(Value::as_bool) == Some(true) { "inactive" } else { "active" }
}

/// `{"error":{"code":"…","message":"…"}}` (<https://learn.microsoft.com/en-us/graph/errors>);
/// Planner leaves `code` empty more often than not, and `message` when it throttles.
pub(crate) fn rejection(response: &Response) -> Result<Rejection, Error> {
    let body = response.json()?;
    let code = words(&body, "/error/code");
    Ok(Rejection::of_status(response.status).code(code).message(words(&body, "/error/message").or(code).unwrap_or_default()))
}
