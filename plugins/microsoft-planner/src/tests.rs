use patchboard_sdk::testing;

use super::MicrosoftPlanner;

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<MicrosoftPlanner>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}
