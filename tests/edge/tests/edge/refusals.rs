//! The real `spin.toml`, and what becomes of it when it is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use patchboard_tests::raw;
use patchboard_tests_edge::{App, ComposeError, Options, StartError};

use crate::world::{manifest, variables};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const IMPORT: &str = "\"patchboard:provider/mapper@0.1.0\"";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The manifest with one thing changed.
fn changed(from: &str, to: &str) -> String {
    let text = fs::read_to_string(manifest()).unwrap();
    assert!(text.contains(from), "{from:?} is not in spin.toml");
    text.replacen(from, to, 1)
}

fn start(text: &str) -> Result<App, StartError> {
    variables(Options::text(text, &root()), KEY, "https://none.invalid").start()
}

#[test]
fn the_manifest_serves_every_bundled_plugin() {
    let app = start(&fs::read_to_string(manifest()).unwrap()).unwrap();
    let plugins = fs::read_dir(root().join("plugins")).unwrap().flatten().filter(|entry| entry.path().join("Cargo.toml").is_file()).count();
    let ready = raw::exchange(app.address(), &raw::request("GET", "/readyz", &[], b"")).ok();
    assert_eq!(ready["providers"], plugins);
    assert_eq!(app.faults(), Vec::<String>::new());
}

#[test]
fn a_plugin_that_is_not_plugged_in_is_missed_at_the_start() {
    let text = fs::read_to_string(manifest()).unwrap();
    let line = text.lines().find(|line| line.contains(IMPORT)).expect("a dependency");
    let error = start(&changed(line, "")).unwrap_err();
    assert!(matches!(error, StartError::Component { .. }) && error.to_string().contains("patchboard:provider/mapper"), "{error}");
}

#[test]
fn a_plugin_is_plugged_in_by_the_exact_name() {
    for (name, fits) in [("patchboard:provider/mapper", true), ("patchboard:provider@0.1.0", true), ("patchboard:provider/mapper@0.1.1", false), ("mapper", false)] {
        let started = start(&changed(IMPORT, &format!("\"{name}\"")));
        match started {
            Ok(_) => assert!(fits, "{name}"),
            Err(error) => assert!(!fits && matches!(error, StartError::Compose(ComposeError::Unmatched { .. })), "{name}: {error}"),
        }
    }
}

#[test]
fn two_plugins_for_one_import_are_refused() {
    let text = fs::read_to_string(manifest()).unwrap();
    let line = text.lines().find(|line| line.contains(IMPORT)).expect("a dependency");
    let error = start(&changed(line, &format!("{line}\n{}", line.replace("@0.1.0", "")))).unwrap_err();
    assert!(matches!(error, StartError::Compose(ComposeError::Conflict { .. })), "{error}");
}

#[test]
fn what_is_no_plugin_is_refused() {
    let text = fs::read_to_string(manifest()).unwrap();
    let line = text.lines().find(|line| line.contains(IMPORT)).expect("a dependency");
    let error = start(&changed(line, &format!("{IMPORT} = {{ path = \"target/edge/router.wasm\" }}"))).unwrap_err();
    assert!(matches!(error, StartError::Compose(ComposeError::Imports { .. })), "{error}");
    let error = start(&changed(line, &format!("{IMPORT} = {{ path = \"spin.toml\" }}"))).unwrap_err();
    assert!(matches!(error, StartError::Compose(ComposeError::Package { .. })), "{error}");
    let error = start(&changed(line, &format!("{IMPORT} = {{ path = \"target/plugins/none.wasm\" }}"))).unwrap_err();
    assert!(matches!(error, StartError::File { .. }), "{error}");
}

#[test]
fn a_plugin_without_a_shell_answers_no_requests() {
    let text = fs::read_to_string(manifest()).unwrap();
    let plugin = text.lines().find(|line| line.contains(IMPORT)).and_then(|line| line.split('"').nth(3)).expect("a path").to_owned();
    let source = text.lines().find(|line| line.starts_with("source") && line.contains("router")).expect("the router");
    let error = start(&changed(source, &format!("source = {plugin:?}"))).unwrap_err();
    assert!(matches!(error, StartError::Component { .. }), "{error}");
}

#[test]
fn a_variable_that_is_required_and_not_given_keeps_the_app_from_starting() {
    let error = Options::of(&manifest()).variable("admin_token", "x").start().unwrap_err();
    assert!(error.to_string().contains("encryption_key"), "{error}");
}

#[test]
fn a_trigger_without_its_component_is_refused() {
    let error = start(&changed("[component.p-wrike]", "[component.p-wirke]")).unwrap_err();
    assert!(matches!(error, StartError::Manifest(_)), "{error}");
}
