//! What a write does to a project or to a contact's relation. Nothing takes a null: the reference does not say that one
//! clears.

use serde_json::Value;
use uuid::Uuid;

use super::entities::{Entities, Kind};
use super::refusal::{Fault, Refusal};
use super::seeds::CUSTOM_FIELDS;
use crate::exchange::NativeRequest;
use crate::objects::{Object, text};
use crate::timestamps::is_date;

/// What a new entity has to have: the reference's `createProjectInput` and `createProjectContactRelationInput`.
const PROJECT: [&str; 4] = ["name", "end_date", "owner_id", "revenue_goal"];
const RELATION: [&str; 3] = ["contact_id", "is_primary", "project_id"];

/// The bit of `validation-level` that lets a write override fields that are read-only.
const OVERRIDES: u32 = 8;

/// A write that was read and checked.
#[derive(Debug, Default)]
pub(super) struct Write {
    pub(super) members: Object,
    pub(super) contacts: Vec<ContactWrite>,
    pub(super) tags: Vec<String>,
}

/// An item of `contact_relations`: a relation that is changed, or a new one.
#[derive(Debug)]
pub(super) struct ContactWrite {
    pub(super) id: Option<String>,
    pub(super) members: Object,
}

/// Reads writes to one entity, and collects what is wrong with it.
pub(super) struct Reader<'a> {
    entities: &'a Entities,
    kind: Kind,
    id: &'a str,
    overrides: bool,
    faults: Vec<Fault>,
}

/// The body, and whether the write may override what is read-only.
pub(super) fn body(request: &NativeRequest) -> Result<(Object, bool), Refusal> {
    let mut level = 0;
    for (_, value) in request.query_pairs().iter().filter(|(name, _)| name == "validation-level") {
        level = value.parse().map_err(|_| Refusal::parameter("Invalid value of validation-level."))?;
    }
    let body = if request.says_json() { serde_json::from_slice(&request.body).ok() } else { None };
    match body {
        Some(Value::Object(members)) => Ok((members, level & OVERRIDES != 0)),
        _ => Err(Refusal::parameter("Missing or invalid JSON data.")),
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(entities: &'a Entities, kind: Kind, id: &'a str, overrides: bool) -> Self {
        Self { entities, kind, id, overrides, faults: Vec::new() }
    }

    /// Reads a write; with `new`, one that makes the entity.
    pub(super) fn read(mut self, body: &Object, new: bool) -> Result<Write, Refusal> {
        let required: &[&str] = if self.kind == Kind::Projects { &PROJECT } else { &RELATION };
        let mut write = Write::default();
        for name in required.iter().filter(|name| if new { is_empty(body.get(**name)) } else { body.get(**name).is_some_and(is_nothing) }) {
            self.faults.push(Fault::Missing((*name).to_owned()));
        }
        for (name, value) in body.iter().filter(|(name, value)| !required.contains(&name.as_str()) || !is_nothing(value)) {
            if self.kind == Kind::Projects {
                self.project_member(&mut write, name, value);
            } else {
                self.relation_member(&mut write.members, name, value);
            }
        }
        if self.faults.is_empty() {
            return Ok(write);
        }
        let entity = if self.kind == Kind::Projects { "Project" } else { "ProjectContactRelation" };
        Err(Refusal::Entity { entity, id: self.id.to_owned(), faults: self.faults })
    }

    fn project_member(&mut self, write: &mut Write, name: &str, value: &Value) {
        let right = match name {
            "name" | "description" => value.is_string(),
            "end_date" | "start_date" => value.as_str().is_some_and(is_date),
            "account_id" => self.refers(value, Kind::Accounts),
            "owner_id" => self.refers(value, Kind::Clients),
            "project_type_id" => self.refers(value, Kind::ProjectTypes),
            "unit_id" => self.refers(value, Kind::SalesUnits),
            "share_mode" => value.as_u64().is_some_and(|mode| mode <= 3),
            "revenue_goal" => self.is_money(value),
            // What it does is not documented: any number passes, and none is compared.
            "revision" => return self.check(name, value.is_i64() || value.is_u64()),
            "contact_relations" => return self.contacts(write, value),
            "tags" => return self.tags(write, value),
            "documents" | "sharing_units" | "sharing_clients" => return self.check(name, value.as_array().is_some_and(Vec::is_empty)),
            "created" | "modified" if self.overrides => value.is_string(),
            "cf_risk_score" => value.is_number(),
            name if CUSTOM_FIELDS.contains(&name) => value.is_string(),
            _ => return self.faults.push(Fault::field(name, format!("Field '{name}' is unknown or read-only."))),
        };
        self.check(name, right);
        write.members.insert(name.to_owned(), value.clone());
    }

    fn relation_member(&mut self, members: &mut Object, name: &str, value: &Value) {
        let right = match name {
            "contact_id" => self.refers(value, Kind::Contacts),
            "project_id" => self.refers(value, Kind::Projects),
            "is_primary" => value.is_boolean(),
            "revision" => return self.check(name, value.is_i64() || value.is_u64()),
            _ => return self.faults.push(Fault::field(name, format!("Field '{name}' is unknown or read-only."))),
        };
        self.check(name, right);
        members.insert(name.to_owned(), value.clone());
    }

    /// With an id a relation of this project is changed, without one it is made; the others stay.
    fn contacts(&mut self, write: &mut Write, value: &Value) {
        for item in value.as_array().into_iter().flatten() {
            let mut members = Object::new();
            let Some(item) = item.as_object() else {
                return self.check("contact_relations", false);
            };
            for (name, value) in item.iter().filter(|(name, _)| *name != "id") {
                match name.as_str() {
                    "project_id" => self.check("contact_relations", value.as_str() == Some(self.id)),
                    _ => self.relation_member(&mut members, name, value),
                }
            }
            let id = item.get("id").map(|id| id.as_str().unwrap_or_default().to_owned());
            let known = match &id {
                Some(id) => {
                    self.entities.get(Kind::ProjectContactRelations, id).is_some_and(|held| text(held, "project_id") == Some(self.id))
                }
                None => members.contains_key("contact_id"),
            };
            self.check("contact_relations", known);
            write.contacts.push(ContactWrite { id, members });
        }
        self.check("contact_relations", value.is_array());
    }

    fn tags(&mut self, write: &mut Write, value: &Value) {
        for item in value.as_array().into_iter().flatten() {
            let related = item.get("id").and_then(Value::as_str).is_some_and(|id| self.entities.get(Kind::TagRelations, id).is_some());
            match item.get("tag_id") {
                Some(tag) if self.refers(tag, Kind::Tags) => write.tags.extend(tag.as_str().map(str::to_owned)),
                None if related => {}
                _ => self.check("tags", false),
            }
        }
        self.check("tags", value.is_array());
    }

    fn refers(&self, value: &Value, kind: Kind) -> bool {
        value.as_str().is_some_and(|id| Uuid::try_parse(id).is_ok() && self.entities.get(kind, id).is_some())
    }

    fn is_money(&self, value: &Value) -> bool {
        let Some(members) = value.as_object() else {
            return false;
        };
        let number = |name: &str| members.get(name).is_some_and(Value::is_number);
        let currency = members.get("currency_id").is_some_and(|id| self.refers(id, Kind::Currencies));
        members.len() == 3 && number("base_value") && number("value_foreign") && currency
    }

    fn check(&mut self, name: &str, right: bool) {
        if !right {
            self.faults.push(Fault::field(name, format!("Invalid value of field '{name}'.")));
        }
    }
}

/// Null, or a text without anything in it.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(is_nothing)
}
