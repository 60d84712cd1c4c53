//! A native request as JSON, for comparing and for showing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_gateway::contract::{Content, Exchange, NativeRequest, Pair};
use serde_json::{Map, Value, json};

/// Names with their values; one that is given twice has an array.
pub(crate) fn by_name<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Map<String, Value> {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let value = Value::from(value);
        match members.get_mut(name) {
            None => {
                members.insert(name.to_owned(), value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    members
}

fn pairs(pairs: &[Pair]) -> Map<String, Value> {
    by_name(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Bytes as a case writes them.
pub(crate) fn bytes(bytes: &[u8]) -> (&'static str, Value) {
    match std::str::from_utf8(bytes) {
        Ok(text) => ("text", text.into()),
        Err(_) => ("base64", STANDARD.encode(bytes).into()),
    }
}

/// A native request, whole.
pub(crate) fn request(request: &NativeRequest) -> Value {
    let mut shown = json!({
        "method": request.method,
        "path": request.path,
        "query": pairs(&request.query),
        "headers": pairs(&request.headers),
    });
    let (kind, body) = match &request.content {
        Content::Empty => return shown,
        Content::Json(body) => ("json", body.clone()),
        Content::Form(fields) => ("form", pairs(fields).into()),
        Content::Raw(_, body) => bytes(body),
    };
    if let Some(members) = shown.as_object_mut() {
        members.insert(kind.to_owned(), body);
    }
    shown
}

/// Native requests in their order.
pub(crate) fn requests(requests: &[&NativeRequest]) -> Value {
    requests.iter().map(|native| request(native)).collect()
}

/// Everything of an exchange, to the byte.
pub(crate) fn exact(exchange: &Exchange) -> String {
    let known = exchange.known.as_ref().map(|known| Value::Object(known.clone()).to_string());
    let body = match &exchange.request.content {
        Content::Json(body) => body.to_string(),
        other => format!("{other:?}"),
    };
    let request = &exchange.request;
    format!(
        "call {:?}\n{} {:?}\nquery {:?}\nheaders {:?}\nbody {body}\nanswers {}\nstate {:?}\nknown {known:?}\nwarnings {:?}",
        exchange.call,
        request.method,
        request.path,
        request.query,
        request.headers,
        exchange.answers,
        String::from_utf8_lossy(&exchange.state),
        exchange.warnings
    )
}
