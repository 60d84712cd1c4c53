//! One plain function for each thing that a stranger sends. They run on stable Rust over
//! a corpus and seeded mutations of it (`tests/fuzz.rs`), and under `cargo fuzz` where a
//! nightly compiler is (`fuzz/`). None may panic; what holds beyond that is asserted.
#![allow(clippy::panic, clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is the finding")]

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};

use crate::contract::Operation;
use crate::limits::{Limits, MAX_ID};
use crate::model::Models;
use crate::warning::{self, Warning};
use crate::{Manifest, body, json, params, query, route};

/// A function that takes anything.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("query", query),
    ("path", path),
    ("json", json),
    ("merge_patch", merge_patch),
    ("json_patch", json_patch),
    ("manifest", manifest),
    ("warning", warning),
];

fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(entries) = query::parse(&text) {
        assert!(entries.iter().all(|entry| entry.keys.len() <= query::MAX_DEPTH));
        let _ = query::array(entries.iter());
    }
    if let Ok(params) = params::parse(&text, &HeaderMap::new()) {
        assert!(!params.account_id.is_empty());
        assert!(params.etag.is_none_or(|etag| HeaderValue::from_str(&etag).is_ok()));
    }
}

fn path(bytes: &[u8]) {
    if let Ok(route) = route::parse(&Method::PATCH, &String::from_utf8_lossy(bytes)) {
        let id = route.id.unwrap();
        assert!(id != "." && id != ".." && id.len() <= MAX_ID && !id.chars().any(char::is_control));
    }
}

fn json(bytes: &[u8]) {
    if let Ok(value) = json::parse(bytes, 64) {
        let again = json::parse(value.to_string().as_bytes(), 64);
        assert_eq!(again, Ok(value));
    }
}

fn merge_patch(bytes: &[u8]) {
    change("application/merge-patch+json", bytes);
}

fn json_patch(bytes: &[u8]) {
    change("application/json-patch+json", bytes);
}

fn change(media: &'static str, bytes: &[u8]) {
    let models = Models::built_in().unwrap();
    let model = models.get("ticketing", "workspaces").unwrap();
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media))]);
    if let Ok(change) = body::parse(Operation::Update, &headers, bytes, model, &Limits::default()) {
        let _ = model.check(&change.fields);
    }
}

fn manifest(bytes: &[u8]) {
    let _ = Manifest::parse(&String::from_utf8_lossy(bytes));
}

fn warning(bytes: &[u8]) {
    let warnings: Vec<Warning> = bytes.chunks(7).map(|piece| Warning::new(String::from_utf8_lossy(piece), "unknown")).collect();
    assert_eq!(warning::header(&warnings).is_none(), warnings.is_empty());
}
