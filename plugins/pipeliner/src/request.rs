//! Unified requests as Pipeliner's.

use patchboard_sdk::{Error, Exchange, FieldError, Operation, Request, segment, utc};
use serde_json::{Map, Value};

use crate::page::Page;

const PROJECTS: &str = "/entities/Projects";

/// The one exchange of a request.
pub(crate) fn exchange(request: &Request) -> Result<Exchange, Error> {
    let exchange = match request.operation {
        Operation::List => Page::of(request)?.ask(Exchange::get("list_projects", PROJECTS)),
        Operation::Get => Exchange::get("get_project", path(request)?),
        Operation::Create => Exchange::post("create_project", PROJECTS).json(body(request)?),
        Operation::Update => Exchange::patch("update_project", path(request)?).json(body(request)?),
        Operation::Delete => Exchange::delete("delete_project", path(request)?),
        Operation::Upsert => return Err(Error::Unsupported("a project is created or updated at Pipeliner, not upserted".to_owned())),
    };
    Ok(exchange.answers())
}

fn path(request: &Request) -> Result<String, Error> {
    if !is_uuid(request.id()) {
        return Err(Error::field("/id", NO_UUID));
    }
    Ok(format!("{PROJECTS}/{}", segment(request.id())))
}

/// The fields that were given. Relations are ids, the close date is its day in UTC; custom
/// fields and `revenue_goal` come with `remote_data`.
fn body(request: &Request) -> Result<Map<String, Value>, Error> {
    let mut body = Map::new();
    let mut errors = Vec::new();
    request.rename("name", &mut body, "name");
    request.rename("description", &mut body, "description");
    for (field, name) in [("account", "account_id"), ("owner", "owner_id")] {
        let Some(id) = request.fields.get(field).and_then(|related| related.get("id")) else { continue };
        if id.as_str().is_some_and(is_uuid) {
            body.insert(name.to_owned(), id.clone());
        } else {
            errors.push(FieldError { path: format!("/{field}/id"), message: NO_UUID.to_owned() });
        }
    }
    if let Some(date) = request.text("close_date") {
        match utc(date).as_deref().and_then(|moment| moment.get(..10)) {
            Some(day) => _ = body.insert("end_date".to_owned(), day.into()),
            None => errors.push(FieldError { path: "/close_date".to_owned(), message: NO_DAY.to_owned() }),
        }
    }
    if errors.is_empty() { Ok(body) } else { Err(Error::Invalid(errors)) }
}

const NO_UUID: &str = "must be a UUID: Pipeliner has no other ids";
const NO_DAY: &str = "is no date that can be written in UTC";

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12.
fn is_uuid(text: &str) -> bool {
    let hexadecimal = |group: &str| group.chars().all(|c| c.is_ascii_hexdigit());
    text.split('-').all(hexadecimal) && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
