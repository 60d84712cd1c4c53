use patchboard_sdk::{Plugin, testing};
use serde_json::Value;

use super::Microsoft365;

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Microsoft365>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn what_is_declared_is_what_microsoft_planner_declares() {
    let ours: Value = serde_json::from_str(Microsoft365::MANIFEST).unwrap();
    let planners: Value = serde_json::from_str(include_str!("../../microsoft-planner/manifest.json")).unwrap();
    for member in ["settings", "base_url", "hosts", "authentication", "resources"] {
        assert_eq!(ours[member], planners[member], "{member}");
    }
}
