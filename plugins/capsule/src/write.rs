//! Creating and updating: what has to be known is read, then the project is written,
//! then its additional contacts, one by one.
//!
//! The project goes first so that a wrong field stops the request before any contact
//! has changed, and because whoever stops being the main contact can only then become
//! an additional one.

use patchboard_sdk::{Error, Exchange, FieldError, Operation, Request, Response, Step, state};
use serde_json::{Map, Value, json};

use crate::paging::{PAGES, ask, has_next};
use crate::request::EMBED;
use crate::state::{At, Before, Collection, State};
use crate::{collections, contacts, request, response};

/// The most exchanges that the gateway makes for one request.
const MOST_EXCHANGES: usize = 64;
/// Pages of a collection that are read before a write.
const MOST_PAGES: u32 = 20;

/// The first exchange of a create or an update.
pub(crate) fn first(request: &Request) -> Result<Exchange, Error> {
    contacts::check(request)?;
    collections::check(request)?;
    let mut state = State::default();
    if request.operation == Operation::Update {
        state.id = request::id(request)?.to_string();
    }
    // The members that need nothing read are wrong before anything is sent, or never.
    let known = Request { fields: without_collections(request), ..request.clone() };
    request::kase(&known, None, &state)?;
    read_or_write(request, state)
}

fn without_collections(request: &Request) -> Map<String, Value> {
    let collection = |name: &str| matches!(name, "tags" | "custom_fields");
    request.fields.iter().filter(|(name, _)| !collection(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What follows a response.
pub(crate) fn next(request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
    let mut state: State = state::read(state)?;
    let nth = state.nth;
    state.nth += 1;
    match state.at {
        At::Definitions => {
            let body = response::success(request, response)?;
            state.definitions.turn(collections::named(request, list(&body, "definitions")?), has_next(response));
            Ok(read_or_write(request, state)?.into())
        }
        At::Project => {
            state.before = Some(before(&response::success(request, response)?)?);
            Ok(read_or_write(request, state)?.into())
        }
        At::Contacts => {
            state.contacts.turn(additional(&response::success(request, response)?)?, has_next(response));
            Ok(read_or_write(request, state)?.into())
        }
        At::Write => written(request, state, nth, response),
        At::Contact => {
            contact_changed(request, &state, response)?;
            Ok(contact_or_back(state)?.into())
        }
        At::Back => Ok(response::item(request, response, nth, &state.additional)?.into()),
    }
}

/// The next thing that has to be known, or the write.
fn read_or_write(request: &Request, state: State) -> Result<Exchange, Error> {
    if collections::names_fields(request) && !state.definitions.whole {
        let exchange = Exchange::get("list_field_definitions", "/kases/fields/definitions");
        return send(page(exchange, &state.definitions, "definitions")?, At::Definitions, state);
    }
    if (collections::replaces_tags(request) || contacts::needs_party(request)) && state.before.is_none() {
        let exchange = Exchange::get("get_project", project(&state)).query("embed", EMBED);
        return send(exchange, At::Project, state);
    }
    if contacts::replaces(request) && !state.contacts.whole {
        let exchange = Exchange::get("list_contacts", format!("{}/parties", project(&state)));
        return send(page(exchange, &state.contacts, "contacts")?, At::Contacts, state);
    }
    write(request, state)
}

fn project(state: &State) -> String {
    format!("/kases/{}", state.id)
}

fn send(exchange: Exchange, at: At, state: State) -> Result<Exchange, Error> {
    Ok(exchange.state(state::write(&State { at, ..state })?))
}

/// The next page of a collection that is read whole.
fn page(exchange: Exchange, collection: &Collection, name: &str) -> Result<Exchange, Error> {
    if collection.pages >= MOST_PAGES {
        return Err(Error::Unsupported(format!("Capsule has more than {MOST_PAGES} pages of {name}")));
    }
    Ok(ask(PAGES.largest(u64::from(collection.pages) + 1), exchange))
}

fn list<'b>(body: &'b Value, name: &str) -> Result<&'b [Value], Error> {
    let list = body.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| Error::Unreadable(format!("it holds no `{name}`")))
}

