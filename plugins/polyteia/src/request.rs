//! Unified requests as Polyteia's: `POST /api`, whose body names the call. Reads stand
//! under `query`, changes under the key that the account's setting names.

use patchboard_sdk::page::{By, Paging};
use patchboard_sdk::{Account, Error, Exchange, Operation, Request};
use serde_json::{Map, Value};

use crate::update;

/// Polyteia wants `page`, from 1, and `size` with every list. It has no size of its own
/// where nothing is asked for.
pub(crate) const PAGES: Paging = Paging { by: By::Number, usual: 100, most: 100 };

/// The first exchange of an operation; of all but some updates the only one.
pub(crate) fn first(account: &Account, request: &Request) -> Result<Exchange, Error> {
    match request.operation {
        Operation::List => list(request),
        Operation::Get => Ok(get(request).answers()),
        Operation::Create => create(account, request),
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
    let key = match account.setting("envelope_key") {
        "" => "command",
        key => key,
    };
    call(name, key, params)
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

fn create(account: &Account, request: &Request) -> Result<Exchange, Error> {
    let organization = account.setting("organization_id");
    if organization.is_empty() {
        let why = "a workspace is created in an organization, and the account does not say in which: give it the setting organization_id";
        return Err(Error::Unsupported(why.to_owned()));
    }
    let mut params = Map::from_iter([("organization_id".to_owned(), organization.into())]);
    request.rename("name", &mut params, "name");
    request.rename("description", &mut params, "description");
    request.rename("custom_fields", &mut params, "attributes");
    Ok(change(account, "create_workspace", params).answers())
}

fn call(name: &str, key: &str, params: Map<String, Value>) -> Exchange {
    let body = Map::from_iter([(key.to_owned(), name.into()), ("params".to_owned(), params.into())]);
    Exchange::post(name, "/api").json(body)
}
