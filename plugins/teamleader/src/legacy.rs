//! Changes of a project of the legacy module. It has one customer, which is a company or
//! a contact; its decision makers are its owners; nothing takes participants away.

use patchboard_sdk::{Error, Given, Request, Warning};
use serde_json::{Map, Value, json};

use crate::relations::{self, Write, same, wanted};

const DECIDES: &str = "decision_maker";

/// What was given and has no place in this module.
pub(crate) fn warnings(request: &Request, without: &[&str]) -> Vec<Warning> {
    let given = |field: &&&str| request.fields.get(**field).is_some_and(|value| !value.is_null());
    let mut warnings: Vec<Warning> = without
        .iter()
        .filter(given)
        .map(|field| warning(format!("/{field}"), "is not taken by Teamleader's legacy projects module"))
        .collect();
    let contacts = wanted(request, "contact").unwrap_or_default();
    let more = "a project of Teamleader's legacy module has one customer";
    match (request.given("account"), contacts.len()) {
        (Given::Value(_), 1..) => warnings.push(warning("/contact".to_owned(), more)),
        (_, 2..) => warnings.extend((1..contacts.len()).map(|nth| warning(format!("/contact/{nth}"), more))),
        _ => {}
    }
    warnings
}

fn warning(path: String, message: &str) -> Warning {
    Warning { path, reason: "unsupported".to_owned(), message: Some(message.to_owned()) }
}

/// What cannot be done, known before anything is read.
pub(crate) fn check(request: &Request) -> Result<(), Error> {
    for field in ["description", "amount", "owner"] {
        if request.given(field) == Given::Clear {
            return Err(Error::field(format!("/{field}"), "cannot be cleared in Teamleader's legacy projects module"));
        }
    }
    Ok(())
}

/// Whether a change has to know the project as it is.
pub(crate) fn needs_current(request: &Request) -> bool {
    request.fields.contains_key("owner") || matches!(customer(request), Customer::UnlinkIf(_))
}

/// What becomes of the one customer.
enum Customer {
    Keep,
    Set(Value),
    Unlink,
    /// Only where it is of this type.
    UnlinkIf(&'static str),
}

/// A company, else the first contact.
fn customer(request: &Request) -> Customer {
    let [account, contacts] = ["account", "contact"].map(|field| wanted(request, field));
    let first = |ids: &Option<Vec<String>>, kind: &str| {
        let id = ids.as_ref().and_then(|ids| ids.first());
        id.map(|id| Customer::Set(json!({"type": kind, "id": id})))
    };
    first(&account, "company").or_else(|| first(&contacts, "contact")).unwrap_or(match (account, contacts) {
        (Some(_), Some(_)) => Customer::Unlink,
        (Some(_), None) => Customer::UnlinkIf("company"),
        (None, Some(_)) => Customer::UnlinkIf("contact"),
        (None, None) => Customer::Keep,
    })
}

/// The native customer, `null` where it is unlinked, nothing where it stays.
pub(crate) fn customer_change(request: &Request, current: &Value) -> Option<Value> {
    let is = |kind: &str| current.get("customer").is_some_and(|customer| relations::has_type(customer, kind));
    match customer(request) {
        Customer::Set(customer) => Some(customer),
        Customer::Unlink => Some(Value::Null),
        Customer::UnlinkIf(kind) if is(kind) => Some(Value::Null),
        Customer::UnlinkIf(_) | Customer::Keep => None,
    }
}

/// A participant that decides.
pub(crate) fn decision_maker(user: &str) -> Value {
    json!({"participant": {"type": "user", "id": user}, "role": DECIDES})
}

/// What makes the owner the only participant that decides. Those who did become members.
pub(crate) fn writes(request: &Request, current: &Value) -> Vec<Write> {
    let Some(owner) = wanted(request, "owner").and_then(|ids| ids.into_iter().next()) else { return Vec::new() };
    let present = participants(current);
    let decide = |user: &str| present.iter().any(|(id, decides)| same(id, user) && *decides);
    let takes_part = present.iter().any(|(id, _)| same(id, &owner));
    let (call, method) = if takes_part { ("update_participant", "updateParticipant") } else { ("add_participant", "addParticipant") };
    let change = (!decide(&owner)).then(|| write(call, method, request.id(), &owner, DECIDES));
    let others = present.iter().filter(|(id, decides)| *decides && !same(id, &owner));
    let demote = |(id, _): &(String, bool)| write("update_participant", "updateParticipant", request.id(), id, "member");
    change.into_iter().chain(others.map(demote)).collect()
}

fn write(call: &str, method: &str, project: &str, user: &str, role: &str) -> Write {
    let body = json!({"id": project, "participant": {"type": "user", "id": user}, "role": role});
    Write::new(call, method, "/owner", body.as_object().cloned().unwrap_or_default())
}

/// Who takes part, and whether they decide.
pub(crate) fn participants(project: &Value) -> Vec<(String, bool)> {
    let one = |entry: &Value| {
        let id = relations::id(entry.get("participant")?)?;
        Some((id, entry.get("role").and_then(Value::as_str) == Some(DECIDES)))
    };
    relations::list(project, "participants").iter().filter_map(one).collect()
}

/// What is known of a change, without what is not taken.
pub(crate) fn known(request: &Request, known: &mut Map<String, Value>, without: &[&str]) {
    without.iter().for_each(|field| {
        known.shift_remove(*field);
    });
    if matches!(request.given("account"), Given::Value(_)) {
        known.shift_remove("contact");
    } else if let Some(Value::Array(contacts)) = known.get_mut("contact") {
        contacts.truncate(1);
    }
}
