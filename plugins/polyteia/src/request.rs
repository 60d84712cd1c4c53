//! Unified requests as Polyteia's: `POST /api`, whose body names the call. Reads stand
//! under `query`, changes under the key that the account's setting names.

use patchboard_sdk::page::{By, Paging};
use patchboard_sdk::{Account, Error, Exchange, Operation, Request};
use serde_json::{Map, Value};

use crate::update;

/// Polyteia wants `page`, from 1, and `size` with every list. It has no size of its own
/// where nothing is asked for.
pub(crate) const PAGES: Paging = Paging { by: By::Number, usual: 100, most: 100 };

/// The one path of all calls.
const PATH: &str = "/api";

/// The first exchange of an operation; of all but some updates the only one.
pub(crate) fn first(account: &Account, request: &Request) -> Result<Exchange, Error> {
    match request.operation {
        Operation::List => list(request),
        Operation::Get => Ok(get(request).answers()),
        Operation::Create => Ok(create(account, request)),
        Operation::Update => update::first(account, request),
        Operation::Delete => Ok(change(account, "delete_workspace", of_target(request)).answers()),
        Operation::Upsert => Err(Error::Unsupported("Polyteia has no upsert of workspaces".to_owned())),
    }
}

/// `get_workspace`, which also comes before an update.
pub(crate) fn get(request: &Request) -> Exchange {
    call("get_workspace", "query", of_target(request))
}

/// A call that changes something.
pub(crate) fn change(account: &Account, name: &str, params: Map<String, Value>) -> Exchange {
    call(name, key_of_changes(account), params)
}

fn key_of_changes(account: &Account) -> &str {
    match account.setting("envelope_key") {
        "" => "command",
        key => key,
    }
}

/// The parameters that say which workspace it is about.
pub(crate) fn of_target(request: &Request) -> Map<String, Value> {
    Map::from_iter([("id".to_owned(), request.id().into())])
}

fn list(request: &Request) -> Result<Exchange, Error> {
    let page = PAGES.asked(request)?;
    let params = Map::from_iter([("page".to_owned(), page.place().into()), ("size".to_owned(), page.size().into())]);
    Ok(call("list_workspaces", "query", params).answers())
}

/// `create_workspace`. Where the account does not say in which organization, that is left
/// to `remote_data`, and Polyteia refuses a workspace that has none.
fn create(account: &Account, request: &Request) -> Exchange {
    let organization = account.setting("organization_id");
    let mut params = Map::new();
    if !organization.is_empty() {
        params.insert("organization_id".to_owned(), organization.into());
    }
    request.rename("name", &mut params, "name");
    request.rename("description", &mut params, "description");
    request.rename("custom_fields", &mut params, "attributes");
    // One native call, declared twice: the second takes an organization from `remote_data`.
    let declared = if organization.is_empty() { "create_workspace_anywhere" } else { "create_workspace" };
    Exchange::post(declared, PATH).json(body("create_workspace", key_of_changes(account), params)).answers()
}

fn call(name: &str, key: &str, params: Map<String, Value>) -> Exchange {
    Exchange::post(name, PATH).json(body(name, key, params))
}

fn body(name: &str, key: &str, params: Map<String, Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), name.into()), ("params".to_owned(), params.into())])
}
