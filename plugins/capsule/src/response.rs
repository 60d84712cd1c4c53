//! Capsule's answers as unified ones.

use patchboard_sdk::value::text;
use patchboard_sdk::{Answer, Error, FieldError, Given, Item, Rejection, Request, Response, Step, Unified, pointer};
use serde_json::{Map, Value, json};

use crate::paging::{PAGES, has_next};
use crate::request::STATUS;

/// The one project of an answer.
pub(crate) fn project(request: &Request, response: &Response) -> Result<Step, Error> {
    Ok(item(request, response, 0, &[])?.into())
}

/// The project in the answer of the nth exchange, with the additional contacts that are
/// known beside it.
pub(crate) fn item(request: &Request, response: &Response, nth: u32, additional: &[Value]) -> Result<Item, Error> {
    let body = success(request, response)?;
    let mut item = unified(kase(&body)?).item("/kase").from_exchange(nth).identified(request.id.as_deref())?;
    if request.given("contact") != Given::Absent {
        let mut contacts = item.body.get("contact").and_then(Value::as_array).cloned().unwrap_or_default();
        contacts.extend_from_slice(additional);
        item.body.insert("contact".to_owned(), contacts.into());
    }
    Ok(item)
}

/// A page of `{"kases":[…]}`.
pub(crate) fn page(request: &Request, response: &Response) -> Result<Step, Error> {
    let body = success(request, response)?;
    let kases = body.get("kases").and_then(Value::as_array).ok_or_else(|| Error::Unreadable("it holds no `kases`".to_owned()))?;
    let items = kases.iter().enumerate().map(|(index, kase)| unified(kase).item(&format!("/kases/{index}"))).collect();
    let page = PAGES.asked(request)?;
    let next_cursor = has_next(response).then(|| page.next());
    Ok(Answer::Page { items, next_cursor, prev_cursor: page.previous() }.into())
}

/// 204, without a body.
pub(crate) fn deleted(request: &Request, response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(request, response)?.into());
    }
    Ok(Answer::Deleted(None).into())
}

/// The body of an answer that is no error.
pub(crate) fn success(request: &Request, response: &Response) -> Result<Value, Error> {
    if response.is_success() { response.json() } else { Err(rejection(request, response)?.into()) }
}

/// The project in `{"kase":{…}}`.
pub(crate) fn kase(body: &Value) -> Result<&Value, Error> {
    body.get("kase").filter(|kase| kase.is_object()).ok_or_else(|| Error::Unreadable("it holds no `kase`".to_owned()))
}

/// <https://developer.capsulecrm.com/v2/models/project>.
fn unified(kase: &Value) -> Unified<'_> {
    let get = |name: &str| kase.get(name).filter(|value| !value.is_null());
    let main = get("party");
    let status = get("status").and_then(Value::as_str).and_then(|status| STATUS.unified(&status.to_ascii_uppercase()));
    let tags = get("tags").and_then(Value::as_array).map(|tags| tags.iter().filter_map(reference).collect::<Vec<_>>());
    // `null` where there is none, absent where it is not told.
    let opportunity = kase.get("opportunity").map(|opportunity| reference(opportunity).into_iter().collect::<Vec<_>>());
    Unified::of(kase)
        .text("id", "/id")
        .text("name", "/name")
        .text("description", "/description")
        .set("status", status.map(Value::from))
        .set("account", main.filter(|party| is_organisation(party)).and_then(party))
        .set("contact", main.filter(|party| !is_organisation(party)).and_then(party).map(|party| json!([party])))
        .set("owner", get("owner").and_then(reference))
        .set("opportunity", opportunity.map(Value::from))
        .set("tags", tags.map(Value::from))
        .set("stage", get("stage").and_then(reference))
        // What an update sets wins over what Capsule sets when the project is closed.
        .date("close_date", "/closedOn")
        .date("close_date", "/expectedCloseOn")
        .date("last_activity_at", "/lastContactedAt")
        .date("created_at", "/createdAt")
        .date("updated_at", "/updatedAt")
}

/// `{"id","name"}` of something that has an id.
fn reference(value: &Value) -> Option<Value> {
    let mut reference = Map::from_iter([("id".to_owned(), value.get("id").and_then(text)?.into())]);
    if let Some(name) = value.get("name").and_then(text) {
        reference.insert("name".to_owned(), name.into());
    }
    Some(reference.into())
}

/// A person has two names, an organisation one.
pub(crate) fn party(value: &Value) -> Option<Value> {
    let mut party = reference(value)?;
    let names: Vec<&str> = ["firstName", "lastName"].into_iter().filter_map(|name| value.get(name)?.as_str()).collect();
    let name = names.join(" ").trim().to_owned();
    if let (Some(party), false) = (party.as_object_mut(), name.is_empty()) {
        party.insert("name".to_owned(), name.into());
    }
    Some(party)
}

/// People and organisations are told apart by `type`, or else by their names.
pub(crate) fn is_organisation(party: &Value) -> bool {
    let kind = party.get("type").and_then(Value::as_str);
    kind.map_or_else(|| party.get("name").is_some_and(Value::is_string), |kind| kind.eq_ignore_ascii_case("organisation"))
}

/// `{"message":"…","errors":[{"message","resource","field"}]}`, `{"error":"…"}`, or
/// nothing, with the words in `WWW-Authenticate`
/// (<https://developer.capsulecrm.com/v2/overview/handling-api-responses>).
pub(crate) fn rejection(request: &Request, response: &Response) -> Result<Rejection, Error> {
    let rejection = Rejection::of_status(response.status);
    if response.body.iter().all(u8::is_ascii_whitespace) {
        let challenge = response.header("www-authenticate").unwrap_or_default();
        let words = parameter(challenge, "error_description").unwrap_or(challenge);
        return Ok(rejection.code(parameter(challenge, "error")).message(words));
    }
    let body = response.json()?;
    let words = ["message", "error_description", "error"].into_iter().find_map(|name| body.get(name).and_then(Value::as_str));
    let errors = body.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |error: &Value, name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    let details: Vec<String> = errors.iter().filter_map(|error| of(error, "message")).collect();
    let message: Vec<String> = words.map(str::to_owned).into_iter().chain((!details.is_empty()).then(|| details.join("; "))).collect();
    let mut rejection = rejection.message(message.join(": "));
    rejection.fields = errors
        .iter()
        .filter_map(|error| {
            Some(FieldError { path: path(request, &of(error, "field")?), message: of(error, "message").unwrap_or_default() })
        })
        .collect();
    Ok(rejection)
}

/// The value in `name="value"`.
fn parameter<'h>(challenge: &'h str, name: &str) -> Option<&'h str> {
    let start = format!("{name}=\"");
    let (_, rest) = challenge.split_once(&start)?;
    rest.split_once('"').map(|(value, _)| value)
}

/// Where the unified object has what Capsule calls by this name.
fn path(request: &Request, field: &str) -> String {
    let has = |name: &str| request.given(name) != Given::Absent;
    match field {
        "name" | "description" | "status" | "tags" | "opportunity" | "owner" => format!("/{field}"),
        "expectedCloseOn" => "/close_date".to_owned(),
        "party" if has("contact") && !has("account") => "/contact".to_owned(),
        "party" => "/account".to_owned(),
        "team" if has("owner") => "/owner".to_owned(),
        // Of a row of `fields` Capsule names the member.
        "value" | "definition" if has("custom_fields") => "/custom_fields".to_owned(),
        _ if field == "fields" || field.starts_with("field.") || field.starts_with("fields") => "/custom_fields".to_owned(),
        _ => pointer("/remote_data", field),
    }
}
