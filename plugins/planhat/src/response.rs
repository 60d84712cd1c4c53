//! Planhat's answers as unified ones.

use patchboard_sdk::{Account, Answer, Error, Operation, Rejection, Request, Response, Step, Unified};
use serde_json::{Map, Number, Value};

use crate::collection::{Collection, amount_field};
use crate::page::Page;

/// As much of an error's text as a message takes; the caller gets the whole body too.
const WORDS: usize = 500;

/// What follows from an answer.
pub(crate) fn step(account: &Account, request: &Request, response: &Response) -> Result<Step, Error> {
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
        Operation::Delete => Ok(Step::Finish(Answer::Deleted(None), Vec::new())),
        Operation::List => page(account, collection, Page::of(collection, request)?, &body?),
        _ => one(account, collection, &body?),
    }
}

/// `{"n":0,"ok":1,"deletedCount":0}`
fn did_nothing(body: &Value) -> bool {
    text(body, "deletedCount") == Some(Value::from("0"))
}

/// The object is the body. A success may also say something about the operation
/// (<https://www.planhat.com/developers/api/http-response-codes>), which is no object.
fn one(account: &Account, collection: Collection, object: &Value) -> Result<Step, Error> {
    if text(object, "_id").is_none() {
        return Err(Error::Unreadable(format!("its body is no {}: it has no `_id`", collection.one())));
    }
    Ok(unified(account, collection, object).item("").into())
}

/// A list is a bare array.
fn page(account: &Account, collection: Collection, page: Page, body: &Value) -> Result<Step, Error> {
    let objects = body.as_array().ok_or_else(|| Error::Unreadable("its body is no array".to_owned()))?;
    if let Some(stranger) = objects.iter().position(|object| !object.is_object()) {
        return Err(Error::Unreadable(format!("its element {stranger} is no {}", collection.one())));
    }
    let items = objects.iter().enumerate().map(|(at, object)| unified(account, collection, object).item(&format!("/{at}"))).collect();
    let answer = Answer::Page { items, next_cursor: page.next(objects.len()), prev_cursor: page.previous() };
    Ok(Step::Finish(answer, Vec::new()))
}

fn unified<'a>(account: &Account, collection: Collection, object: &'a Value) -> Unified<'a> {
    let common = Unified::of(object).set("id", text(object, "_id")).set("name", text(object, "name"));
    match collection {
        Collection::Workspaces => common
            .set("account_id", text(object, "companyId"))
            .set("custom_fields", object.get("custom").filter(|custom| custom.is_object()).cloned()),
        Collection::Projects => common
            .set("account", company(object))
            .set("amount", number(object, amount_field(account)))
            .set("currency", text(object, "currency"))
            .date("created_at", "/createdAt")
            .date("updated_at", "/updatedAt"),
    }
}

fn company(project: &Value) -> Option<Value> {
    let mut company = Map::from_iter([("id".to_owned(), text(project, "companyId")?)]);
    company.extend(text(project, "companyName").map(|name| ("name".to_owned(), name)));
    Some(company.into())
}

/// A text; a number is written out.
fn text(object: &Value, name: &str) -> Option<Value> {
    match object.get(name)? {
        Value::Number(number) => Some(number.to_string().into()),
        text => text.as_str().map(Value::from),
    }
}

/// A number; one in a text is read, digit by digit as it stands.
fn number(object: &Value, name: &str) -> Option<Value> {
    match object.get(name)? {
        Value::String(text) => text.trim().parse::<Number>().ok().map(Value::Number),
        value => Some(value.clone()).filter(Value::is_number),
    }
}

/// The words of an error, which is an object or a text, in JSON or plain. A page of
/// HTML has none.
fn words(response: &Response) -> String {
    let words = match response.json() {
        Ok(body) => said(&body),
        Err(_) => {
            let plain = String::from_utf8_lossy(&response.body).trim().to_owned();
            if plain.starts_with('<') { String::new() } else { plain }
        }
    };
    words.chars().take(WORDS).collect()
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
