//! Unified requests as Insightly's.

use patchboard_sdk::page::{By, Paging};
use patchboard_sdk::{EnumTable, Error, Exchange, Given, Request, utc};
use serde_json::{Map, Value, json};

/// `skip` and `top` (<https://api.na1.insightly.com/v3.1/>). How many are answered where
/// nothing is said is not documented.
pub(crate) const PAGES: Paging = Paging { by: By::Offset, usual: 100, most: 500 };

/// Insightly answers the values in upper case.
pub(crate) const STATUS: EnumTable = EnumTable(&[
    ("not started", "NOT STARTED"),
    ("in progress", "IN PROGRESS"),
    ("deferred", "DEFERRED"),
    ("cancelled", "CANCELLED"),
    ("abandoned", "ABANDONED"),
    ("completed", "COMPLETED"),
]);

pub(crate) fn get(request: &Request) -> Result<Exchange, Error> {
    Ok(Exchange::get("get_project", path(request)?).answers())
}

pub(crate) fn list(request: &Request) -> Result<Exchange, Error> {
    let page = PAGES.asked(request)?;
    let exchange = Exchange::get("list_projects", "/Projects");
    Ok(exchange.query("skip", page.place().to_string()).query("top", page.size().to_string()).answers())
}

pub(crate) fn delete(request: &Request) -> Result<Exchange, Error> {
    Ok(Exchange::delete("delete_project", path(request)?).answers())
}

/// `POST /Projects`, which wants a status.
pub(crate) fn create(request: &Request) -> Result<Exchange, Error> {
    let mut project = Map::new();
    members(request, &mut project)?;
    project.entry("STATUS").or_insert_with(|| "NOT STARTED".into());
    Ok(Exchange::post("create_project", "/Projects").json(project).answers())
}

/// `PUT /Projects`: the body says which. What is left out stays as it is, `null` clears.
pub(crate) fn update(request: &Request) -> Result<Exchange, Error> {
    let mut project = Map::from_iter([("PROJECT_ID".to_owned(), number(request.id(), "/id")?.into())]);
    members(request, &mut project)?;
    Ok(Exchange::put("update_project", "/Projects").json(project).answers())
}

fn path(request: &Request) -> Result<String, Error> {
    Ok(format!("/Projects/{}", number(request.id(), "/id")?))
}

/// An id of Insightly's, which is a number.
fn number(text: &str, field: &str) -> Result<i64, Error> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| Error::field(field, "must be a number, as Insightly's ids are"))
}

fn members(request: &Request, project: &mut Map<String, Value>) -> Result<(), Error> {
    request.rename("name", project, "PROJECT_NAME");
    if let Some(status) = request.text("status").and_then(|status| STATUS.native(status)) {
        project.insert("STATUS".to_owned(), status.into());
    }
    request.rename("description", project, "PROJECT_DETAILS");
    match request.given("close_date") {
        Given::Absent => {}
        Given::Clear => _ = project.insert("COMPLETED_DATE".to_owned(), Value::Null),
        Given::Value(date) => _ = project.insert("COMPLETED_DATE".to_owned(), date_time(date)?.into()),
    }
    if let Given::Value(owner) = request.given("owner") {
        let id = owner.get("id").and_then(Value::as_str).unwrap_or_default();
        project.insert("OWNER_USER_ID".to_owned(), number(id, "/owner/id")?.into());
    }
    let fields = request.fields.get("custom_fields").and_then(Value::as_object);
    if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
        let fields = fields.iter().map(|(name, value)| json!({"FIELD_NAME": name, "FIELD_VALUE": value}));
        project.insert("CUSTOMFIELDS".to_owned(), fields.collect());
    }
    Ok(())
}

/// `2025-06-30 00:00:00`, in UTC. A date alone is its first moment.
fn date_time(value: &Value) -> Result<String, Error> {
    let moment = value.as_str().and_then(utc);
    let written = moment.as_deref().and_then(|moment| moment.get(..19)).map(|seconds| seconds.replace('T', " "));
    written.ok_or_else(|| Error::field("/close_date", "is no date that can be written in UTC"))
}
