//! `edge add`: a provider comes into the manifest of a Spin app, or does not.

use std::fs;
use std::path::Path;

use patchboard_tests::plugin_files::{PluginFolder, built, built_for_tests};
use patchboard_tests::{Invocation, patchboard};

fn checkout(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path).display().to_string()
}

/// A manifest without the provider, and the provider's component beside it.
fn app() -> PluginFolder {
    let folder = PluginFolder::with("capsule.wasm", &built("capsule"));
    let manifest = "spin_manifest_version = 2\n\n[application]\nname = \"own\"\n\n[component.router.variables]\nproviders = \"wrike\"\n";
    folder.put("spin.toml", manifest.as_bytes());
    folder
}

fn add(app: &PluginFolder, more: &[&str]) -> Invocation {
    let [component, manifest] = ["capsule.wasm", "spin.toml"].map(|file| app.file(file).display().to_string());
    patchboard(&["edge", "add", &component, "--manifest", &manifest]).args(more)
}

fn manifest(app: &PluginFolder) -> String {
    fs::read_to_string(app.file("spin.toml")).unwrap()
}

#[test]
fn a_plugin_that_passes_the_kit_is_added_once() {
    let app = app();
    let cases = checkout("plugins/capsule/cases");
    let run = add(&app, &["--cases", &cases]).succeed();
    assert_eq!(run.stdout, "p-capsule\n");
    let first = manifest(&app);
    for part in ["[component.p-capsule]", "route = { private = true }", "capsule.wasm", "api.capsulecrm.com", "capsule, wrike"] {
        assert!(first.contains(part), "{part}: {first}");
    }
    let again = add(&app, &["--cases", &cases]).succeed();
    assert!(again.stderr.contains("has p-capsule already"), "{again:?}");
    assert_eq!(manifest(&app), first);
}

#[test]
fn a_plugin_that_cannot_be_tested_is_added_only_by_who_trusts_it() {
    let app = app();
    let before = manifest(&app);
    add(&app, &[]).run().is_misuse("has no cases, so it cannot be tested");
    assert_eq!(manifest(&app), before);
    assert_eq!(add(&app, &["--untested"]).succeed().stdout, "p-capsule\n");
}

#[test]
fn a_plugin_that_fails_the_kit_is_not_added() {
    let app = app();
    let before = manifest(&app);
    // Another provider's cases are not what this one does.
    let run = add(&app, &["--cases", &checkout("plugins/wrike/cases")]).run();
    run.is_misuse("does not pass its tests; the manifest is as it was");
    assert_eq!(manifest(&app), before);
}

#[test]
fn a_plugin_for_another_contract_is_not_added() {
    let app = app();
    let before = manifest(&app);
    app.put("capsule.wasm", &built_for_tests("next"));
    let says = "capsule.wasm is not added: it is built for the contract 0.2.0, and an edge app speaks 0.1.0 alone\n";
    for taken in ["false", "true"] {
        add(&app, &["--untested"]).env("PATCHBOARD_SANDBOX__DRAFT_CONTRACT", taken).run().is_misuse(says);
    }
    assert_eq!(manifest(&app), before);
}
