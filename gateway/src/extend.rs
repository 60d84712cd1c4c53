//! Merges what the caller means for the provider itself, `remote_data` and
//! `remote_query`, into the one exchange whose declared call takes it.

use serde_json::{Map, Value};

use crate::contract::{Content, NativeRequest, Pair};
use crate::json::{merge_deep, named};
use crate::manifest::Call;
use crate::problem::{Code, Problem};

/// Puts `remote_data` where the call takes it. The caller's value wins.
pub(crate) fn data(request: &mut NativeRequest, call: &Call, data: Value) -> Result<(), Problem> {
    let Some(pointer) = &call.remote_data else { return Ok(()) };
    match (&mut request.content, data) {
        (Content::Form(fields), Value::Object(members)) => form(fields, members, call),
        (Content::Json(body), data) => json(body, pointer, data, call),
        (content @ Content::Empty, Value::Object(members)) => {
            let mut body = Value::Object(Map::new());
            json(&mut body, pointer, Value::Object(members), call)?;
            *content = Content::Json(body);
            Ok(())
        }
        (Content::Raw(..), _) => Err(refused("the provider takes no remote_data beside this body")),
        _ => Err(refused("must be an object")),
    }
}

/// Adds `remote_query`, names and values as they were given. The caller's value wins.
pub(crate) fn query(request: &mut NativeRequest, call: &Call, remote_query: &[Pair]) {
    if call.remote_query {
        request.query.retain(|(name, _)| !remote_query.iter().any(|(remote, _)| remote == name));
        request.query.extend_from_slice(remote_query);
    }
}

fn json(body: &mut Value, pointer: &str, data: Value, call: &Call) -> Result<(), Problem> {
    let place = place(body, pointer).ok_or_else(|| refused("has no place in the provider's body"))?;
    match (place, data) {
        (Value::Object(target), Value::Object(members)) => {
            protect(&members, pointer, call)?;
            merge_deep(target, members);
            Ok(())
        }
        (Value::Array(target), Value::Array(items)) => {
            target.extend(items);
            Ok(())
        }
        (Value::Array(_), _) => Err(refused("must be an array: its elements are appended to the provider's own")),
        _ => Err(refused("must be an object")),
    }
}

/// The value at a pointer; objects on the way are made where there is none, elements are not.
fn place<'v>(body: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    pointer.split('/').skip(1).try_fold(body, |value, token| {
        let name = named(token);
        match value {
            Value::Object(members) => Some(members.entry(&*name).or_insert_with(|| Value::Object(Map::new()))),
            Value::Array(elements) => elements.get_mut(name.parse::<usize>().ok()?),
            _ => None,
        }
    })
}

/// Refuses members that say what the request is aimed at.
fn protect(members: &Map<String, Value>, pointer: &str, call: &Call) -> Result<(), Problem> {
    let data = Value::Object(members.clone());
    for member in call.protected.iter().chain(call.fixed.keys()) {
        let inside = member.strip_prefix(pointer).filter(|inside| inside.starts_with('/'));
        if let Some(inside) = inside.filter(|inside| reaches(&data, inside)) {
            let why = format!("must not set {member}, which says what the request is aimed at");
            return Err(refused_at(&format!("/remote_data{inside}"), &why));
        }
    }
    Ok(())
}

/// Whether a value sets the member at a pointer, or one that holds it.
fn reaches(data: &Value, pointer: &str) -> bool {
    let mut value = data;
    for token in pointer.split('/').skip(1) {
        let name = named(token);
        match value.as_object() {
            Some(members) => match members.get(&*name) {
                Some(inner) => value = inner,
                None => return false,
            },
            None => return true,
        }
    }
    true
}

fn form(fields: &mut Vec<Pair>, members: Map<String, Value>, call: &Call) -> Result<(), Problem> {
    protect(&members, "", call)?;
    for (name, value) in members {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        fields.retain(|(field, _)| *field != name);
        fields.push((name, text));
    }
    Ok(())
}

fn refused(why: &str) -> Problem {
    refused_at("/remote_data", why)
}

