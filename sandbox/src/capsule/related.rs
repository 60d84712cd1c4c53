use serde_json::{Value, json};

use super::refusal::Refusal;
use super::seeds;
use crate::objects::{Object, Objects, object};

/// What projects refer to, and what they are described with.
pub(super) struct Related {
    pub(super) parties: Objects,
    pub(super) users: Objects,
    pub(super) teams: Objects,
    pub(super) opportunities: Objects,
    pub(super) stages: Objects,
    pub(super) definitions: Objects,
    pub(super) tags: Objects,
    last_tag: u64,
    last_row: u64,
}

impl Related {
    pub(super) fn seeded() -> Self {
        Self {
            parties: Objects::new(seeds::parties()),
            users: Objects::new(seeds::users()),
            teams: Objects::new(seeds::teams()),
            opportunities: Objects::new(seeds::opportunities()),
            stages: Objects::new(seeds::stages()),
            definitions: Objects::new(seeds::definitions()),
            tags: Objects::new(seeds::tags()),
            last_tag: seeds::LAST_TAG,
            last_row: seeds::LAST_ROW,
        }
    }

    /// The tag of that name in any case, made when there is none.
    pub(super) fn tag_named(&mut self, name: &str) -> Object {
        let known = self.tags.iter().find(|tag| {
            let other = tag.get("name").and_then(Value::as_str);
            other.is_some_and(|other| other.to_lowercase() == name.to_lowercase())
        });
        if let Some(tag) = known {
            return tag.clone();
        }
        self.last_tag = self.last_tag.saturating_add(1);
        let tag = object(json!({ "id": self.last_tag, "name": name, "dataTag": false }));
        self.tags.push(tag.clone());
        tag
    }

    pub(super) fn next_row(&mut self) -> u64 {
        self.last_row = self.last_row.saturating_add(1);
        self.last_row
    }
}

/// The object that `{"id": 1}` refers to.
pub(super) fn referred<'a>(among: &'a Objects, field: &str, value: &Value) -> Result<&'a Object, Refusal> {
    let members = value.as_object().ok_or_else(|| Refusal::invalid(field, format!("{field} must be an object with an id")))?;
    if let Some(name) = members.keys().find(|name| *name != "id") {
        return Err(Refusal::invalid(field, format!("{field}.{name} is not known")));
    }
    by_id(among, field, members.get("id"))
}

/// The object of that id, which has to be a number.
pub(super) fn by_id<'a>(among: &'a Objects, field: &str, id: Option<&Value>) -> Result<&'a Object, Refusal> {
    let id = id.and_then(Value::as_u64).ok_or_else(|| Refusal::invalid(field, format!("{field}.id must be a number")))?;
    among.get(&id.to_string()).ok_or_else(|| Refusal::invalid(field, format!("{field} not found")))
}
