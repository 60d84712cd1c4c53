//! The chain of native calls that one unified request is.

use patchboard_sdk::value::text;
use patchboard_sdk::{Account, Answer, Error, Exchange, Operation, Request, Response, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::module::Module;
use crate::relations::{Write, wanted};
use crate::request::{self, Change};
use crate::state::{At, State};
use crate::{names, page, project, response};

/// Native calls that one request may be, as the gateway has it.
pub(crate) const EXCHANGES: u32 = 64;

/// The first call: which module, where the account does not say it.
pub(crate) fn first(account: &Account, request: &Request) -> Result<Exchange, Error> {
    match Module::named(account.setting("module")) {
        Some(module) => begin(module, request, 0),
        None => Ok(Module::ask().state(State::new(At::Module, Module::V2, 1).encode()?)),
    }
}

/// The call after an answer, or the unified answer.
pub(crate) fn next(request: &Request, state: &[u8], answer: &Response) -> Result<Step, Error> {
    let state = State::decode(state)?;
    let State { module, made, .. } = state;
    match state.at {
        At::Module => Ok(begin(Module::answered(answer)?, request, made)?.into()),
        At::Before => Ok(update(module, request, &project_in(response::body(answer, "")?)?, made)?.into()),
        At::Write => after_write(request, &state, answer),
        At::Created => created(request, &state, answer),
        At::Project => {
            let native = project_in(response::body(answer, "")?)?;
            names::follow(&state, unified(module, request, &native))
        }
        At::Name => names::answered(&state, answer),
        At::Page => page::answered(module, request, made.saturating_sub(1), &response::body(answer, "")?),
        At::Deleted => {
            response::success(answer, "")?;
            Ok(Answer::Deleted(None).into())
        }
    }
}

/// The first call to a module.
fn begin(module: Module, request: &Request, made: u32) -> Result<Exchange, Error> {
    let state = |at| State::new(at, module, made + 1).encode();
    let id = || request::id(request.id());
    match request.operation {
        Operation::Get => Ok(module.call("get_project", "info", id()).answers().state(state(At::Project)?)),
        Operation::List => Ok(page::exchange(module, request)?.state(state(At::Page)?)),
        Operation::Create => {
            let Change { body, warnings, .. } = request::create(module, request)?;
            let exchange = module.call("create_project", "create", body).state(state(At::Created)?);
            Ok(warnings.into_iter().fold(exchange, Exchange::warning))
        }
        Operation::Update => {
            request::check(module, request)?;
            if request::needs_current(module, request) {
                Ok(module.call("get_project", "info", id()).state(state(At::Before)?))
            } else {
                update(module, request, &Value::Null, made)
            }
        }
        Operation::Delete => Ok(module.call("delete_project", "delete", deletion(module, id())).answers().state(state(At::Deleted)?)),
        Operation::Upsert => Err(Error::Unsupported("Teamleader's projects have nothing to be matched by".to_owned())),
    }
}

/// The new module wants to know what becomes of a project's tasks: they are kept.
fn deletion(module: Module, mut body: Map<String, Value>) -> Map<String, Value> {
    if module == Module::V2 {
        body.insert("delete_strategy".to_owned(), "unlink_tasks_and_time_trackings".into());
    }
    body
}

/// The update, before the changes of relations. `current` is the project as it is.
fn update(module: Module, request: &Request, current: &Value, made: u32) -> Result<Exchange, Error> {
    let Change { body, writes, warnings } = request::update(module, request, current)?;
    fits(made, &writes)?;
    let exchange = module.call("update_project", "update", body).state(writing(module, made, "", writes)?);
    Ok(warnings.into_iter().fold(exchange, Exchange::warning))
}

/// The update, what follows it, and the project read back must be made, or nothing.
fn fits(made: u32, writes: &[Write]) -> Result<(), Error> {
    let needed = writes.len().saturating_add(2).saturating_add(usize::try_from(made).unwrap_or(usize::MAX));
    if needed <= usize::try_from(EXCHANGES).unwrap_or(0) {
        return Ok(());
    }
    let calls = |field: &str| writes.iter().filter(|write| write.field == field).count();
    let most = writes.iter().map(|write| write.field.as_str()).max_by_key(|field| calls(field)).unwrap_or_default();
    let why = format!("needs too many calls at Teamleader: one for each that is added or removed, {needed} in all, of at most {EXCHANGES}");
    Err(Error::field(most, why))
}

/// The writes of a change, while one of them is under way.
#[derive(Serialize, Deserialize)]
struct Writing {
    /// The unified field that it is made for; none for the update itself.
    field: String,
    next: Vec<Write>,
}

fn writing(module: Module, made: u32, field: &str, next: Vec<Write>) -> Result<Vec<u8>, Error> {
    State::new(At::Write, module, made + 1).with(Writing { field: field.to_owned(), next }).encode()
}

/// The next change of a relation, or the project read back.
fn after_write(request: &Request, state: &State, answer: &Response) -> Result<Step, Error> {
    let Writing { field, mut next } = state.rest()?;
    response::success(answer, &field)?;
    if next.is_empty() {
        return Ok(read_back(request, state, request.id(), false)?.into());
    }
    let write = next.remove(0);
    let exchange = state.module.call(&write.call, &write.method, write.body);
    Ok(exchange.state(writing(state.module, state.made, &write.field, next)?).into())
}

/// `{"data":{"type":"nextgenProject","id":"…"}}`
fn created(request: &Request, state: &State, answer: &Response) -> Result<Step, Error> {
    let body = response::body(answer, "")?;
    // The introduction shows the object without `data` around it.
    let id = [body.pointer("/data/id"), body.get("id")].into_iter().flatten().find_map(text).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Error::Unreadable("its `data` holds no id of a project".to_owned()))?;
    Ok(read_back(request, state, &id, true)?.into())
}

/// Its answer is the answer: changes are answered with no body, or with an id.
fn read_back(request: &Request, state: &State, id: &str, created: bool) -> Result<Exchange, Error> {
    let next = State::new(At::Project, state.module, state.made + 1);
    let known = request::known(state.module, request, id, created);
    Ok(state.module.call("read_back_project", "info", request::id(id)).answers().known(known).state(next.encode()?))
}

/// The project in `{"data":{…}}`.
fn project_in(mut body: Value) -> Result<Value, Error> {
    let data = body.get_mut("data").filter(|data| data.is_object()).map(Value::take);
    data.ok_or_else(|| Error::Unreadable("its `data` holds no project".to_owned()))
}

fn unified(module: Module, request: &Request, native: &Value) -> Map<String, Value> {
    let asked = wanted(request, "owner").and_then(|ids| ids.into_iter().next());
    let mut unified = project::unified(module, native, asked.as_deref());
    if !unified.contains_key("id") && request.id.is_some() {
        unified.insert("id".to_owned(), request.id().into());
    }
    unified
}
