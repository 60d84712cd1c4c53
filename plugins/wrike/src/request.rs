//! Unified requests as Wrike's.

use patchboard_sdk::page::{By, Paging};
use patchboard_sdk::{Error, Exchange, Operation, Request, segment};

use crate::ACCESS;

/// `GET /spaces` has no parameters for pages: every page asks for the whole list and
/// answers a part, which is all of it where no limit was given.
pub(crate) const PAGES: Paging = Paging { by: By::Offset, usual: u64::MAX, most: u64::MAX };

/// The one exchange of an operation.
pub(crate) fn exchange(request: &Request) -> Result<Exchange, Error> {
    let exchange = match request.operation {
        Operation::List => list(request)?,
        Operation::Get => Exchange::get("get_space", space(request)),
        Operation::Create => create(request),
        Operation::Update => update(request),
        Operation::Delete => Exchange::delete("delete_space", space(request)),
        Operation::Upsert => return Err(Error::Unsupported("Wrike has no upsert of spaces".to_owned())),
    };
    Ok(exchange.answers())
}

fn space(request: &Request) -> String {
    format!("/spaces/{}", segment(request.id()))
}

/// `GET /spaces`. A cursor is read before anything is sent.
fn list(request: &Request) -> Result<Exchange, Error> {
    PAGES.asked(request)?;
    Ok(Exchange::get("list_spaces", "/spaces"))
}

/// `POST /spaces` (<https://developers.wrike.com/reference/postspacesempty>).
fn create(request: &Request) -> Exchange {
    let mut form = Vec::new();
    request.rename_in_form("name", &mut form, "title");
    if let Some(access) = request.text("type").and_then(|kind| ACCESS.native(kind)) {
        form.push(("accessType".to_owned(), access.to_owned()));
    }
    request.rename_in_form("description", &mut form, "description");
    Exchange::post("create_space", "/spaces").form(form)
}

/// `PUT /spaces/{spaceId}`. Parameters go into a form body: Wrike takes them in the
/// query too, where they would be limited in length and stand in logs.
fn update(request: &Request) -> Exchange {
    let mut form = Vec::new();
    request.rename_in_form("name", &mut form, "title");
    request.rename_in_form("description", &mut form, "description");
    Exchange::put("update_space", space(request)).form(form)
}
