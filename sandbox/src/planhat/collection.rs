//! The objects of one model.

use serde_json::Value;

use super::body;
use super::model::Model;
use super::refusal::Refusal;
use super::seeds;
use crate::objects::{Object, Objects, object, seeded, text};

/// Ids that the customer gives. A second object with the same one is refused: "a required key missing or duplicated".
const KEYS: [&str; 2] = ["externalId", "sourceId"];

/// The objects of one model, in order of creation.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) model: Model,
    pub(super) objects: Objects,
    created: u32,
}

impl Collection {
    pub(super) fn new(model: Model, seed: Value) -> Self {
        Self { model, objects: Objects::keyed("_id", [seed]), created: 0 }
    }

    pub(super) fn read(&self, id: &str) -> Result<Value, Refusal> {
        self.find(id).cloned().map(Value::Object).ok_or(Refusal::NotFound)
    }

    /// The object that the id of a path names: `_id`, or `extid-` or `srcid-` and one of the customer's.
    pub(super) fn find(&self, id: &str) -> Option<&Object> {
        self.objects.find(|object| is_named(object, id))
    }

    pub(super) fn create(&mut self, body: Object) -> Result<Value, Refusal> {
        let members = body::members(self.model, &body)?;
        if let Some(missing) = ["name", "companyId"].iter().find(|name| !members.contains_key(**name)) {
            return Err(Refusal::bad(format!("{missing} is required")));
        }
        self.check_keys(&members, None)?;
        Ok(self.push(members))
    }

    /// Changes what the body names and leaves the rest; of the custom fields too.
    pub(super) fn update(&mut self, id: &str, body: Object) -> Result<Value, Refusal> {
        let found = self.find(id).ok_or(Refusal::NotFound)?;
        let own = text(found, "_id").unwrap_or_default().to_owned();
        let members = body::members(self.model, &body)?;
        self.check_keys(&members, Some(&own))?;
        let changed = self.objects.get_mut(&own).ok_or(Refusal::NotFound)?;
        apply(changed, members);
        self.model.touch(changed);
        Ok(Value::Object(changed.clone()))
    }

    /// False when there was no such object.
    pub(super) fn delete(&mut self, id: &str) -> bool {
        let own = self.find(id).and_then(|found| text(found, "_id")).map(str::to_owned);
        own.and_then(|own| self.objects.remove(&own)).is_some()
    }

    /// Adds an object of the first company.
    pub(super) fn seed(&mut self) {
        let mut members = Object::new();
        members.insert("companyId".to_owned(), "609975100b73992504810554".into());
        members.insert("companyName".to_owned(), "Tenet".into());
        members.insert("name".to_owned(), seeded(u64::from(self.created) + 1));
        self.push(members);
    }

    fn push(&mut self, members: Object) -> Value {
        self.created += 1;
        let object = seeds::new_object(self.model, self.created, members);
        self.objects.push(object.clone());
        Value::Object(object)
    }

    fn check_keys(&self, members: &Object, own: Option<&str>) -> Result<(), Refusal> {
        for key in KEYS {
            let Some(value) = text(members, key) else { continue };
            let taken = self.objects.find(|object| text(object, key) == Some(value) && text(object, "_id") != own);
            if taken.is_some() {
                return Err(Refusal::bad(format!("duplicate key {key}")));
            }
        }
        Ok(())
    }
}

fn is_named(object: &Object, id: &str) -> bool {
    match (id.strip_prefix("extid-"), id.strip_prefix("srcid-")) {
        (Some(external), _) => text(object, "externalId") == Some(external),
        (_, Some(source)) => text(object, "sourceId") == Some(source),
        _ => text(object, "_id") == Some(id),
    }
}

fn apply(held: &mut Object, members: Object) {
    for (name, value) in members {
        let value = match (name.as_str(), value) {
            ("custom", Value::Object(fields)) => {
                let mut custom = object(held.shift_remove("custom").unwrap_or_default());
                custom.extend(fields);
                Value::Object(custom)
            }
            (_, value) => value,
        };
        held.insert(name, value);
    }
}
