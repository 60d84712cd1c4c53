//! Creating and updating: what has to be known is read, then the project is written,
//! then its additional contacts, one by one.
//!
//! The project goes first so that a wrong field stops the request before any contact
//! has changed, and because whoever stops being the main contact can only then become
//! an additional one.

use patchboard_sdk::{Error, Exchange, FieldError, Operation, Request, Response, Step};
use serde_json::{Map, Value, json};

use crate::paging::{Page, has_next};
use crate::request::EMBED;
use crate::state::State;
use crate::{collections, contacts, request, response};

/// The most exchanges that the gateway makes for one request.
const MOST_EXCHANGES: usize = 64;
/// Pages of a collection that are read before a write.
const MOST_PAGES: u32 = 20;

const DEFINITIONS: &str = "definitions";
const PROJECT: &str = "project";
const CONTACTS: &str = "contacts";
const WRITE: &str = "write";
const CONTACT: &str = "contact";
const BACK: &str = "back";

/// The first exchange of a create or an update.
pub(crate) fn first(request: &Request) -> Result<Exchange, Error> {
    contacts::check(request)?;
    collections::check(request)?;
    let mut state = State::default();
    if request.operation == Operation::Update {
        state.set("id", request::id(request)?.to_string());
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
    let mut state = State::read(state);
    let nth = state.number("nth");
    state.set("nth", nth + 1);
    match state.text("at") {
        CONTACT => {
            contact_changed(request, &state, response)?;
            Ok(contact_or_back(state)?.into())
        }
        at @ (DEFINITIONS | PROJECT | CONTACTS) => {
            let body = response::success(request, response)?;
            match at {
                DEFINITIONS => read_definitions(request, &mut state, &body, response)?,
                PROJECT => read_project(&mut state, &body)?,
                _ => read_contacts(&mut state, &body, response)?,
            }
            Ok(read_or_write(request, state)?.into())
        }
        BACK => Ok(response::item(request, response, nth, state.list("additional"))?.into()),
        _ => written(request, state, nth, response),
    }
}

/// The next thing that has to be known, or the write.
fn read_or_write(request: &Request, state: State) -> Result<Exchange, Error> {
    let project = || format!("/kases/{}", state.text("id"));
    if collections::names_fields(request) && !state.has("definitions_read") {
        let exchange = Exchange::get("list_field_definitions", "/kases/fields/definitions");
        return page(exchange, DEFINITIONS, state);
    }
    if (collections::replaces_tags(request) || contacts::needs_party(request)) && !state.has("tags") {
        let exchange = Exchange::get("get_project", project()).query("embed", EMBED);
        return Ok(send(exchange, PROJECT, state));
    }
    if contacts::replaces(request) && !state.has("contacts_read") {
        let exchange = Exchange::get("list_contacts", format!("{}/parties", project()));
        return page(exchange, CONTACTS, state);
    }
    write(request, state)
}

fn send(exchange: Exchange, at: &str, mut state: State) -> Exchange {
    state.set("at", at);
    exchange.state(state.bytes())
}

/// A page of a collection that is read whole.
fn page(exchange: Exchange, at: &str, state: State) -> Result<Exchange, Error> {
    let number = state.number("page") + 1;
    if number > MOST_PAGES {
        return Err(Error::Unsupported(format!("Capsule has more than {MOST_PAGES} pages of {at}")));
    }
    Ok(send(Page::large(number).ask(exchange), at, state))
}

/// Notes whether a collection goes on.
fn turn(state: &mut State, response: &Response, done: &str) {
    if has_next(response) {
        state.set("page", state.number("page") + 1);
    } else {
        state.set("page", 0);
        state.set(done, true);
    }
}

fn list<'b>(body: &'b Value, name: &str) -> Result<&'b [Value], Error> {
    let list = body.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| Error::Unreadable(format!("it holds no `{name}`")))
}

fn read_definitions(request: &Request, state: &mut State, body: &Value, response: &Response) -> Result<(), Error> {
    state.extend("definitions", collections::named(request, list(body, "definitions")?));
    turn(state, response, "definitions_read");
    Ok(())
}

fn read_project(state: &mut State, body: &Value) -> Result<(), Error> {
    let kase = response::kase(body)?;
    let tags = list(kase, "tags")?;
    state.set("tags", tags.to_vec());
    state.set("party", kase.get("party").cloned().unwrap_or_default());
    Ok(())
}

