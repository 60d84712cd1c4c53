//! What `install` shows before it asks.

use patchboard_gateway::contract::Provider as _;
use serde::Serialize;

use super::source::{signed, size};
use crate::digest::Digest;
use crate::installed::{Asks, Changes, Locked};
use crate::oci::{Fetched, Reference};
use crate::runtime::Plugin;
use crate::text::plain;

/// The version that is there.
pub(super) struct Before {
    pub(super) version: String,
    pub(super) source: String,
    pub(super) asks: Asks,
}

/// A plugin that can be installed.
#[derive(Debug, Serialize)]
pub(super) struct Offer {
    pub(super) installed: bool,
    name: String,
    version: String,
    title: String,
    source: Reference,
    manifest: Digest,
    digest: Digest,
    bytes: usize,
    signer: Option<String>,
    #[serde(skip)]
    signatures: usize,
    asks: Asks,
    /// Where the version before it came from.
    before: Option<String>,
    changes: Option<Changes>,
}

impl Offer {
    pub(super) fn new(plugin: &Plugin, locked: &Locked, fetched: &Fetched, before: Option<Before>) -> Self {
        let manifest = plugin.manifest();
        let asks = Asks::of(manifest);
        Self {
            installed: false,
            name: locked.name.clone(),
            version: locked.version.to_string(),
            title: plain(&manifest.title),
            source: locked.source.clone(),
            manifest: locked.manifest.clone(),
            digest: locked.digest.clone(),
            bytes: fetched.component.len(),
            signer: locked.signer.clone(),
            signatures: fetched.signatures.len(),
            changes: before.as_ref().map(|before| asks.since(&before.version, &before.asks)),
            before: before.map(|before| before.source),
            asks,
        }
    }

    pub(super) fn print(&self) {
        println!("{} {} ({})", self.name, self.version, self.title);
        println!("  from       {}", self.source);
        println!("  manifest   {}", self.manifest);
        println!("  component  {}, {}", self.digest, size(self.bytes));
        println!("  signed     {}", signed(self.signer.as_deref(), self.signatures));
        println!("it asks for");
        for (name, lines) in self.asks.sections() {
            lines.iter().for_each(|line| println!("  {name:<17}{line}"));
        }
        if let (Some(changes), Some(before)) = (&self.changes, &self.before) {
            print_changes(changes, before);
        }
    }
}

fn print_changes(changes: &Changes, before: &str) {
    println!("against version {} ({before})", changes.since);
    changes.added.iter().for_each(|line| println!("  + {line}"));
    changes.removed.iter().for_each(|line| println!("  - {line}"));
    if changes.is_empty() {
        println!("  it asks for the same");
    }
}
