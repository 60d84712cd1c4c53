//! Polyteia's answers as unified ones.

use patchboard_sdk::page::Page;
use patchboard_sdk::value::{number, words};
use patchboard_sdk::{Answer, Error, Item, Rejection, Response, Step, Unified};
use serde_json::{Map, Value};

/// The body of an answer that is no error. A business error comes with status 200
/// (<https://docs.polyteia.com/api-docs/en>).
pub(crate) fn success(response: &Response) -> Result<Value, Error> {
    let body = response.json()?;
    match body.get("error").filter(|error| !error.is_null()) {
        error if response.status >= 400 => Err(rejection(Rejection::of_status(response.status), error).into()),
        Some(error) => Err(rejection(of_body(error), Some(error)).into()),
        None => Ok(body),
    }
}

/// The workspace in `{"data":{…}}`.
pub(crate) fn workspace(body: &Value) -> Result<&Map<String, Value>, Error> {
    body.get("data").and_then(Value::as_object).ok_or_else(|| Error::Unreadable("its `data` holds no workspace".to_owned()))
}

/// That workspace as a unified one.
pub(crate) fn item(body: &Value) -> Result<Item, Error> {
    unified(body.get("data").unwrap_or(&Value::Null)).item("/data").identified(None)
}

/// `{"data":{"total":…,"page":…,"size":…,"items":[…]}}`. Without a total, a full page may
/// have one after it.
pub(crate) fn list(page: Page, body: &Value) -> Result<Step, Error> {
    let items = body.pointer("/data/items").and_then(Value::as_array);
    let items = items.ok_or_else(|| Error::Unreadable("its `data` holds no `items`".to_owned()))?;
    let total = body.pointer("/data/total").and_then(number).and_then(|total| total.as_u64());
    let next_cursor = total.map_or_else(|| page.next_after(items.len()), |total| page.next_of(total));
    let items = items.iter().enumerate().map(|(nth, workspace)| unified(workspace).item(&format!("/data/items/{nth}"))).collect();
    Ok(Answer::Page { items, next_cursor, prev_cursor: page.previous() }.into())
}

fn unified(workspace: &Value) -> Unified<'_> {
    Unified::of(workspace)
        .text("id", "/id")
        .text("name", "/name")
        .text("description", "/description")
        .set("custom_fields", workspace.get("attributes").filter(|attributes| attributes.is_object()).cloned())
        .date("created_at", "/created_at")
        .date("updated_at", "/updated_at")
}

/// What `error.code` means, where it is a status of HTTP.
fn of_body(error: &Value) -> Rejection {
    let code = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let status = code.filter(|code| (400..600).contains(code));
    status.map_or_else(|| Rejection::of_status(200), Rejection::of_status).status(status)
}

/// `{"code":500,"message":"internal error","details":[]}`, or a text alone. Without
/// words the error itself is said.
fn rejection(rejection: Rejection, error: Option<&Value>) -> Rejection {
    let Some(error) = error else { return rejection };
    let code = error.get("code").filter(|code| !code.is_null()).map(written);
    rejection.code(code.as_deref()).message(words(error, "/message").map_or_else(|| written(error), str::to_owned))
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
