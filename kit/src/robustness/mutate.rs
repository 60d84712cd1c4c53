//! Answers that no provider should give.

use bytes::Bytes;
use fastrand::Rng;
use patchboard_gateway::contract::NativeResponse;
use serde_json::{Value, json};

use crate::value::{leaves, replaced, wild, without};

/// Places at which an answer is cut off.
const CUTS: usize = 40;
/// Parts of an answer that are replaced.
const MAX_PARTS: usize = 120;
/// Nesting far beyond what a parser takes.
const DEEP: usize = 10_000;
/// Random damages.
const DAMAGES: usize = 40;

fn with_body(response: &NativeResponse, body: impl Into<Bytes>) -> NativeResponse {
    NativeResponse { body: body.into(), ..response.clone() }
}

/// Every mutation of an answer, with what it is.
pub(super) fn all(response: &NativeResponse, rng: &mut Rng) -> Vec<(String, NativeResponse)> {
    let mut mutations = cuts(response);
    mutations.extend(parts(response));
    mutations.extend(bodies().into_iter().map(|(how, body)| (how.to_owned(), with_body(response, body))));
    for status in [200, 201, 202, 204, 400, 401, 404, 409, 412, 422, 429, 500, 503] {
        mutations.push((format!("of the status {status}"), NativeResponse { status, ..response.clone() }));
    }
    mutations.push(("without headers".to_owned(), NativeResponse { headers: Vec::new(), ..response.clone() }));
    mutations.extend((0..DAMAGES).map(|nth| (format!("damaged ({nth})"), damaged(response, rng))));
    mutations
}

fn cuts(response: &NativeResponse) -> Vec<(String, NativeResponse)> {
    let length = response.body.len();
    let step = length.div_ceil(CUTS).max(1);
    let cut = |at: usize| (format!("cut off after {at} of {length} bytes"), with_body(response, response.body.slice(..at)));
    (0..length).step_by(step).map(cut).collect()
}

/// Every leaf and every container replaced by each type, and taken out.
fn parts(response: &NativeResponse) -> Vec<(String, NativeResponse)> {
    let Ok(body) = serde_json::from_slice::<Value>(&response.body) else { return Vec::new() };
    let mut places: Vec<String> = Vec::new();
    for (pointer, _) in leaves(&body) {
        for (end, _) in pointer.match_indices('/').skip(1) {
            places.extend(pointer.get(..end).map(str::to_owned));
        }
        places.push(pointer);
    }
    places.push(String::new());
    places.sort();
    places.dedup();
    places.truncate(MAX_PARTS);
    let others = [json!(null), json!(true), json!(-7.5), json!("x"), json!(""), json!([]), json!([null]), json!({}), json!({"id": {}})];
    let mut mutations = Vec::new();
    for place in places {
        let other = |value: &Value| {
            let how = format!("one with {value} at {place:?}");
            (how, with_body(response, replaced(&body, &place, value.clone()).to_string()))
        };
        mutations.extend(others.iter().map(other));
        mutations.push((format!("one without {place:?}"), with_body(response, without(&body, &place).to_string())));
    }
    mutations
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty", Vec::new()),
        ("null", b"null".to_vec()),
        ("a web page", b"<!DOCTYPE html><html><body>Bad gateway</body></html>".to_vec()),
        ("no text", vec![0, 159, 146, 150, 255]),
        ("a text in JSON", b"\"nope\"".to_vec()),
        ("a number", b"7".to_vec()),
        ("an empty list", b"[]".to_vec()),
        ("a list of nothing", b"[null]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("nested deep", [b"[".repeat(DEEP), b"]".repeat(DEEP)].concat()),
        ("nested deep in objects", [br#"{"data":"#.repeat(DEEP), b"1".to_vec(), b"}".repeat(DEEP)].concat()),
        ("one with a number beyond all bounds", br#"{"id":1e999999,"data":1e999999}"#.to_vec()),
        ("one with a lone surrogate", br#"{"id":"\ud800","data":[{"id":"\ud800"}]}"#.to_vec()),
        ("one with a member twice", br#"{"id":"a","id":"b","data":{"id":"a"},"data":[]}"#.to_vec()),
        ("large", format!("{{\"data\":\"{}\"}}", "x".repeat(1 << 18)).into_bytes()),
        ("JSON and more", br"{} {}".to_vec()),
        ("behind a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
    ]
}

/// A few bytes changed, taken out or doubled.
fn damaged(response: &NativeResponse, rng: &mut Rng) -> NativeResponse {
    let mut body = response.body.to_vec();
    for _ in 0..rng.usize(1..5) {
        if body.is_empty() {
            break;
        }
        let at = rng.usize(0..body.len());
        match rng.u8(0..3) {
            0 => {
                body.splice(at..=at, [rng.u8(..)]);
            }
            1 => {
                body.remove(at);
            }
            _ => {
                let end = (at + rng.usize(1..20)).min(body.len());
                let part: Vec<u8> = body.get(at..end).unwrap_or_default().to_vec();
                body.splice(at..at, part);
            }
        }
    }
    with_body(response, body)
}

/// One mutation, by chance.
pub(super) fn any(response: NativeResponse, rng: &mut Rng) -> NativeResponse {
    match rng.u8(0..6) {
        0 => damaged(&response, rng),
        1 => {
            let at = rng.usize(0..=response.body.len());
            with_body(&response, response.body.slice(..at))
        }
        2 => NativeResponse { status: rng.u16(200..600), ..response },
        3 => with_body(&response, wild(rng, 3).to_string()),
        _ => part(response, rng),
    }
}

/// One part replaced by anything.
fn part(response: NativeResponse, rng: &mut Rng) -> NativeResponse {
    let Ok(body) = serde_json::from_slice::<Value>(&response.body) else { return response };
    let places = leaves(&body);
    let place = rng.choice(&places).map(|(pointer, _)| pointer.clone()).unwrap_or_default();
    with_body(&response, replaced(&body, &place, wild(rng, 2)).to_string())
}
