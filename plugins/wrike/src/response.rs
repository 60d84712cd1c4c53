//! Wrike's answers as unified ones.

use patchboard_sdk::{Error, Rejection, Response, Step, Unified};
use serde_json::Value;

/// The space in `{"kind":"spaces","data":[…]}`.
pub(crate) fn space(response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(rejection(response)?.into());
    }
    let answer = response.json()?;
    let space = answer.pointer("/data/0").ok_or_else(|| Error::Unreadable("its `data` holds no space".to_owned()))?;
    Ok(unified(space).item("/data/0").into())
}

fn unified(space: &Value) -> Unified<'_> {
    let status = space.get("archived").and_then(Value::as_bool).map(|archived| if archived { "inactive" } else { "active" });
    Unified::of(space).take("id", "/id").take("name", "/title").take("description", "/description").set("status", status.map(Value::from))
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
