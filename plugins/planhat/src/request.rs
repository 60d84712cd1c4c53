//! Unified requests as Planhat's.

use patchboard_sdk::page::Page;
use patchboard_sdk::{Account, Error, Exchange, Operation, Request, segment};
use serde_json::{Map, Value};

use crate::collection::{Collection, amount_field};

/// The state of the read that follows an update whose answer is a text.
pub(crate) const READ_BACK: &[u8] = b"read-back";

/// The first exchange of a request, and mostly the only one. The path says which object; a body never does, for
/// Planhat is known to refuse an id in it.
pub(crate) fn exchange(account: &Account, request: &Request) -> Result<Exchange, Error> {
    let collection = Collection::of(request)?;
    let (one, many) = (collection.one(), collection.many());
    let exchange = match request.operation {
        Operation::List => list(collection, collection.page(request)?),
        Operation::Get => Exchange::get(&format!("get_{one}"), path(collection, request)?),
        Operation::Create => Exchange::post(&format!("create_{one}"), format!("/{many}")).json(body(account, request)),
        Operation::Update => Exchange::put(&format!("update_{one}"), path(collection, request)?).json(body(account, request)),
        Operation::Delete => Exchange::delete(&format!("delete_{one}"), path(collection, request)?),
        Operation::Upsert => return Err(Error::Unsupported(format!("a {one} is created or updated at Planhat, not upserted"))),
    };
    Ok(exchange.answers())
}

/// The object as it is, after an update whose answer does not show it. Should that fail,
/// what was sent is known.
pub(crate) fn read_back(collection: Collection, request: &Request) -> Result<Exchange, Error> {
    let mut known = Map::from_iter([("id".to_owned(), request.id().into())]);
    let answered = |field: &str| collection == Collection::Workspaces || field != "custom_fields";
    known.extend(request.fields.iter().filter(|(field, _)| answered(field)).map(|(field, value)| (field.clone(), value.clone())));
    let exchange = Exchange::get(&format!("get_{}_back", collection.one()), path(collection, request)?);
    Ok(exchange.state(READ_BACK).known(known))
}

/// The path of one object, whose id may be Planhat's own or begin with `extid-` or
/// `srcid-`. Without an id it would be the path of bulk calls.
fn path(collection: Collection, request: &Request) -> Result<String, Error> {
    if request.id().trim().is_empty() {
        return Err(Error::field("/id", "must not be empty: without an id Planhat changes objects in bulk"));
    }
    Ok(format!("/{}/{}", collection.many(), segment(request.id())))
}

/// Sorted by id, so that no page repeats what another had or leaves it out.
fn list(collection: Collection, page: Page) -> Exchange {
    Exchange::get(&format!("list_{}", collection.many()), format!("/{}", collection.many()))
        .query("limit", page.size().to_string())
        .query("offset", page.place().to_string())
        .query("sort", "_id")
        .query("select", collection.select())
}

fn body(account: &Account, request: &Request) -> Map<String, Value> {
    let mut body = Map::new();
    request.rename("name", &mut body, "name");
    if request.operation == Operation::Create {
        request.rename("account_id", &mut body, "companyId");
    }
    if let Some(company) = request.fields.get("account").and_then(|account| account.get("id")) {
        body.insert("companyId".to_owned(), company.clone());
    }
    request.rename("amount", &mut body, amount_field(account));
    request.rename("currency", &mut body, "currency");
    request.rename("custom_fields", &mut body, "custom");
    body
}
