use std::cmp::Ordering;

use serde_json::{Map, Value};

/// One object of a provider, in its native form.
pub(crate) type Object = Map<String, Value>;

/// The members of a JSON object; nothing for any other value.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => members,
        _ => Object::new(),
    }
}

/// A string member.
pub(crate) fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// True when the object's `key` is this id. An id that is a number is named by its digits.
pub(crate) fn has_id(object: &Object, key: &str, id: &str) -> bool {
    match object.get(key) {
        Some(Value::String(text)) => text == id,
        Some(Value::Number(number)) => number.to_string() == id,
        // Attio's ids also say what the record belongs to.
        Some(Value::Object(parts)) => text(parts, "record_id") == Some(id),
        _ => false,
    }
}

/// The objects of one provider in order of creation, which is the order of its lists.
#[derive(Debug)]
pub(crate) struct Objects {
    /// The member that holds the id.
    key: &'static str,
    objects: Vec<Object>,
}

impl Objects {
    /// From the seeds.
    pub(crate) fn new(seeds: impl IntoIterator<Item = Value>) -> Self {
        Self::keyed("id", seeds)
    }

    /// From the seeds, where the id is in `key`.
    pub(crate) fn keyed(key: &'static str, seeds: impl IntoIterator<Item = Value>) -> Self {
        Self { key, objects: seeds.into_iter().map(object).collect() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    /// The object of that id. The search begins with the newest, which is asked for most where there are many.
    pub(crate) fn get(&self, id: &str) -> Option<&Object> {
        self.objects.iter().rev().find(|object| has_id(object, self.key, id))
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Object> {
        self.objects.iter_mut().rev().find(|object| has_id(object, self.key, id))
    }

    /// The first that `is` holds for.
    pub(crate) fn find(&self, is: impl Fn(&Object) -> bool) -> Option<&Object> {
        self.iter().find(|object| is(object))
    }

    pub(crate) fn push(&mut self, object: Object) {
        self.objects.push(object);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Object> {
        let place = self.objects.iter().rposition(|object| has_id(object, self.key, id))?;
        Some(self.objects.remove(place))
    }

    /// All of them, for the control route that shows the state.
    pub(crate) fn to_values(&self) -> Vec<Value> {
        self.objects.iter().cloned().map(Value::Object).collect()
    }
}

/// A change made behind the gateway's back, through the control routes.
#[derive(Debug)]
pub(crate) struct Change {
    /// Members to set, verbatim: a null is set as null.
    pub(crate) set: Object,
    /// Members to take away.
    pub(crate) remove: Vec<String>,
}

impl Change {
    /// Changes `object`, and lets `touch` move the provider's own marker (etag, date) unless the change names it.
    pub(crate) fn apply(&self, object: &mut Object, marker: &str, touch: impl FnOnce(&mut Object)) {
        for (name, value) in &self.set {
            object.insert(name.clone(), value.clone());
        }
        for name in &self.remove {
            object.shift_remove(name);
        }
        let named = self.set.contains_key(marker) || self.remove.iter().any(|name| name == marker);
        if !named {
            touch(object);
        }
    }
}

/// The order of a list that is sorted by a member: absent ones before numbers before texts.
pub(crate) fn compare(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            one.as_f64().unwrap_or_default().total_cmp(&other.as_f64().unwrap_or_default())
        }
        (Some(Value::String(one)), Some(Value::String(other))) => one.cmp(other),
        (one, other) => rank(one).cmp(&rank(other)),
    }
}

fn rank(value: Option<&Value>) -> u8 {
    match value {
        None | Some(Value::Null) => 0,
        Some(Value::Number(_)) => 1,
        Some(Value::String(_)) => 2,
        Some(_) => 3,
    }
}

/// The name of an object that was added for a long list.
pub(crate) fn seeded<T: From<String>>(number: u64) -> T {
    format!("Seeded {number}").into()
}