fn before(body: &Value) -> Result<Before, Error> {
    let kase = response::kase(body)?;
    Ok(Before { tags: list(kase, "tags")?.to_vec(), party: kase.get("party").cloned().unwrap_or_default() })
}

fn additional(body: &Value) -> Result<Vec<Value>, Error> {
    let contacts: Vec<Value> = list(body, "parties")?.iter().filter_map(response::party).collect();
    // What is removed is named in a path: nothing but an id of Capsule's goes there.
    let wrong = contacts.iter().any(|contact| request::reference(contact, "/contact").is_err());
    if wrong {
        return Err(Error::Unreadable("its `parties` hold an id that is no number".to_owned()));
    }
    Ok(contacts)
}

/// `PUT /kases/{projectId}` or `POST /kases`. Where nothing follows, its answer is the answer.
fn write(request: &Request, mut state: State) -> Result<Exchange, Error> {
    let plan = contacts::plan(request, &state)?;
    let after = if plan.changes.is_empty() { 0 } else { plan.changes.len() + 1 };
    let needed = usize::try_from(state.nth).unwrap_or(MOST_EXCHANGES) + 1 + after;
    if needed > MOST_EXCHANGES {
        let why = format!("changes too many contacts: {needed} calls of Capsule's where {MOST_EXCHANGES} are the most for one request");
        return Err(Error::field("/contact", why));
    }
    let kase = request::kase(request, plan.party, &state)?;
    let exchange = match request.operation {
        Operation::Create => Exchange::post("create_project", "/kases"),
        _ => Exchange::put("update_project", project(&state)),
    };
    let exchange = exchange.query("embed", EMBED).json(json!({"kase": kase}));
    state.changes = plan.changes;
    state.additional = plan.additional;
    send(if after == 0 { exchange.answers() } else { exchange }, At::Write, state)
}

fn written(request: &Request, mut state: State, nth: u32, response: &Response) -> Result<Step, Error> {
    let item = response::item(request, response, nth, &state.additional)?;
    if state.changes.is_empty() {
        return Ok(item.into());
    }
    if request.operation == Operation::Create {
        let id = item.body.get("id").and_then(Value::as_str).and_then(|id| request::number(id, "/id").ok());
        let id = id.ok_or_else(|| Error::Unreadable("its `kase` holds no id".to_owned()))?;
        state.id = id.to_string();
    }
    state.known = item.body;
    Ok(contact_or_back(state)?.into())
}

/// The next change of the contacts; after the last the project is read, so that what is
/// answered, raw too, is the project.
fn contact_or_back(mut state: State) -> Result<Exchange, Error> {
    let project = project(&state);
    if state.changes.is_empty() {
        let exchange = Exchange::get("get_project_back", project).query("embed", EMBED).answers().known(state.known.clone());
        return send(exchange, At::Back, state);
    }
    let change = state.changes.remove(0);
    let path = format!("{project}/parties/{}", change.party);
    let exchange = if change.add { Exchange::post("add_contact", path) } else { Exchange::delete("remove_contact", path) };
    state.change = Some(change);
    send(exchange, At::Contact, state)
}

/// A contact that is there already is as good as added, one that is gone as removed.
fn contact_changed(request: &Request, state: &State, response: &Response) -> Result<(), Error> {
    let adds = state.change.as_ref().is_some_and(|change| change.add);
    if response.is_success() || (!adds && response.status == 404) {
        return Ok(());
    }
    let mut rejection = response::rejection(request, response)?;
    if adds && response.status == 422 && rejection.message.to_lowercase().contains("already") {
        return Ok(());
    }
    let path = state.change.as_ref().map_or("/contact", |change| &change.path).to_owned();
    rejection.fields = vec![FieldError { path, message: rejection.message.clone() }];
    if request.operation == Operation::Create {
        // Only here does the caller learn of the project that was made.
        rejection.message = format!("project {} was created, but not with all contacts: {}", state.id, rejection.message);
    }
    Err(rejection.into())
}
