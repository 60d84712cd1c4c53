//! The differences that are meant: by name, with the reason, in `parity/differences.json`.

use std::fs;

use serde::Deserialize;

use super::compare::Difference;
use super::list::folder;

/// A difference that is meant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// As the documentation has it.
    pub name: String,
    /// Why it is so.
    pub reason: String,
    /// The requests, by name; a `*` at the end stands for the rest.
    pub requests: Vec<String>,
    /// The places.
    pub parts: Vec<String>,
}

/// All of them.
pub fn read() -> Vec<Allowed> {
    let file = folder().join("differences.json");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let all: Vec<Allowed> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let told = fs::read_to_string(folder().join("../../../docs/edge.md")).unwrap_or_default();
    for allowed in &all {
        assert!(told.contains(&allowed.name), "docs/edge.md does not tell that {:?} differs: {}", allowed.name, allowed.reason);
    }
    all
}

impl Allowed {
    /// Whether it means this difference of this request.
    pub fn means(&self, request: &str, difference: &Difference) -> bool {
        let named = |name: &String| name.strip_suffix('*').map_or(name == request, |start| request.starts_with(start));
        self.requests.iter().any(named) && self.parts.contains(&difference.part)
    }
}
