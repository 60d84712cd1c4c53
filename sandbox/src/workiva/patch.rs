//! The body of an update: a JSON Patch (RFC 6902) of which a workspace supports `replace` on `/name` only.

use serde_json::Value;

use super::refusal::Refusal;

const OPERATIONS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// The name that the patch leaves, if it has any operation. Every operation is checked before any counts.
pub(super) fn new_name(body: &Value) -> Result<Option<String>, Refusal> {
    let Value::Array(operations) = body else {
        return Err(Refusal::bad("body", "The body must be an array of patch operations."));
    };
    let mut name = None;
    for (place, operation) in operations.iter().enumerate() {
        name = Some(replaced_name(place, operation)?);
    }
    Ok(name)
}

fn replaced_name(place: usize, operation: &Value) -> Result<String, Refusal> {
    let refuse = |member: &str, message: &str| Err(Refusal::bad(&format!("[{place}].{member}"), message));
    match operation.get("op").and_then(Value::as_str) {
        Some("replace") => {}
        Some(op) if OPERATIONS.contains(&op) => {
            return refuse("op", "A workspace supports replace only.");
        }
        _ => return refuse("op", "op must be add, remove, replace, move, copy or test."),
    }
    match operation.get("path").and_then(Value::as_str) {
        Some("/name") => {}
        Some(_) => return refuse("path", "A workspace supports the path /name only."),
        None => return refuse("path", "path is required."),
    }
    match operation.get("value") {
        Some(Value::String(name)) if !name.trim().is_empty() => Ok(name.clone()),
        Some(_) => refuse("value", "The name must be a text that is not empty."),
        None => refuse("value", "replace needs a value."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_replace_on_name_is_a_valid_operation() {
        for (body, expected) in [
            (json!([]), Ok(None)),
            (json!([{"op":"replace","path":"/name","value":"A"}]), Ok(Some("A"))),
            (json!([{"op":"replace","path":"/name","value":"A"},{"op":"replace","path":"/name","value":"B"}]), Ok(Some("B"))),
            (json!({"name":"A"}), Err("body")),
            (json!(["replace"]), Err("[0].op")),
            (json!([{"op":"add","path":"/name","value":"A"}]), Err("[0].op")),
            (json!([{"op":"put","path":"/name","value":"A"}]), Err("[0].op")),
            (json!([{"op":"replace","value":"A"}]), Err("[0].path")),
            (json!([{"op":"replace","path":"/description","value":"A"}]), Err("[0].path")),
            (json!([{"op":"replace","path":"/name"}]), Err("[0].value")),
            (json!([{"op":"replace","path":"/name","value":null}]), Err("[0].value")),
            (json!([{"op":"replace","path":"/name","value":""}]), Err("[0].value")),
            (json!([{"op":"replace","path":"/name","value":"A"},{"op":"test","path":"/name","value":"A"}]), Err("[1].op")),
        ] {
            match (new_name(&body), expected) {
                (Ok(name), Ok(expected)) => assert_eq!(name.as_deref(), expected, "{body}"),
                (Err(Refusal::BadRequest { target, .. }), Err(expected)) => {
                    assert_eq!(target, expected, "{body}")
                }
                (outcome, expected) => panic!("{body}: {outcome:?} is not {expected:?}"),
            }
        }
    }
}
