//! Unified requests as Graph's.

use patchboard_sdk::{Account, Error, Exchange, Request, segment};
use serde_json::{Map, Value, json};

use crate::cursor;

/// The state of the read that follows a 204.
pub(crate) const READ_BACK: &[u8] = b"read-back";

/// The largest page asked for. Microsoft publishes no limit for plans; 100 is the
/// default of Graph's larger collections.
const MAX_PAGE: u64 = 100;

/// `GET /planner/plans/{plan-id}`
/// (<https://learn.microsoft.com/en-us/graph/api/plannerplan-get>).
pub(crate) fn get(request: &Request) -> Exchange {
    Exchange::get("get_plan", path(request)).answers()
}

/// The plans of the account's group (<https://learn.microsoft.com/en-us/graph/api/plannergroup-list-plans>),
/// or without one those of the token's user (<https://learn.microsoft.com/en-us/graph/api/planneruser-list-plans>).
pub(crate) fn list(account: &Account, request: &Request) -> Result<Exchange, Error> {
    let exchange = match account.setting("group_id") {
        "" => Exchange::get("list_my_plans", "/me/planner/plans"),
        group => Exchange::get("list_group_plans", format!("/groups/{}/planner/plans", segment(group))),
    };
    let query = match request.cursor() {
        Some(cursor) => cursor::parameters(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of Microsoft Graph's"))?,
        None => request.limit(MAX_PAGE).map(|limit| ("$top".to_owned(), limit.to_string())).into_iter().collect(),
    };
    Ok(query.into_iter().fold(exchange, |exchange, (name, value)| exchange.query(&name, value)).answers())
}

/// `POST /planner/plans` (<https://learn.microsoft.com/en-us/graph/api/planner-post-plans>).
/// The group is named by id, not by URL: a URL would have to name the account's cloud.
/// Without a group the container is left to `remote_data`, and Graph refuses a plan that
/// has none.
pub(crate) fn create(account: &Account, request: &Request) -> Exchange {
    let mut plan = Map::new();
    let group = account.setting("group_id");
    if !group.is_empty() {
        plan.insert("container".to_owned(), json!({"containerId": group, "type": "group"}));
    }
    request.rename("name", &mut plan, "title");
    Exchange::post("create_plan", "/planner/plans").json(plan).answers()
}

/// `PATCH /planner/plans/{plan-id}`
/// (<https://learn.microsoft.com/en-us/graph/api/plannerplan-update>). `If-Match` is
/// required; `Prefer` asks for the plan with its new etag, where the answer would be 204
/// otherwise.
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
    known.insert("status".to_owned(), Value::from("active"));
    Exchange::get("get_plan_back", path(request)).state(READ_BACK).known(known)
}

/// `DELETE /planner/plans/{plan-id}`
/// (<https://learn.microsoft.com/en-us/graph/api/plannerplan-delete>); `If-Match` is required.
pub(crate) fn delete(request: &Request) -> Result<Exchange, Error> {
    Ok(Exchange::delete("delete_plan", path(request)).header("If-Match", etag(request)?).answers())
}

fn path(request: &Request) -> String {
    format!("/planner/plans/{}", segment(request.id()))
}

/// The etag, quotes and all, where a header can hold it.
fn etag(request: &Request) -> Result<&str, Error> {
    let etag = request.param("etag").ok_or_else(|| Error::field("/etag", "is required by Microsoft Planner"))?;
    if etag.chars().all(|c| matches!(c, ' '..='~')) { Ok(etag) } else { Err(Error::field("/etag", "holds characters that no etag has")) }
}
