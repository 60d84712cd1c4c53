//! The real `spin.toml`, and what becomes of it when it is wrong.

use std::fs;

use patchboard_tests::raw;
use patchboard_tests_edge::{App, ComposeError, Options, StartError};

use crate::world::{app, manifest, only, root, variables};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const IMPORT: &str = "\"patchboard:provider/mapper@0.1.0\"";

/// The manifest of one provider with one thing changed.
fn changed(from: &str, to: &str) -> String {
    let text = only("wrike");
    assert!(text.contains(from), "{from:?} is not in spin.toml");
    text.replacen(from, to, 1)
}

fn start(text: &str) -> Result<App, StartError> {
    variables(Options::text(text, &root()), KEY, "https://none.invalid").start()
}

#[test]
fn the_manifest_serves_every_bundled_plugin() {
    let app = start(&manifest()).unwrap();
    let plugins = fs::read_dir(root().join("plugins")).unwrap().flatten().filter(|entry| entry.path().join("Cargo.toml").is_file()).count();
    let ready = raw::exchange(app.address(), &raw::request("GET", "/readyz", &[], b"")).ok();
    assert_eq!(ready["providers"], plugins);
    assert_eq!(app.faults(), Vec::<String>::new());
}

/// The manifest with other dependencies of its provider.
fn plugged(dependencies: &str) -> String {
    let text = only("wrike");
    let line = text.lines().find(|line| line.contains(IMPORT)).expect("a dependency");
    changed(line, &format!("dependencies = {{ {dependencies} }}"))
}

/// An entry of the dependencies.
fn entry(name: &str, path: &str) -> String {
    format!("{name:?} = {{ path = {path:?} }}")
}

const WRIKE: &str = "target/plugins/wrike.wasm";

#[test]
fn a_plugin_that_is_not_plugged_in_is_missed_at_the_start() {
    let error = start(&plugged("")).unwrap_err();
    assert!(matches!(error, StartError::Component { .. }) && error.to_string().contains("patchboard:provider/mapper"), "{error}");
}

#[test]
fn a_plugin_is_plugged_in_by_the_exact_name() {
    for (name, fits) in [
        ("patchboard:provider/mapper@0.1.0", true),
        ("patchboard:provider/mapper", true),
        ("patchboard:provider@0.1.0", true),
        ("patchboard:provider/mapper@0.1.1", false),
        ("patchboard:provider/mapper@0.1", false),
        ("mapper", false),
    ] {
        match start(&plugged(&entry(name, WRIKE))) {
            Ok(_) => assert!(fits, "{name}"),
            Err(error) => assert!(!fits && matches!(error, StartError::Compose(ComposeError::Unmatched { .. })), "{name}: {error}"),
        }
    }
}

#[test]
fn two_plugins_for_one_import_are_refused() {
    let two = [entry("patchboard:provider/mapper@0.1.0", WRIKE), entry("patchboard:provider/mapper", WRIKE)].join(", ");
    let error = start(&plugged(&two)).unwrap_err();
    assert!(matches!(error, StartError::Compose(ComposeError::Conflict { .. })), "{error}");
}

#[test]
fn what_is_no_plugin_is_refused() {
    let with = |path: &str| start(&plugged(&entry("patchboard:provider/mapper@0.1.0", path))).unwrap_err();
    let error = with("target/edge/router.wasm");
    assert!(matches!(error, StartError::Compose(ComposeError::Imports { .. })), "{error}");
    let error = with("spin.toml");
    assert!(matches!(error, StartError::Compose(ComposeError::Package { .. })), "{error}");
    let error = with("target/plugins/none.wasm");
    assert!(matches!(error, StartError::File { .. }), "{error}");
}

#[test]
fn a_plugin_without_a_shell_answers_no_requests() {
    let error = start(&changed("target/edge/router.wasm", WRIKE)).unwrap_err();
    assert!(matches!(error, StartError::Component { .. }), "{error}");
}

#[test]
fn a_variable_that_is_required_and_not_given_keeps_the_app_from_starting() {
    let error = app().variable("admin_token", "x").start().unwrap_err();
    assert!(error.to_string().contains("encryption_key"), "{error}");
}

#[test]
fn a_trigger_without_its_component_is_refused() {
    let error = start(&changed("[component.p-wrike]", "[component.p-wirke]")).unwrap_err();
    assert!(matches!(error, StartError::Manifest(_)), "{error}");
}