fn refused_at(path: &str, why: &str) -> Problem {
    Problem::new(Code::InvalidRemoteData, format!("remote_data {why}")).with_error(path, why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::{Manifest, tests::example};

    fn call(nth: usize) -> Call {
        let manifest = Manifest::parse(&example().to_string()).unwrap();
        manifest.resources[0].operations[&crate::contract::Operation::Update].calls[nth].clone()
    }

    fn merge(nth: usize, content: Content, remote: Value) -> Result<Content, String> {
        let mut request = NativeRequest { method: String::new(), path: String::new(), query: vec![], headers: vec![], content };
        data(&mut request, &call(nth), remote).map(|()| request.content).map_err(|p| p.detail)
    }

    #[test]
    fn objects_are_merged_deep_at_the_declared_place() {
        let body = json!({"kind": "space", "data": {"name": "x", "a": {"b": 1, "c": [1]}}});
        let merged = merge(1, Content::Json(body), json!({"name": "y", "a": {"c": [2]}, "d": null}));
        assert_eq!(merged, Ok(Content::Json(json!({"kind": "space", "data": {"name": "y", "a": {"b": 1, "c": [2]}, "d": null}}))));
        let merged = merge(1, Content::Json(json!({"kind": "space"})), json!({"a": 1}));
        assert_eq!(merged, Ok(Content::Json(json!({"kind": "space", "data": {"a": 1}}))));
    }

    #[test]
    fn protected_members_are_refused_whatever_holds_them() {
        assert!(merge(1, Content::Json(json!({"data": {}})), json!({"id": 1})).unwrap_err().contains("/data/id"));
        assert!(merge(1, Content::Json(json!({"data": {}})), json!({"other": {"id": 1}})).is_ok());
        let mut whole = call(1);
        whole.remote_data = Some(String::new());
        let mut request =
            NativeRequest { method: String::new(), path: String::new(), query: vec![], headers: vec![], content: Content::Json(json!({})) };
        for remote in [json!({"kind": "x"}), json!({"data": {"id": 2}}), json!({"data": 7})] {
            assert!(data(&mut request, &whole, remote.clone()).is_err(), "{remote}");
        }
    }

    #[test]
    fn a_form_takes_one_field_for_each_member() {
        let fields = vec![("title".to_owned(), "a".to_owned())];
        let merged = merge(2, Content::Form(fields), json!({"title": "b", "ids": ["x", 1], "flag": true}));
        let expected = [("title", "b"), ("ids", r#"["x",1]"#), ("flag", "true")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(merged, Ok(Content::Form(expected.to_vec())));
        assert!(merge(2, Content::Form(vec![]), json!([1])).is_err());
    }

    #[test]
    fn an_array_is_appended_and_an_object_beside_it_refused() {
        let mut array = call(1);
        (array.remote_data, array.protected, array.fixed) = (Some(String::new()), vec![], [].into());
        let request = || NativeRequest {
            method: String::new(),
            path: String::new(),
            query: vec![],
            headers: vec![],
            content: Content::Json(json!([{"op": "replace"}])),
        };
        let mut extended = request();
        data(&mut extended, &array, json!([{"op": "test"}])).unwrap();
        assert_eq!(extended.content, Content::Json(json!([{"op": "replace"}, {"op": "test"}])));
        assert!(data(&mut request(), &array, json!({"op": "test"})).is_err());
    }

    #[test]
    fn a_query_is_added_and_wins() {
        let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        let mut request = NativeRequest {
            method: String::new(),
            path: String::new(),
            query: vec![pair("a", "1"), pair("b", "2")],
            headers: vec![],
            content: Content::Empty,
        };
        query(&mut request, &call(1), &[pair("a", "9"), pair("x[y]", "z,w")]);
        assert_eq!(request.query, [pair("b", "2"), pair("a", "9"), pair("x[y]", "z,w")]);
        query(&mut request, &call(2), &[pair("q", "1")]);
        assert_eq!(request.query.len(), 3);
    }
}
