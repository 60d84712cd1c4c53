//! A native request as a case writes it, and one that was made in the same form.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use patchboard_gateway::contract::{Content, Exchange};
use patchboard_gateway::upstream::Outbound;
use serde_json::{Map, Value, json};

use crate::case::Expect;
use crate::native::{by_name, bytes};
use crate::rig::SECRET;
use crate::value::{leaves, short};

/// Places that a difference names in words; the diff has them all.
const MAX_PLACES: usize = 6;

/// What a case expects.
pub(super) fn expected(expect: &Expect) -> Value {
    let headers: Map<String, Value> = expect.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    let mut shown = json!({"call": expect.call, "method": expect.method, "query": expect.query, "headers": headers});
    let mut put = |name: &str, value: Option<Value>| {
        if let (Some(members), Some(value)) = (shown.as_object_mut(), value) {
            members.insert(name.to_owned(), value);
        }
    };
    match &expect.url {
        Some(url) => put("url", Some(url.clone().into())),
        None => put("path", Some(expect.path.clone().unwrap_or_default().into())),
    }
    put("json", expect.json.clone());
    put("form", expect.form.clone().map(Value::Object));
    put("text", expect.text.clone().map(Value::from));
    put("base64", expect.base64.as_ref().map(|text| again(text).into()));
    shown
}

/// Base64 in its one spelling.
fn again(text: &str) -> String {
    STANDARD.decode(text).map_or_else(|_| text.to_owned(), |bytes| STANDARD.encode(bytes))
}

/// What left, without the gateway's own part of it.
pub(crate) fn found(outbound: &Outbound, exchange: &Exchange, by_url: bool) -> Value {
    let query: Vec<(String, String)> = outbound.url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    let plain = query.iter().filter(|(_, value)| !value.starts_with(SECRET));
    let (kind, body) = body(outbound, exchange);
    let mut shown = json!({
        "call": exchange.call,
        "method": outbound.method.as_str(),
        "query": by_name(plain.map(|(n, v)| (n.as_str(), v.as_str()))),
        "headers": headers(&outbound.headers, kind),
    });
    let place = if by_url { ("url", url(outbound)) } else { ("path", exchange.request.path.clone()) };
    if let Some(members) = shown.as_object_mut() {
        members.insert(place.0.to_owned(), place.1.into());
        members.extend((!kind.is_empty()).then(|| (kind.to_owned(), body)));
    }
    shown
}

fn url(outbound: &Outbound) -> String {
    let mut url = outbound.url.clone();
    url.set_query(None);
    url.to_string()
}

/// The kind of body and the body, with what the engine has merged into it.
fn body(outbound: &Outbound, exchange: &Exchange) -> (&'static str, Value) {
    match &exchange.request.content {
        Content::Form(_) => {
            let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&outbound.body).unwrap_or_default();
            ("form", by_name(fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))).into())
        }
        Content::Raw(..) => bytes(&outbound.body),
        Content::Empty if outbound.body.is_empty() => ("", Value::Null),
        Content::Json(_) | Content::Empty => ("json", serde_json::from_slice(&outbound.body).unwrap_or_default()),
    }
}

/// Without the credential and what the engine adds to every request.
fn headers(headers: &HeaderMap, kind: &str) -> Map<String, Value> {
    let by_kind = match kind {
        "form" => "application/x-www-form-urlencoded",
        _ => "application/json",
    };
    let own = headers.iter().filter(|(name, value)| match **name {
        USER_AGENT => false,
        ACCEPT => *value != "application/json",
        CONTENT_TYPE => *value != by_kind,
        _ => !value.is_sensitive(),
    });
    let text: Vec<(&str, String)> =
        own.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    by_name(text.iter().map(|(name, value)| (*name, value.as_str())))
}

/// The places in which two values differ, in words.
pub(crate) fn places(expected: &Value, found: &Value) -> String {
    let mut places: BTreeMap<String, (Option<Value>, Option<Value>)> = BTreeMap::new();
    for (pointer, leaf) in leaves(expected) {
        places.entry(pointer).or_default().0 = Some(leaf);
    }
    for (pointer, leaf) in leaves(found) {
        places.entry(pointer).or_default().1 = Some(leaf);
    }
    places.retain(|_, (expected, found)| expected != found);
    let rest = if places.len() > MAX_PLACES { ", …" } else { "" };
    let shown: Vec<String> = places.iter().take(MAX_PLACES).map(place).collect();
    format!("{}{rest}", shown.join(", "))
}

fn place((pointer, sides): (&String, &(Option<Value>, Option<Value>))) -> String {
    match sides {
        (Some(expected), Some(found)) => format!("{pointer} is {}, not {}", short(found), short(expected)),
        (Some(_), None) => format!("{pointer} is missing"),
        (None, _) => format!("{pointer} is not expected"),
    }
}
