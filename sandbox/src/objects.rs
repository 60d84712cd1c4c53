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

/// The objects of one provider in order of creation, which is the order of its lists.
#[derive(Debug)]
pub(crate) struct Objects(Vec<Object>);

impl Objects {
    /// From the seeds.
    pub(crate) fn new(seeds: impl IntoIterator<Item = Value>) -> Self {
        Self(seeds.into_iter().map(object).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.0.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Object> {
        self.find(|object| text(object, "id") == Some(id))
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Object> {
        self.find_mut(|object| text(object, "id") == Some(id))
    }

    /// The first that `is` holds for.
    pub(crate) fn find(&self, is: impl Fn(&Object) -> bool) -> Option<&Object> {
        self.0.iter().find(|object| is(object))
    }

    /// The first that `is` holds for, to be changed.
    pub(crate) fn find_mut(&mut self, is: impl Fn(&Object) -> bool) -> Option<&mut Object> {
        self.0.iter_mut().find(|object| is(object))
    }

    /// Takes out the first that `is` holds for.
    pub(crate) fn take(&mut self, is: impl Fn(&Object) -> bool) -> Option<Object> {
        let place = self.0.iter().position(is)?;
        Some(self.0.remove(place))
    }

    pub(crate) fn push(&mut self, object: Object) {
        self.0.push(object);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Object> {
        self.take(|object| text(object, "id") == Some(id))
    }

    /// All of them, for the control route that shows the state.
    pub(crate) fn to_values(&self) -> Vec<Value> {
        self.0.iter().cloned().map(Value::Object).collect()
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
