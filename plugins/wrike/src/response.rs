//! Wrike's answers as unified ones. Every success is `{"kind":"spaces","data":[…]}`
//! (<https://developers.wrike.com/overview/>).

use patchboard_sdk::page::Page;
use patchboard_sdk::{Answer, Error, Item, Operation, Rejection, Request, Response, Step, Unified};
use serde_json::Value;

use crate::ACCESS;
use crate::request::PAGES;

/// What an operation's answer says.
pub(crate) fn step(request: &Request, response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response)?.into());
    }
    match request.operation {
        Operation::List => list(PAGES.asked(request)?, &response.json()?),
        Operation::Delete => deleted(response),
        _ => {
            let item = first(&response.json()?).ok_or_else(|| Error::Unreadable("its `data` holds no space".to_owned()))?;
            Ok(item.identified(None)?.into())
        }
    }
}

fn list(page: Page, answer: &Value) -> Result<Step, Error> {
    let spaces = answer.get("data").and_then(Value::as_array).ok_or_else(|| Error::Unreadable("its `data` is no list".to_owned()))?;
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let part = spaces.iter().enumerate().skip(count(page.place())).take(count(page.size()));
    let items = part.map(|(nth, space)| unified(space).item(&format!("/data/{nth}"))).collect();
    let next_cursor = u64::try_from(spaces.len()).ok().and_then(|total| page.next_of(total));
    Ok(Answer::Page { items, next_cursor, prev_cursor: page.previous() }.into())
}

/// Wrike is said to answer the deleted space; the deletion stands without it, too.
fn deleted(response: &Response) -> Result<Step, Error> {
    let shown = if response.body.trim_ascii().is_empty() { None } else { first(&response.json()?) };
    Ok(Answer::Deleted(shown).into())
}

fn first(answer: &Value) -> Option<Item> {
    answer.pointer("/data/0").filter(|space| space.is_object()).map(|space| unified(space).item("/data/0"))
}

fn unified(space: &Value) -> Unified<'_> {
    let status = space.get("archived").and_then(Value::as_bool).map(|archived| if archived { "inactive" } else { "active" });
    Unified::of(space)
        .text("id", "/id")
        .text("name", "/title")
        .text("description", "/description")
        .set("status", status.map(Value::from))
        .enumerated("type", "/accessType", ACCESS)
}

/// `{"errorDescription":"…","error":"code"}`
/// (<https://help.wrike.com/hc/en-us/articles/23908384596631-Resolve-Common-REST-API-Errors>).
fn rejection(response: &Response) -> Result<Rejection, Error> {
    let body = response.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = text("error");
    let message = text("errorDescription").or(code).unwrap_or_default();
    Ok(Rejection::of_status(response.status).code(code).message(message))
}
