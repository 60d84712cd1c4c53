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
        None => Ok(Module::ask().state(State::after(0, Module::V2, At::Module).encode()?)),
    }
}

/// The call after an answer, or the unified answer.
pub(crate) fn next(request: &Request, state: &[u8], answer: &Response) -> Result<Step, Error> {
    let State { at, module, made } = State::decode(state)?;
    match at {
        At::Module => Ok(begin(Module::answered(answer)?, request, made)?.into()),
        At::Before => Ok(update(module, request, &project_in(response::body(answer, "")?)?, made)?.into()),
        At::Write(writing) => after_write(module, request, made, writing, answer),
        At::Created => created(module, request, made, answer),
        At::Project => {
            let native = project_in(response::body(answer, "")?)?;
            names::follow(module, made, unified(module, request, &native))
        }
        At::Name(known) => names::answered(module, made, known, answer),
        At::Page => page::answered(module, request, made.saturating_sub(1), &response::body(answer, "")?),
        At::Deleted => {
            response::success(answer, "")?;
            Ok(Answer::Deleted(None).into())
        }
    }
}

/// The first call to a module.
fn begin(module: Module, request: &Request, made: u32) -> Result<Exchange, Error> {
    let state = |at| State::after(made, module, at).encode();
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
    let exchange = module.call("update_project", "update", body).state(writing(module, made, String::new(), writes)?);
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Writing {
    /// The unified field that it is made for; none for the update itself.
    pub(crate) field: String,
    pub(crate) next: Vec<Write>,
}

fn writing(module: Module, made: u32, field: String, next: Vec<Write>) -> Result<Vec<u8>, Error> {
    State::after(made, module, At::Write(Writing { field, next })).encode()
}

/// The next change of a relation, or the project read back.
fn after_write(module: Module, request: &Request, made: u32, writing: Writing, answer: &Response) -> Result<Step, Error> {
    let Writing { field, mut next } = writing;
    response::success(answer, &field)?;
    if next.is_empty() {
        return Ok(read_back(module, request, made, request.id(), false)?.into());
    }
    let write = next.remove(0);
    let exchange = module.call(&write.call, &write.method, write.body);
    Ok(exchange.state(self::writing(module, made, write.field, next)?).into())
}

/// `{"data":{"type":"nextgenProject","id":"…"}}`
fn created(module: Module, request: &Request, made: u32, answer: &Response) -> Result<Step, Error> {
    let body = response::body(answer, "")?;
    // The introduction shows the object without `data` around it.
    let id = [body.pointer("/data/id"), body.get("id")].into_iter().flatten().find_map(text).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Error::Unreadable("its `data` holds no id of a project".to_owned()))?;
    Ok(read_back(module, request, made, &id, true)?.into())
}

/// Its answer is the answer: changes are answered with no body, or with an id.
fn read_back(module: Module, request: &Request, made: u32, id: &str, created: bool) -> Result<Exchange, Error> {
    let next = State::after(made, module, At::Project);
    let known = request::known(module, request, id, created);
    Ok(module.call("read_back_project", "info", request::id(id)).answers().known(known).state(next.encode()?))
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
