//! What a project of the new module refers to. Teamleader adds and removes one
//! reference at a time; a unified field says what there is in the end.

use patchboard_sdk::value::text;
use patchboard_sdk::{Given, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One native write after the update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Write {
    pub(crate) call: String,
    pub(crate) method: String,
    /// The unified field that it is made for.
    pub(crate) field: String,
    pub(crate) body: Map<String, Value>,
}

impl Write {
    pub(crate) fn new(call: &str, method: &str, field: &str, body: Map<String, Value>) -> Self {
        Self { call: call.to_owned(), method: method.to_owned(), field: field.to_owned(), body }
    }
}

struct Relation {
    field: &'static str,
    /// Where the project has it.
    list: &'static str,
    /// A customer's type.
    customer: Option<&'static str>,
    /// Calls and methods end with this.
    noun: (&'static str, &'static str),
    /// The member of a call's body that names the other object, where it is an id alone.
    member: &'static str,
}

/// Owners stand last: with the last of them that is removed, the right to change the
/// project can go.
const RELATIONS: [Relation; 4] = [
    Relation { field: "account", list: "customers", customer: Some("company"), noun: ("customer", "Customer"), member: "customer" },
    Relation { field: "contact", list: "customers", customer: Some("contact"), noun: ("customer", "Customer"), member: "customer" },
    Relation { field: "opportunity", list: "deals", customer: None, noun: ("deal", "Deal"), member: "deal_id" },
    Relation { field: "owner", list: "owners", customer: None, noun: ("owner", "Owner"), member: "user_id" },
];

/// Whether a change has to know what the project refers to.
pub(crate) fn given(request: &Request) -> bool {
    RELATIONS.iter().any(|relation| request.fields.contains_key(relation.field))
}

/// What makes a project refer to what was given, and to nothing else. Everything is
/// added before anything is removed: a failure between leaves too much, never too little.
pub(crate) fn writes(request: &Request, current: &Value) -> Vec<Write> {
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for relation in &RELATIONS {
        let Some(wanted) = wanted(request, relation.field) else { continue };
        let present = relation.of(current);
        let write = |verb, id: &String| relation.write(verb, request.id(), id);
        added.extend(wanted.iter().filter(|id| !holds(&present, id)).map(|id| write("add", id)));
        removed.extend(present.iter().filter(|id| !holds(&wanted, id)).map(|id| write("remove", id)));
    }
    added.append(&mut removed);
    added
}

impl Relation {
    fn of(&self, project: &Value) -> Vec<String> {
        let of_type = |reference: &&Value| self.customer.is_none_or(|customer| has_type(reference, customer));
        unique(list(project, self.list).iter().filter(of_type))
    }

    fn write(&self, verb: &str, project: &str, id: &str) -> Write {
        let other = match self.customer {
            Some(customer) => json!({"type": customer, "id": id}),
            None => id.into(),
        };
        let body = Map::from_iter([("id".to_owned(), project.into()), (self.member.to_owned(), other)]);
        let (call, method) = self.noun;
        Write::new(&format!("{verb}_{call}"), &format!("{verb}{method}"), &format!("/{}", self.field), body)
    }
}

/// The ids that a field was given; none where it was cleared.
pub(crate) fn wanted(request: &Request, field: &str) -> Option<Vec<String>> {
    match request.given(field) {
        Given::Absent => None,
        Given::Clear => Some(Vec::new()),
        Given::Value(Value::Array(references)) => Some(unique(references.iter())),
        Given::Value(reference) => Some(unique(std::iter::once(reference))),
    }
}

/// References of a native object; one alone is a list of one.
pub(crate) fn list<'a>(object: &'a Value, member: &str) -> &'a [Value] {
    match object.get(member) {
        Some(Value::Array(references)) => references,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    }
}

/// Whether a reference `{"type":…,"id":…}` is of a type.
pub(crate) fn has_type(reference: &Value, name: &str) -> bool {
    reference.get("type").and_then(Value::as_str) == Some(name)
}

pub(crate) fn id(reference: &Value) -> Option<String> {
    reference.get("id").and_then(text).filter(|id| !id.is_empty())
}

fn unique<'a>(references: impl Iterator<Item = &'a Value>) -> Vec<String> {
    references.filter_map(id).fold(Vec::new(), |mut ids, id| {
        if !holds(&ids, &id) {
            ids.push(id);
        }
        ids
    })
}

fn holds(ids: &[String], id: &str) -> bool {
    ids.iter().any(|one| same(one, id))
}

/// Ids are UUIDs: one written in other letters is the same, and must not be removed
/// because it was added.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
