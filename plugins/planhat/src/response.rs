//! Planhat's answers as unified ones.

use patchboard_sdk::page::Page;
use patchboard_sdk::value::text;
use patchboard_sdk::{Account, Answer, Error, Operation, Rejection, Request, Response, Step, Unified, pointer};
use serde_json::{Map, Value};

use crate::collection::{Collection, amount_field};
use crate::request::{self, READ_BACK};

/// As much of an error's text as a message takes; the caller gets the whole body too.
const WORDS: usize = 500;

/// What follows from an answer.
pub(crate) fn step(account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(Rejection::of_status(response.status).message(words(response)).into());
    }
    let collection = Collection::of(request)?;
    let body = response.json();
    if body.as_ref().is_ok_and(did_nothing) {
        let message = format!("Planhat has done nothing: it knows no such {}", collection.one());
        return Err(Rejection::of_status(404).message(message).into());
    }
    match request.operation {
        // A deletion is answered by counts, a plain text or nothing.
        Operation::Delete => Ok(Answer::Deleted(None).into()),
        Operation::List => page(account, collection, collection.page(request)?, &body?),
        Operation::Update if state.is_empty() && is_text(response) => Ok(request::read_back(collection, request)?.into()),
        _ => one(account, collection, &body?, u32::from(state == READ_BACK)),
    }
}

/// An update may be answered by a text instead of the object
/// (<https://www.planhat.com/developers/api/http-response-codes>), in JSON, plain or
/// empty. A page of HTML is none, nor is JSON that is cut off.
fn is_text(response: &Response) -> bool {
    let plain = |text: &str| !text.trim_start().starts_with(['<', '{', '[', '"']);
    response.json().map_or_else(|_| std::str::from_utf8(&response.body).is_ok_and(plain), |body| body.is_string())
}

/// `{"n":0,"ok":1,"deletedCount":0}`
fn did_nothing(body: &Value) -> bool {
    body.get("deletedCount").and_then(text).as_deref() == Some("0")
}

/// The object is the body. A success may also say something about the operation
/// (<https://www.planhat.com/developers/api/http-response-codes>), which is no object.
fn one(account: &Account, collection: Collection, object: &Value, exchange: u32) -> Result<Step, Error> {
    if object.get("_id").and_then(text).is_none() {
        return Err(Error::Unreadable(format!("its body is no {}: it has no `_id`", collection.one())));
    }
    Ok(unified(account, collection, object).item("").from_exchange(exchange).into())
}

/// A list is a bare array.
fn page(account: &Account, collection: Collection, page: Page, body: &Value) -> Result<Step, Error> {
    let objects = body.as_array().ok_or_else(|| Error::Unreadable("its body is no array".to_owned()))?;
    if let Some(stranger) = objects.iter().position(|object| !object.is_object()) {
        return Err(Error::Unreadable(format!("its element {stranger} is no {}", collection.one())));
    }
    let items = objects.iter().enumerate().map(|(at, object)| unified(account, collection, object).item(&format!("/{at}"))).collect();
    Ok(Answer::Page { items, next_cursor: page.next_after(objects.len()), prev_cursor: page.previous() }.into())
}

fn unified<'a>(account: &Account, collection: Collection, object: &'a Value) -> Unified<'a> {
    let common = Unified::of(object).text("id", "/_id").text("name", "/name");
    match collection {
        Collection::Workspaces => {
            common.text("account_id", "/companyId").set("custom_fields", object.get("custom").filter(|custom| custom.is_object()).cloned())
        }
        Collection::Projects => common
            .set("account", company(object))
            .number("amount", &pointer("", amount_field(account)))
            .text("currency", "/currency")
            .date("created_at", "/createdAt")
            .date("updated_at", "/updatedAt"),
    }
}

fn company(project: &Value) -> Option<Value> {
    let member = |name: &str| project.get(name).and_then(text).map(Value::from);
    let mut company = Map::from_iter([("id".to_owned(), member("companyId")?)]);
    company.extend(member("companyName").map(|name| ("name".to_owned(), name)));
    Some(company.into())
}

/// The words of an error, which is an object or a text, in JSON or plain. A page of
/// HTML has none.
fn words(response: &Response) -> String {
    response.json().map_or_else(|_| response.plain_words(), |body| said(&body).chars().take(WORDS).collect())
}

fn said(error: &Value) -> String {
    match error {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            let words = ["message", "error", "errors"].iter().filter_map(|name| members.get(*name)).map(said);
            words.into_iter().find(|words| !words.is_empty()).unwrap_or_else(|| error.to_string())
        }
        other => other.to_string(),
    }
}
