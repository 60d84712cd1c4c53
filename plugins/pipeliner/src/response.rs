//! Pipeliner's answers as unified ones.

use patchboard_sdk::value::text;
use patchboard_sdk::{Answer, Error, FieldError, Operation, Rejection, Request, Response, Step, pointer};
use serde_json::Value;

use crate::page::Page;
use crate::project::unified;

/// What follows from an answer, which is `{"success":true,"data":…}`.
pub(crate) fn step(request: &Request, response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response).into());
    }
    if request.operation == Operation::Delete && response.body.is_empty() {
        return Ok(deleted());
    }
    let body = response.json()?;
    if body.get("success") == Some(&Value::Bool(false)) {
        return Err(said(&body, Rejection::of_status(status(&body).unwrap_or(response.status))).status(status(&body)).into());
    }
    match request.operation {
        Operation::Delete => Ok(deleted()),
        Operation::List => page(&Page::of(request)?, &body),
        _ => {
            let project = body.get("data").filter(|data| data.is_object());
            let project = project.ok_or_else(|| Error::Unreadable("its `data` holds no project".to_owned()))?;
            let id = request.id.as_deref();
            Ok(unified(project, id).item("/data").identified(id)?.into())
        }
    }
}

fn deleted() -> Step {
    Answer::Deleted(None).into()
}

fn page(page: &Page, body: &Value) -> Result<Step, Error> {
    let projects = body.get("data").and_then(Value::as_array);
    let projects = projects.ok_or_else(|| Error::Unreadable("its `data` holds no list".to_owned()))?;
    if let Some(stranger) = projects.iter().position(|project| !project.is_object()) {
        return Err(Error::Unreadable(format!("element {stranger} of its `data` is no project")));
    }
    let items = projects.iter().enumerate().map(|(at, project)| unified(project, None).item(&format!("/data/{at}"))).collect();
    let (next_cursor, prev_cursor) = page.neighbours(body)?;
    Ok(Answer::Page { items, next_cursor, prev_cursor }.into())
}

/// An error of the API's own is JSON; one of what stands before it is nothing, a text,
/// or a page of HTML, which has no words.
fn rejection(response: &Response) -> Rejection {
    let rejection = Rejection::of_status(response.status);
    match response.json() {
        Ok(error) => said(&error, rejection),
        Err(_) => rejection.message(response.plain_words()),
    }
}

/// `{"success":false,"http_status":422,"code":40000,"name":"ERROR_…","message":"…"}`; a
/// path that Pipeliner does not know has `status` and `errorcode` instead.
fn said(error: &Value, rejection: Rejection) -> Rejection {
    let member = |name: &str| error.get(name).and_then(text).map(|text| text.trim().to_owned());
    let code = member("code").or_else(|| member("errorcode"));
    let message = member("message").filter(|message| !message.is_empty()).or_else(|| member("name"));
    let mut rejection = rejection.code(code.as_deref()).message(message.unwrap_or_default());
    rejection.fields = error.get("field_errors").and_then(Value::as_array).into_iter().flatten().filter_map(field).collect();
    rejection
}

/// The status that an error in a success names.
fn status(error: &Value) -> Option<u16> {
    let status = error.get("http_status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    status.filter(|status| (400..600).contains(status))
}

/// `{"field_name":"owner_id","name":"ERROR_FIELD_VALIDATION","errors":[{"message":"…"}]}`.
/// What is no field of the model came with `remote_data`.
fn field(error: &Value) -> Option<FieldError> {
    let name = error.get("field_name").and_then(Value::as_str)?;
    let path = match name {
        "name" | "description" => format!("/{name}"),
        "account" | "account_id" => "/account".to_owned(),
        "owner" | "owner_id" => "/owner".to_owned(),
        "end_date" => "/close_date".to_owned(),
        other => pointer("/remote_data", other),
    };
    let errors = error.get("errors").and_then(Value::as_array).into_iter().flatten();
    let messages: Vec<&str> = errors.filter_map(|error| error.get("message").and_then(Value::as_str)).map(str::trim).collect();
    let message =
        if messages.is_empty() { error.get("name").and_then(Value::as_str).unwrap_or_default().to_owned() } else { messages.join(" ") };
    Some(FieldError { path, message })
}
