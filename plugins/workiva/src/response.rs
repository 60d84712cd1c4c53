//! Workiva's answers as unified ones.

use patchboard_sdk::{Error, Rejection, Request, Response, Step, Unified};
use serde_json::Value;

/// The workspace that the body is. Workiva declares its `id`, `created` and `modified`
/// nullable; the id is known all the same.
pub(crate) fn workspace(request: &Request, response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response)?.into());
    }
    let workspace = response.json()?;
    if !workspace.is_object() {
        return Err(Error::Unreadable("its body is no workspace".to_owned()));
    }
    let id = request.id.clone().map(Value::from);
    let unified = Unified::of(&workspace).set("id", id).take("id", "/id").take("name", "/name");
    Ok(unified.date("created_at", "/created/dateTime").date("updated_at", "/modified/dateTime").item("").into())
}

/// `{"code":"400BadRequest","message":"…"}`, perhaps with `target`, `details` and more,
/// which the caller sees in the body itself.
fn rejection(response: &Response) -> Result<Rejection, Error> {
    let body = response.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let code = text("code");
    Ok(Rejection::of_status(response.status).code(code).message(text("message").or(code).unwrap_or_default()))
}
