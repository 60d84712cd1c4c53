//! What two manifests declare.

use serde_json::{Map, Value};

use super::difference;
use crate::report::Difference;

/// The parts that stand for themselves.
const PARTS: [(&str, &str); 4] =
    [("hosts", "the hosts"), ("base_url", "the base URL"), ("authentication", "the authentication"), ("quota", "the quota headers")];
/// The lists of an operation, and what one of them is called.
const LISTS: [(&str, &str); 3] = [("calls", "the call"), ("fields", "the field"), ("params", "the parameter")];

/// What differs between two manifests: hosts, settings, operations with their calls,
/// fields and parameters, answers. Name, version and texts for people do not count.
#[must_use]
pub fn declarations(old: &Value, new: &Value) -> Vec<Difference> {
    let (old, new) = (declared(old), declared(new));
    let gone = old.iter().filter_map(|(what, value)| match new.get(what) {
        None => Some(difference(format!("{what} is gone"), value, &Value::Null)),
        Some(other) if other != value => Some(difference(format!("{what} is another"), value, other)),
        Some(_) => None,
    });
    let more = new.iter().filter(|(what, _)| !old.contains_key(*what));
    gone.chain(more.map(|(what, value)| difference(format!("{what} is new"), &Value::Null, value))).collect()
}

/// Everything that a manifest declares, by what it is called.
fn declared(manifest: &Value) -> Map<String, Value> {
    let mut all = Map::new();
    for (member, what) in PARTS {
        put(&mut all, what.to_owned(), manifest.get(member));
    }
    for setting in items(manifest, "settings") {
        add(&mut all, format!("the setting {}", name(setting)), setting);
    }
    for resource in items(manifest, "resources") {
        let place = format!("{}/{}", text(resource, "model"), text(resource, "resource"));
        put(&mut all, format!("{place}: what answers hold"), resource.get("answers"));
        for (operation, spec) in resource.get("operations").and_then(Value::as_object).into_iter().flatten() {
            all.insert(format!("{place}: the operation {operation}"), Value::Bool(true));
            for (member, what) in LISTS {
                for item in items(spec, member) {
                    add(&mut all, format!("{place} {operation}: {what} {}", name(item)), item);
                }
            }
        }
    }
    all
}

fn put(all: &mut Map<String, Value>, what: String, value: Option<&Value>) {
    all.extend(value.map(|value| (what, value.clone())));
}

/// What is declared under one name for several kinds of accounts stands together.
fn add(all: &mut Map<String, Value>, what: String, value: &Value) {
    let mut value = value.clone();
    for for_people in ["help", "note"] {
        value.as_object_mut().map(|members| members.shift_remove(for_people));
    }
    match all.get_mut(&what) {
        Some(Value::Array(several)) => several.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            all.insert(what, value);
        }
    }
}

fn items<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn name(value: &Value) -> &str {
    text(value, "name")
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest() -> Value {
        json!({
            "name": "p", "version": "0.1.0", "hosts": ["a.example"], "base_url": "https://a.example",
            "settings": [{"name": "org", "help": "Which", "required": true}],
            "resources": [{"model": "crm", "resource": "projects", "operations": {
                "update": {
                    "calls": [{"name": "put", "when": {"pod": "eu"}}, {"name": "put", "when": {"pod": "us"}}],
                    "fields": [{"name": "name", "note": "n"}],
                },
            }}],
        })
    }

    fn found(change: impl Fn(&mut Value)) -> Vec<String> {
        let mut new = manifest();
        change(&mut new);
        declarations(&manifest(), &new).into_iter().map(|difference| difference.what).collect()
    }

    #[test]
    fn every_part_that_differs_is_named() {
        assert_eq!(found(|m| m["hosts"] = json!(["a.example", "b.example"])), ["the hosts is another"]);
        assert_eq!(found(|m| m["settings"] = json!([])), ["the setting org is gone"]);
        let update = |m: &mut Value, member: &str, value: Value| m["resources"][0]["operations"]["update"][member] = value;
        assert_eq!(
            found(|m| update(m, "fields", json!([{"name": "name", "required": true}, {"name": "status"}]))),
            ["crm/projects update: the field name is another", "crm/projects update: the field status is new"]
        );
        assert_eq!(
            found(|m| m["resources"][0]["operations"]["update"]["calls"][1]["when"]["pod"] = json!("in")),
            ["crm/projects update: the call put is another"]
        );
        assert_eq!(
            found(|m| m["resources"][0]["operations"]["delete"] = json!({"calls": [{"name": "drop"}]})),
            ["crm/projects: the operation delete is new", "crm/projects delete: the call drop is new"]
        );
    }

    #[test]
    fn version_and_texts_for_people_are_no_difference() {
        let none = found(|m| {
            m["version"] = json!("0.2.0");
            m["settings"][0]["help"] = json!("Which organisation");
            m["resources"][0]["operations"]["update"]["fields"][0]["note"] = json!("other");
        });
        assert_eq!(none, Vec::<String>::new());
    }

    #[test]
    fn a_difference_goes_from_the_old_to_the_new() {
        let mut new = manifest();
        new["hosts"] = json!(["b.example"]);
        let found = declarations(&manifest(), &new);
        assert!(found[0].diff.starts_with("--- old\n+++ new\n"), "{}", found[0].diff);
        assert!(found[0].diff.contains("-  \"a.example\"\n+  \"b.example\""), "{}", found[0].diff);
    }
}
