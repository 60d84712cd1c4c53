//! Workiva's answers as unified ones.

use patchboard_sdk::value::words;
use patchboard_sdk::{Answer, Error, Operation, Rejection, Request, Response, Step, Unified};
use serde_json::Value;

use crate::link;

/// What an operation's answer says: a list, or the workspace that the body is.
pub(crate) fn step(request: &Request, response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response)?.into());
    }
    let body = response.json()?;
    match request.operation {
        Operation::List => list(&body),
        _ if body.is_object() => Ok(unified(&body, request.id.as_deref()).item("").into()),
        _ => Err(Error::Unreadable("its body is no workspace".to_owned())),
    }
}

/// `{"data":[…],"@nextLink":"…"}`; without the link it is the last page.
fn list(body: &Value) -> Result<Step, Error> {
    let data = body.get("data").and_then(Value::as_array).ok_or_else(|| Error::Unreadable("its `data` is no list".to_owned()))?;
    let items = data.iter().enumerate().map(|(nth, workspace)| unified(workspace, None).item(&format!("/data/{nth}"))).collect();
    let next_cursor = match body.get("@nextLink") {
        None | Some(Value::Null) => None,
        Some(Value::String(link)) if link.is_empty() => None,
        // Ending here would lose the rest of the list.
        Some(link) => {
            let cursor = link.as_str().and_then(link::cursor);
            Some(cursor.ok_or_else(|| Error::Unreadable("its `@nextLink` has no `$next`".to_owned()))?)
        }
    };
    Ok(Answer::Page { items, next_cursor, prev_cursor: None }.into())
}

/// Workiva declares `id`, `created` and `modified` nullable; an id that was asked for is
/// known all the same.
fn unified<'a>(workspace: &'a Value, id: Option<&str>) -> Unified<'a> {
    Unified::of(workspace)
        .set("id", id.map(Value::from))
        .text("id", "/id")
        .text("name", "/name")
        .date("created_at", "/created/dateTime")
        .date("updated_at", "/modified/dateTime")
}

/// `{"code":"400BadRequest","message":"…"}`, perhaps with `target`, `details` and more,
/// which the caller sees in the body itself.
fn rejection(response: &Response) -> Result<Rejection, Error> {
    let body = response.json()?;
    let code = words(&body, "/code");
    Ok(Rejection::of_status(response.status).code(code).message(words(&body, "/message").or(code).unwrap_or_default()))
}
