//! Attio's answers as unified ones.

use patchboard_sdk::value::words;
use patchboard_sdk::{Answer, Error, Item, Operation, Rejection, Request, Response, Step, Warning};
use serde_json::Value;

use crate::request::{self, FIND, FOUND, PAGES};
use crate::{IdMode, record, values};

/// What follows from an answer.
pub(crate) fn step(id_mode: IdMode, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response)?.into());
    }
    match (request.operation, state) {
        (_, FIND) => Ok(request::by_record_id(request, &found(request, &response.json()?)?)?.state(FOUND).into()),
        (Operation::Delete, _) => Ok(Answer::Deleted(None).into()),
        (Operation::List, _) => page(id_mode, request, &response.json()?),
        _ => record(id_mode, request, &response.json()?, u32::from(state == FOUND)),
    }
}

/// The record in `{"data":{…}}`, answered by the nth exchange.
fn record(id_mode: IdMode, request: &Request, body: &Value, exchange: u32) -> Result<Step, Error> {
    let record = body.get("data").ok_or_else(|| Error::Unreadable("it holds no `data`".to_owned()))?;
    let item = record::item(id_mode, record, "/data", request.id.as_deref())?.from_exchange(exchange);
    let warnings = not_cleared(request, &item);
    Ok(Step::Finish(Answer::Item(item), warnings))
}

/// `{"data":[record,…]}`.
fn page(id_mode: IdMode, request: &Request, body: &Value) -> Result<Step, Error> {
    let records = records(body)?;
    let page = PAGES.asked(request)?;
    let items: Result<Vec<Item>, Error> =
        records.iter().enumerate().map(|(nth, record)| record::item(id_mode, record, &format!("/data/{nth}"), None)).collect();
    Ok(Answer::Page { items: items?, next_cursor: page.next_after(records.len()), prev_cursor: page.previous() }.into())
}

/// The id of the record that has the customer's id. It goes into a path, so it must be
/// what Attio calls one: a UUID.
fn found(request: &Request, body: &Value) -> Result<String, Error> {
    let asked = Some(request.id());
    let record = records(body)?.iter().find(|record| record::workspace_id(record).as_deref() == asked).ok_or_else(none)?;
    let id = record.pointer("/id/record_id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    id.map(str::to_owned).ok_or_else(|| Error::Unreadable("the record that it holds has no id".to_owned()))
}

fn records(body: &Value) -> Result<&Vec<Value>, Error> {
    body.get("data").and_then(Value::as_array).ok_or_else(|| Error::Unreadable("its `data` holds no records".to_owned()))
}

/// The answer to a search that found nothing.
fn none() -> Error {
    Rejection::of_status(404).code(Some("not_found")).message("no workspace has this workspace_id").into()
}

/// Attributes that were to be cleared and still have a value.
fn not_cleared(request: &Request, item: &Item) -> Vec<Warning> {
    let has = |slug: &&str| item.body.get("custom_fields").is_some_and(|fields| fields.get(slug).is_some());
    let warning = |slug: &str| Warning {
        path: values::pointer(slug),
        reason: "not_cleared".to_owned(),
        message: Some("Attio still answers a value for it".to_owned()),
    };
    values::cleared(request).filter(has).map(warning).collect()
}

/// `{"status_code":404,"type":"invalid_request_error","code":"not_found","message":"…"}`.
fn rejection(response: &Response) -> Result<Rejection, Error> {
    let body = response.json()?;
    let code = words(&body, "/code");
    let message = words(&body, "/message").or(code).or_else(|| words(&body, "/type")).unwrap_or_default();
    Ok(Rejection::of_status(response.status).code(code).message(message))
}
