//! The names of what a project refers to. Teamleader answers types and ids alone, so
//! each name is a call of its own; a few are made, and one that fails costs its name only.

use patchboard_sdk::{Answer, Error, Exchange, Item, Response, Step, Warning};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::flow::EXCHANGES;
use crate::module::Module;
use crate::request;
use crate::state::{At, State};

/// Names that are looked up for one project; of 200 calls a minute they take their part.
const LOOK_UPS: usize = 8;
/// No state is handed over that is not well below what the gateway takes.
const STATE: usize = 1 << 19;

/// Unified fields with the calls that know the names.
const CALLS: [(&str, &str, &str); 4] = [
    ("owner", "get_user", "/users.info"),
    ("account", "get_company", "/companies.info"),
    ("contact", "get_contact", "/contacts.info"),
    ("opportunity", "get_deal", "/deals.info"),
];

/// A project that is known, up to names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Known {
    body: Map<String, Value>,
    /// The exchange that answered it.
    nth: u32,
    /// Pointers to the references whose names are not known yet.
    next: Vec<String>,
}

/// What follows when a project was read.
pub(crate) fn follow(module: Module, made: u32, body: Map<String, Value>) -> Result<Step, Error> {
    let left = usize::try_from(EXCHANGES.saturating_sub(made)).unwrap_or(0);
    let next = references(&body).into_iter().take(LOOK_UPS.min(left)).collect();
    proceed(module, made, Known { body, nth: made.saturating_sub(1), next }, Vec::new())
}

/// What follows when a name was looked up.
pub(crate) fn answered(module: Module, made: u32, mut known: Known, response: &Response) -> Result<Step, Error> {
    if known.next.is_empty() {
        return proceed(module, made, known, Vec::new());
    }
    let pointer = known.next.remove(0);
    let mut warnings = Vec::new();
    if response.is_success() {
        let name = response.json().ok().and_then(|body| name(body.get("data")?));
        known.put(&pointer, name);
    } else {
        warnings.push(failed(&pointer, response.status));
        known.give_up(&pointer, response.status);
    }
    proceed(module, made, known, warnings)
}

/// The next look-up, or the answer.
fn proceed(module: Module, made: u32, known: Known, warnings: Vec<Warning>) -> Result<Step, Error> {
    if let Some(exchange) = known.look_up() {
        let state = State::after(made, module, At::Name(known.clone())).encode()?;
        if state.len() <= STATE {
            let exchange = exchange.known(known.body).state(state);
            return Ok(warnings.into_iter().fold(exchange, Exchange::warning).into());
        }
    }
    let item = Item { body: known.body, native: Some((known.nth, "/data".to_owned())), etag: None };
    Ok(Step::Finish(Answer::Item(item), warnings))
}

impl Known {
    fn look_up(&self) -> Option<Exchange> {
        let pointer = self.next.first()?;
        let (_, call, path) = CALLS.iter().find(|(field, ..)| *field == field_of(pointer))?;
        let (field, inside) = split(pointer);
        let id = self.body.get(field)?.pointer(&format!("{inside}/id"))?.as_str()?;
        Some(Exchange::post(call, *path).json(request::id(id)))
    }

    fn put(&mut self, pointer: &str, name: Option<String>) {
        let (field, inside) = split(pointer);
        let reference = self.body.get_mut(field).and_then(|value| value.pointer_mut(inside)).and_then(Value::as_object_mut);
        if let (Some(reference), Some(name)) = (reference, name) {
            reference.insert("name".to_owned(), name.into());
        }
    }

    /// Without a right to one contact there is none to the others; over the limit, or with
    /// Teamleader out of order, nothing more is asked.
    fn give_up(&mut self, pointer: &str, status: u16) {
        match status {
            401 | 403 => self.next.retain(|other| field_of(other) != field_of(pointer)),
            429 | 500.. => self.next.clear(),
            _ => {}
        }
    }
}

fn failed(pointer: &str, status: u16) -> Warning {
    let message = format!("Teamleader answered {status} when its name was looked up");
    Warning { path: format!("{pointer}/name"), reason: "look_up_failed".to_owned(), message: Some(message) }
}

/// Pointers to all references, the single ones first.
fn references(body: &Map<String, Value>) -> Vec<String> {
    let pointers = |field: &str| match body.get(field) {
        Some(Value::Array(many)) => (0..many.len()).map(|nth| format!("/{field}/{nth}")).collect(),
        Some(_) => vec![format!("/{field}")],
        None => Vec::new(),
    };
    CALLS.iter().flat_map(|(field, ..)| pointers(field)).collect()
}

/// `/contact/0` as `contact` and `/0`.
fn split(pointer: &str) -> (&str, &str) {
    let pointer = pointer.trim_start_matches('/');
    pointer.find('/').map_or((pointer, ""), |at| pointer.split_at(at))
}

fn field_of(pointer: &str) -> &str {
    split(pointer).0
}

/// A company has a name, a deal a title, a person two names.
fn name(object: &Value) -> Option<String> {
    let text = |member: &str| object.get(member).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let person = || {
        let names: Vec<&str> = ["first_name", "last_name"].into_iter().filter_map(text).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    text("name").or_else(|| text("title")).map(str::to_owned).or_else(person)
}
