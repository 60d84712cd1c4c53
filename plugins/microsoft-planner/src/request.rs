//! Unified requests as Planner's.

use patchboard_sdk::{Error, Exchange, Request, segment};
use serde_json::Map;

/// The state of the read that follows a 204.
pub(crate) const READ_BACK: &[u8] = b"read-back";

/// `PATCH /planner/plans/{plan-id}`. `If-Match` is required; `Prefer` asks for the plan
/// with its new etag, where the answer would be 204 otherwise.
pub(crate) fn update(request: &Request) -> Result<Exchange, Error> {
    let mut plan = Map::new();
    request.rename("name", &mut plan, "title");
    let exchange = Exchange::patch("update_plan", path(request))
        .header("If-Match", etag(request)?)
        .header("Prefer", "return=representation")
        .json(plan)
        .answers();
    Ok(exchange)
}

/// `GET /planner/plans/{plan-id}`, after an update whose answer is empty.
pub(crate) fn read_back(request: &Request) -> Exchange {
    let mut known = Map::new();
    known.insert("id".to_owned(), request.id().into());
    request.rename("name", &mut known, "name");
    known.insert("status".to_owned(), "active".into());
    Exchange::get("get_plan_back", path(request)).state(READ_BACK).known(known)
}

fn path(request: &Request) -> String {
    format!("/planner/plans/{}", segment(request.id()))
}

/// The etag, quotes and all, where a header can hold it.
fn etag(request: &Request) -> Result<&str, Error> {
    let etag = request.param("etag").ok_or_else(|| Error::field("/etag", "is required by Microsoft Planner"))?;
    if etag.chars().all(|c| matches!(c, ' '..='~')) { Ok(etag) } else { Err(Error::field("/etag", "holds characters that no etag has")) }
}
