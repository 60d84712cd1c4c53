//! Members of the manifest that nobody reads.

use patchboard_gateway::Manifest;

use super::Found;
use crate::report::{Check, Difference, Section};

pub(super) fn check(described: &str) -> Check {
    let mut found = Found::default();
    found.looked();
    // One that cannot be read is refused before.
    for place in Manifest::unknown_members(described).unwrap_or_default() {
        let what = format!("the manifest has {place}, which nobody reads: is it spelled right?");
        found.add(Difference::new(what, "members of wit/manifest.schema.json", place));
    }
    found.check(Section::Declaration, "the manifest has no unknown members", "manifest")
}