fn read_contacts(state: &mut State, body: &Value, response: &Response) -> Result<(), Error> {
    let contacts: Vec<Value> = list(body, "parties")?.iter().filter_map(response::party).collect();
    // What is removed is named in a path: nothing but an id of Capsule's goes there.
    let wrong = contacts.iter().any(|contact| request::reference(contact, "/contact").is_err());
    if wrong {
        return Err(Error::Unreadable("its `parties` hold an id that is no number".to_owned()));
    }
    state.extend("contacts", contacts);
    turn(state, response, "contacts_read");
    Ok(())
}

/// `PUT /kases/{projectId}` or `POST /kases`. Where nothing follows, its answer is the answer.
fn write(request: &Request, mut state: State) -> Result<Exchange, Error> {
    let plan = contacts::plan(request, &state)?;
    let after = if plan.changes.is_empty() { 0 } else { plan.changes.len() + 1 };
    let needed = usize::try_from(state.number("nth")).unwrap_or(MOST_EXCHANGES) + 1 + after;
    if needed > MOST_EXCHANGES {
        let why = format!("changes too many contacts: {needed} calls of Capsule's where {MOST_EXCHANGES} are the most for one request");
        return Err(Error::field("/contact", why));
    }
    let kase = request::kase(request, plan.party, &state)?;
    let exchange = match request.operation {
        Operation::Create => Exchange::post("create_project", "/kases"),
        _ => Exchange::put("update_project", format!("/kases/{}", state.text("id"))),
    };
    let exchange = exchange.query("embed", EMBED).json(json!({"kase": kase}));
    state.set("changes", plan.changes);
    state.set("additional", plan.additional);
    Ok(if after == 0 { send(exchange.answers(), WRITE, state) } else { send(exchange, WRITE, state) })
}

fn written(request: &Request, mut state: State, nth: u32, response: &Response) -> Result<Step, Error> {
    let item = response::item(request, response, nth, state.list("additional"))?;
    if state.list("changes").is_empty() {
        return Ok(item.into());
    }
    if request.operation == Operation::Create {
        let id = item.body.get("id").and_then(Value::as_str).and_then(|id| request::number(id, "/id").ok());
        let id = id.ok_or_else(|| Error::Unreadable("its `kase` holds no id".to_owned()))?;
        state.set("id", id.to_string());
    }
    state.set("known", item.body);
    Ok(contact_or_back(state)?.into())
}

/// The next change of the contacts; after the last the project is read, so that what is
/// answered, raw too, is the project.
fn contact_or_back(mut state: State) -> Result<Exchange, Error> {
    let project = format!("/kases/{}", state.text("id"));
    let Some((change, left)) = state.list("changes").split_first().map(|(change, left)| (change.clone(), left.to_vec())) else {
        let known = state.get("known").as_object().cloned().unwrap_or_default();
        let exchange = Exchange::get("get_project_back", project).query("embed", EMBED).answers().known(known);
        return Ok(send(exchange, BACK, state));
    };
    let party = change.get("party").and_then(Value::as_str).unwrap_or_default();
    let path = format!("{project}/parties/{party}");
    let exchange = match change.get("add").and_then(Value::as_bool) {
        Some(true) => Exchange::post("add_contact", path),
        _ => Exchange::delete("remove_contact", path),
    };
    state.set("changes", left);
    state.set("change", change);
    Ok(send(exchange, CONTACT, state))
}

/// A contact that is there already is as good as added, one that is gone as removed.
fn contact_changed(request: &Request, state: &State, response: &Response) -> Result<(), Error> {
    let change = state.get("change");
    let adds = change.get("add").and_then(Value::as_bool) == Some(true);
    if response.is_success() || (!adds && response.status == 404) {
        return Ok(());
    }
    let mut rejection = response::rejection(request, response)?;
    if adds && response.status == 422 && rejection.message.to_lowercase().contains("already") {
        return Ok(());
    }
    let path = change.get("path").and_then(Value::as_str).unwrap_or("/contact").to_owned();
    rejection.fields = vec![FieldError { path, message: rejection.message.clone() }];
    if request.operation == Operation::Create {
        // Only here does the caller learn of the project that was made.
        rejection.message = format!("project {} was created, but not with all contacts: {}", state.text("id"), rejection.message);
    }
    Err(rejection.into())
}
