//! Two versions of a plugin, side by side: what would change on the wire, and in what
//! they declare.

mod declaration;
mod text;
mod wire;

use patchboard_gateway::contract::PluginIdentity;
use serde::Serialize;

use crate::report::Difference;

pub use declaration::declarations;
pub use wire::{Wire, between, wires};

/// A plugin that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The provider's name.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// `sha256:…` of the component.
    pub digest: String,
}

impl From<&PluginIdentity> for Side {
    fn from(identity: &PluginIdentity) -> Self {
        Self { name: identity.name.clone(), version: identity.version.clone(), digest: identity.digest.clone() }
    }
}

/// A request that the two map differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The case, or the recording.
    pub name: String,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Everything that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The one.
    pub old: Side,
    /// The other.
    pub new: Side,
    /// Nothing differs but the version.
    pub same: bool,
    /// In the manifests.
    pub declaration: Vec<Difference>,
    /// How many cases were played.
    pub cases: usize,
    /// How many recordings were played.
    pub recordings: usize,
    /// Cases and recordings that differ.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Two plugins, of which nothing is known yet.
    #[must_use]
    pub fn new(old: &PluginIdentity, new: &PluginIdentity) -> Self {
        Self { old: old.into(), new: new.into(), same: true, declaration: Vec::new(), cases: 0, recordings: 0, changes: Vec::new() }
    }

    /// Adds what differs between the manifests.
    pub fn declare(&mut self, differences: Vec<Difference>) {
        self.same &= differences.is_empty();
        self.declaration = differences;
    }

    /// Adds what a request leads to with the one and with the other.
    pub fn add(&mut self, name: &str, old: &Wire, new: &Wire) {
        let differences = between(old, new);
        if !differences.is_empty() {
            self.same = false;
            self.changes.push(Change { name: name.to_owned(), differences });
        }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self)
    }
}

/// From the one to the other.
pub(crate) fn difference(what: impl Into<String>, old: &serde_json::Value, new: &serde_json::Value) -> Difference {
    let Difference { what, diff } = Difference::json(what, old, new);
    Difference { what, diff: diff.replacen("--- expected\n+++ found\n", "--- old\n+++ new\n", 1) }
}
