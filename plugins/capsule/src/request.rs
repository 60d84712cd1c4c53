//! Unified requests as Capsule's.

use patchboard_sdk::{EnumTable, Error, Exchange, Given, Operation, Request, utc};
use serde_json::{Map, Value, json};

use crate::collections;
use crate::paging::{PAGES, ask};
use crate::state::State;

/// What the answers hold beside the project's own members
/// (<https://developer.capsulecrm.com/v2/operations/Project>).
pub(crate) const EMBED: &str = "tags,fields,party,opportunity";

pub(crate) const STATUS: EnumTable = EnumTable(&[("open", "OPEN"), ("closed", "CLOSED")]);

pub(crate) fn get(request: &Request) -> Result<Exchange, Error> {
    Ok(Exchange::get("get_project", path(request)?).query("embed", EMBED).answers())
}

pub(crate) fn list(request: &Request) -> Result<Exchange, Error> {
    Ok(ask(PAGES.asked(request)?, Exchange::get("list_projects", "/kases")).query("embed", EMBED).answers())
}

pub(crate) fn delete(request: &Request) -> Result<Exchange, Error> {
    Ok(Exchange::delete("delete_project", path(request)?).answers())
}

/// `/kases/{projectId}`. An id that is no number would be another call: `1,2` reads two
/// projects, `deleted` those that are gone.
fn path(request: &Request) -> Result<String, Error> {
    Ok(format!("/kases/{}", id(request)?))
}

/// The project's id.
pub(crate) fn id(request: &Request) -> Result<i64, Error> {
    number(request.id(), "/id")
}

/// An id of Capsule's, which is a number.
pub(crate) fn number(text: &str, field: &str) -> Result<i64, Error> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| Error::field(field, "must be a number, as Capsule's ids are"))
}

/// The id in a reference that was given: `{"id":"…"}`.
pub(crate) fn reference(value: &Value, field: &str) -> Result<i64, Error> {
    number(value.get("id").and_then(Value::as_str).unwrap_or_default(), &format!("{field}/id"))
}

/// The members of `kase`, in part: what is left out stays as it is
/// (<https://developer.capsulecrm.com/v2/overview/writing-to-the-api>).
pub(crate) fn kase(request: &Request, party: Option<i64>, state: &State) -> Result<Map<String, Value>, Error> {
    let mut kase = Map::new();
    request.rename("name", &mut kase, "name");
    request.rename("description", &mut kase, "description");
    if let Some(status) = request.text("status").and_then(|status| STATUS.native(status)) {
        kase.insert("status".to_owned(), status.into());
    }
    if let Some(date) = close_date(request)? {
        kase.insert("expectedCloseOn".to_owned(), date);
    }
    if let Some(party) = party {
        kase.insert("party".to_owned(), json!({"id": party}));
    }
    if let Some(opportunity) = opportunity(request)? {
        kase.insert("opportunity".to_owned(), opportunity);
    }
    // An update of the owner alone would clear the team.
    if let (Operation::Create, Given::Value(owner)) = (request.operation, request.given("owner")) {
        kase.insert("owner".to_owned(), json!({"id": reference(owner, "/owner")?}));
    }
    let tags = collections::tags(request, state)?;
    if !tags.is_empty() {
        kase.insert("tags".to_owned(), tags.into());
    }
    let fields = collections::fields(request, state)?;
    if !fields.is_empty() {
        kase.insert("fields".to_owned(), fields.into());
    }
    Ok(kase)
}

/// The day of a date-time in UTC: Capsule keeps no time.
fn close_date(request: &Request) -> Result<Option<Value>, Error> {
    let Given::Value(value) = request.given("close_date") else {
        return Ok(request.fields.get("close_date").cloned());
    };
    let moment = value.as_str().and_then(utc);
    let day = moment.as_deref().and_then(|moment| moment.get(..10)).map(Value::from);
    day.map(Some).ok_or_else(|| Error::field("/close_date", "is no date that can be written in UTC"))
}

/// Capsule's project has one opportunity; the model's has a list, or one without a list.
fn opportunity(request: &Request) -> Result<Option<Value>, Error> {
    let one = |value: &Value, field: &str| Ok(Some(json!({"id": reference(value, field)?})));
    match request.given("opportunity") {
        Given::Absent => Ok(None),
        Given::Clear => Ok(Some(Value::Null)),
        Given::Value(Value::Array(list)) => match list.as_slice() {
            [] => Ok(Some(Value::Null)),
            [value] => one(value, "/opportunity/0"),
            _ => Err(Error::field("/opportunity", "must be one at most: a project of Capsule's has one opportunity")),
        },
        Given::Value(value) => one(value, "/opportunity"),
    }
}
