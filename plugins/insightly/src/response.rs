//! Insightly's answers as unified ones.

use patchboard_sdk::value::{text, words};
use patchboard_sdk::{Answer, Error, Rejection, Request, Response, Step, Unified, rfc3339};
use serde_json::{Value, json};

use crate::request::PAGES;

/// An answer that is no error. Insightly documents 201 for an update and answers 200.
pub(crate) fn success(response: &Response) -> Result<(), Error> {
    if response.is_success() { Ok(()) } else { Err(rejection(response)?.into()) }
}

/// The project that the body is.
pub(crate) fn project(request: &Request, response: &Response) -> Result<Step, Error> {
    let project = response.json()?;
    if !project.is_object() {
        return Err(Error::Unreadable("its body is no project".to_owned()));
    }
    Ok(unified(&project).item("").identified(request.id.as_deref())?.into())
}

/// A page: a list without anything around it. Insightly does not say whether there is more.
pub(crate) fn page(request: &Request, response: &Response) -> Result<Step, Error> {
    let body = response.json()?;
    let projects = body.as_array().ok_or_else(|| Error::Unreadable("its body is no list".to_owned()))?;
    let page = PAGES.asked(request)?;
    let items = projects.iter().enumerate().map(|(index, project)| unified(project).item(&format!("/{index}"))).collect();
    Ok(Answer::Page { items, next_cursor: page.next_after(projects.len()), prev_cursor: page.previous() }.into())
}

/// 202, without a body.
pub(crate) fn deleted() -> Step {
    Answer::Deleted(None).into()
}

/// A status is answered in lower case, one that Insightly does not document too.
fn unified(project: &Value) -> Unified<'_> {
    let get = |name: &str| project.get(name).filter(|value| !value.is_null());
    let reference = |name: &str| get(name).and_then(text).map(|id| json!({"id": id}));
    let date = |name: &str| get(name).and_then(Value::as_str).map(|text| date(text).into());
    let status = get("STATUS").and_then(Value::as_str).map(|status| status.trim().to_lowercase()).filter(|status| !status.is_empty());
    // `null` where there is none, absent where it is not told.
    let opportunity = project.get("OPPORTUNITY_ID").map(|_| reference("OPPORTUNITY_ID").into_iter().collect::<Vec<_>>());
    Unified::of(project)
        .text("id", "/PROJECT_ID")
        .text("name", "/PROJECT_NAME")
        .text("description", "/PROJECT_DETAILS")
        .set("status", status.map(Value::from))
        .set("owner", reference("OWNER_USER_ID"))
        .set("opportunity", opportunity.map(Value::from))
        .set("tags", get("TAGS").and_then(Value::as_array).map(|tags| tags.iter().filter_map(tag).collect()))
        .set("stage", reference("STAGE_ID"))
        .set("close_date", date("COMPLETED_DATE"))
        .set("last_activity_at", date("LAST_ACTIVITY_DATE_UTC"))
        .set("created_at", date("DATE_CREATED_UTC"))
        .set("updated_at", date("DATE_UPDATED_UTC"))
}

/// A tag of Insightly's is its name.
fn tag(value: &Value) -> Option<Value> {
    let name = value.get("TAG_NAME").and_then(text)?;
    Some(json!({"id": name, "name": name}))
}

/// `2025-04-19 00:49:33`, in UTC, as RFC 3339; what cannot be read as it is.
fn date(text: &str) -> String {
    rfc3339(&text.trim().replacen(' ', "T", 1)).unwrap_or_else(|| text.to_owned())
}

/// `{"Name":"…","Message":"…"}`, a text, or nothing. The body is not documented.
fn rejection(response: &Response) -> Result<Rejection, Error> {
    let rejection = Rejection::of_status(response.status);
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(rejection);
    }
    let body = response.json()?;
    let code = words(&body, "/Name");
    let message = body.as_str().or(words(&body, "/Message")).or(code);
    Ok(rejection.code(code).message(message.map_or_else(|| body.to_string(), str::to_owned)))
}
