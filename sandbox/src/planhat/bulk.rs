//! The bulk upsert: `PUT` of an array to a collection. <https://www.planhat.com/developers/api/bulk-upsert>

use http::StatusCode;
use serde_json::{Value, json};

use super::collection::Collection;
use super::refusal::Refusal;
use crate::objects::{Object, text};

const MOST_ITEMS: usize = 5_000;

/// What became of the items.
#[derive(Debug, Default)]
struct Outcome {
    created: Vec<Value>,
    created_errors: Vec<Value>,
    updated: Vec<Value>,
    updated_errors: Vec<Value>,
    nonupdates: usize,
}

/// Creates what is unknown and updates what is known, item by item; 206 when some failed.
pub(super) fn upsert(collection: &mut Collection, body: Value) -> Result<(StatusCode, Value), Refusal> {
    let Value::Array(items) = body else {
        return Err(Refusal::bad("the body must be an array"));
    };
    if items.len() > MOST_ITEMS {
        return Err(Refusal::bad(format!("at most {MOST_ITEMS} items are possible")));
    }
    let mut outcome = Outcome::default();
    for item in items {
        outcome.take(collection, item);
    }
    let failed = outcome.created_errors.len() + outcome.updated_errors.len() > 0;
    Ok((if failed { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK }, outcome.to_json()))
}

impl Outcome {
    fn take(&mut self, collection: &mut Collection, item: Value) {
        let Value::Object(mut item) = item else {
            self.created_errors.push(error(&Refusal::bad("an item must be an object"), None));
            return;
        };
        let key = key(&item);
        let id = item.shift_remove("_id");
        match key.as_deref().and_then(|key| collection.find(key)).cloned() {
            Some(known) => self.update(collection, &known, item),
            None if id.is_some() => self.updated_errors.push(error(&Refusal::bad("there is no object with this _id"), key.as_deref())),
            None => match collection.create(item) {
                Ok(created) => self.created.push(json!({ "_id": created.get("_id") })),
                Err(refusal) => self.created_errors.push(error(&refusal, key.as_deref())),
            },
        }
    }

    fn update(&mut self, collection: &mut Collection, known: &Object, item: Object) {
        let id = text(known, "_id").unwrap_or_default();
        match collection.update(id, item) {
            Ok(now) if is_same(known, &now) => self.nonupdates += 1,
            Ok(_) => self.updated.push(id.into()),
            Err(refusal) => self.updated_errors.push(error(&refusal, Some(id))),
        }
    }

    fn to_json(&self) -> Value {
        let keys: Vec<Value> = self.updated.iter().map(|id| json!({ "_id": id })).collect();
        json!({
            "created": self.created.len(),
            "createdErrors": self.created_errors,
            "insertsKeys": self.created,
            "updated": self.updated.len(),
            "updatedErrors": self.updated_errors,
            "updatesKeys": keys,
            "nonupdates": self.nonupdates,
            "modified": self.updated,
            "upsertedIds": [],
            "permissionErrors": [],
        })
    }
}

/// What finds an item, as an id of a path: `_id`, `sourceId` or `externalId`.
fn key(item: &Object) -> Option<String> {
    let id = text(item, "_id").map(str::to_owned);
    let source = || text(item, "sourceId").map(|id| format!("srcid-{id}"));
    let external = || text(item, "externalId").map(|id| format!("extid-{id}"));
    id.or_else(source).or_else(external)
}

/// Whether nothing but the date of the change is new.
fn is_same(before: &Object, now: &Value) -> bool {
    before.iter().all(|(name, value)| name == "updatedAt" || now.get(name) == Some(value))
        && now.as_object().is_some_and(|now| now.len() == before.len())
}

fn error(refusal: &Refusal, key: Option<&str>) -> Value {
    json!({ "message": refusal.to_string(), "key": key })
}
