//! Unified requests as Workiva's.

use patchboard_sdk::{Account, Error, Exchange, Operation, Request, segment};
use serde_json::{Map, Value, json};

/// The version whose workspaces stand on the prototype path. Of it only the update is
/// documented, and the manifest has no other call.
const PROTOTYPE: &str = "2022-01-01";

/// The most workspaces that Workiva puts on one page, which is also its default.
const MOST: u64 = 1000;

/// The one exchange of an operation.
pub(crate) fn exchange(account: &Account, request: &Request) -> Result<Exchange, Error> {
    let all = workspaces(account);
    let one = format!("{all}/{}", segment(request.id()));
    let exchange = match request.operation {
        Operation::List => list(request, all),
        Operation::Get => Exchange::get("get_workspace", one),
        Operation::Create => create(request, all),
        Operation::Update => update(request, one),
        Operation::Delete => return Err(Error::Unsupported("Workiva's API deletes no workspaces".to_owned())),
        Operation::Upsert => return Err(Error::Unsupported("Workiva has no upsert of workspaces".to_owned())),
    };
    // Without X-Version Workiva takes every request for one of 2022-01-01.
    Ok(exchange.header("X-Version", account.setting("api_version")).header("Accept", "application/json").answers())
}

fn workspaces(account: &Account) -> String {
    let prefix = if account.setting("api_version") == PROTOTYPE { "/prototype/admin" } else { "" };
    format!("{prefix}/organizations/{}/workspaces", segment(account.setting("organization_id")))
}

/// Workiva's cursor carries the page size with it, so a limit goes with the first page
/// alone.
fn list(request: &Request, path: String) -> Exchange {
    let exchange = Exchange::get("list_workspaces", path);
    match (request.cursor(), request.limit(MOST)) {
        (Some(cursor), _) => exchange.query("$next", cursor),
        (None, Some(limit)) => exchange.query("$maxpagesize", limit.to_string()),
        (None, None) => exchange,
    }
}

fn create(request: &Request, path: String) -> Exchange {
    let mut workspace = Map::new();
    request.rename("name", &mut workspace, "name");
    Exchange::post("create_workspace", path).json(workspace)
}

/// A JSON Patch, which Workiva takes as `application/json`. Only `replace` of `/name` is
/// supported; the array is empty where only `remote_data` was given.
fn update(request: &Request, path: String) -> Exchange {
    let replace = request.fields.get("name").map(|name| json!({"op": "replace", "path": "/name", "value": name}));
    let patch: Vec<Value> = replace.into_iter().collect();
    Exchange::patch("update_workspace", path).json(patch)
}
