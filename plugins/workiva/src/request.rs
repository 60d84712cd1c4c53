//! Unified requests as Workiva's.

use patchboard_sdk::{Account, Exchange, Request, segment};
use serde_json::{Value, json};

/// The version whose workspaces stand on the prototype path.
const PROTOTYPE: &str = "2022-01-01";

/// `PATCH …/workspaces/{workspaceId}` with a JSON Patch, which Workiva takes as
/// `application/json`. Only `replace` of `/name` is supported; the array is empty where
/// only `remote_data` was given.
pub(crate) fn update(account: &Account, request: &Request) -> Exchange {
    let replace = request.fields.get("name").map(|name| json!({"op": "replace", "path": "/name", "value": name}));
    let patch: Vec<Value> = replace.into_iter().collect();
    // Without X-Version Workiva takes every request for one of 2022-01-01.
    Exchange::patch("update_workspace", format!("{}/{}", workspaces(account), segment(request.id())))
        .header("X-Version", account.setting("api_version"))
        .header("Accept", "application/json")
        .json(patch)
        .answers()
}

fn workspaces(account: &Account) -> String {
    let prefix = if account.setting("api_version") == PROTOTYPE { "/prototype/admin" } else { "" };
    format!("{prefix}/organizations/{}/workspaces", segment(account.setting("organization_id")))
}
