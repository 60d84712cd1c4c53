//! Account and contacts. A project of Capsule's has one main contact, `party`, a person
//! or an organisation, and any number of additional ones, which have calls of their own
//! (<https://developer.capsulecrm.com/v2/operations/Project>).

use patchboard_sdk::value::text;
use patchboard_sdk::{Error, Given, Operation, Request};
use serde_json::{Value, json};

use crate::request::reference;
use crate::response::is_organisation;
use crate::state::{Change, State};

/// What makes the given account and contacts so.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The new main contact, where there is one.
    pub(crate) party: Option<i64>,
    /// Calls after the write.
    pub(crate) changes: Vec<Change>,
    /// The additional contacts when all is done.
    pub(crate) additional: Vec<Value>,
}

/// A contact that was asked for, and where.
#[derive(Debug, Clone)]
struct Wanted {
    id: i64,
    path: String,
}

/// Whether the additional contacts have to be read first.
pub(crate) fn replaces(request: &Request) -> bool {
    request.operation == Operation::Update && request.given("contact") != Given::Absent
}

/// Whether the main contact has to be read first: an organisation stays, as an account
/// that is not given does; a person gives way to the first contact.
pub(crate) fn needs_party(request: &Request) -> bool {
    replaces(request) && account(request).is_ok_and(|account| account.is_none())
}

pub(crate) fn plan(request: &Request, state: &State) -> Result<Plan, Error> {
    let account = account(request)?;
    if request.given("contact") == Given::Absent {
        return Ok(Plan { party: account, ..Plan::default() });
    }
    let wanted = wanted(request)?;
    let current = state.party();
    let (party, rest) = match wanted.split_first() {
        _ if account.is_some() || is_organisation(current) => (account, wanted.as_slice()),
        Some((first, rest)) => (Some(first.id), rest),
        None if request.operation == Operation::Create => (None, [].as_slice()),
        None => {
            return Err(Error::field("/contact", "must keep one: a project of Capsule's has a main contact; give another, or an account"));
        }
    };
    let main = party.map(|party| party.to_string()).or_else(|| current.get("id").and_then(text));
    let rest: Vec<&Wanted> = rest.iter().filter(|wanted| main.as_ref() != Some(&wanted.id.to_string())).collect();
    let existing = &state.contacts.items;
    let missing = rest.iter().filter(|wanted| find(existing, wanted.id).is_none());
    let add = missing.map(|wanted| Change { add: true, party: wanted.id.to_string(), path: wanted.path.clone() });
    let ids = existing.iter().filter_map(|contact| contact.get("id").and_then(text));
    let gone = ids.filter(|id| main.as_ref() != Some(id) && !rest.iter().any(|wanted| wanted.id.to_string() == *id));
    let changes = add.chain(gone.map(|id| Change { add: false, party: id, path: "/contact".to_owned() })).collect();
    let additional = rest.iter().map(|wanted| find(existing, wanted.id).cloned().unwrap_or_else(|| json!({"id": wanted.id.to_string()})));
    Ok(Plan { party, changes, additional: additional.collect() })
}

fn find(contacts: &[Value], id: i64) -> Option<&Value> {
    contacts.iter().find(|contact| contact.get("id").and_then(text).is_some_and(|known| known == id.to_string()))
}

fn account(request: &Request) -> Result<Option<i64>, Error> {
    match request.given("account") {
        Given::Value(account) => reference(account, "/account").map(Some),
        Given::Absent | Given::Clear => Ok(None),
    }
}

/// The contacts that were given, each once; one may stand without a list.
fn wanted(request: &Request) -> Result<Vec<Wanted>, Error> {
    let given = match request.given("contact") {
        Given::Absent | Given::Clear => Vec::new(),
        Given::Value(Value::Array(list)) => list.iter().enumerate().map(|(index, value)| (value, format!("/contact/{index}"))).collect(),
        Given::Value(value) => vec![(value, "/contact".to_owned())],
    };
    let mut wanted: Vec<Wanted> = Vec::new();
    for (value, path) in given {
        let id = reference(value, &path)?;
        if !wanted.iter().any(|other| other.id == id) {
            wanted.push(Wanted { id, path });
        }
    }
    Ok(wanted)
}

/// Refuses what cannot be mapped whatever is read, before anything is.
pub(crate) fn check(request: &Request) -> Result<(), Error> {
    account(request)?;
    wanted(request).map(|_| ())
}
