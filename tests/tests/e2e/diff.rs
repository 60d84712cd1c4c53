//! What would change from one version of a plugin to another.

use patchboard_tests::plugin_files::{PluginFolder, built, replaced, version};
use patchboard_tests::seeds::WRIKE;
use patchboard_tests::{DataDir, Run, Setup, eventually, patchboard};
use serde_json::json;

/// The cases of a plugin of this checkout.
fn cases(name: &str) -> String {
    format!("{}/../plugins/{name}/cases", env!("CARGO_MANIFEST_DIR"))
}

fn diff(data: &DataDir, old: &str, new: &str, more: &[&str]) -> Run {
    patchboard(&["plugin", "diff", old, new, "--data-dir", &data.text()]).args(more).run()
}

#[test]
fn a_version_that_does_the_same_is_no_difference() {
    let data = DataDir::warm();
    let folder = PluginFolder::with("new.wasm", &version(&built("wrike"), "0.2.0"));
    let new = folder.file("new.wasm").display().to_string();
    let run = diff(&data, "wrike", &new, &["--cases", &cases("wrike")]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("wrike 0.1.0 (sha256:") && run.stdout.contains("-> wrike 0.2.0"), "{}", run.stdout);
    assert!(run.stdout.contains("no difference (") && run.stdout.contains("cases)"), "{}", run.stdout);
}

#[test]
fn what_is_sent_and_declared_otherwise_is_shown() {
    let data = DataDir::warm();
    let changed = replaced(&built("wrike"), "/spaces", "/spacez");
    let folder = PluginFolder::with("new.wasm", &version(&changed, "0.2.0"));
    let new = folder.file("new.wasm").display().to_string();
    let run = diff(&data, "wrike@0.1.0", &new, &["--cases", &cases("wrike")]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for line in ["update: the call update_space is another", "native request 1 (update_space): /url is \"", "+  \"url\": "] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    let json = diff(&data, "wrike@0.1.0", &new, &["--json", "--cases", &cases("wrike")]).json();
    assert_eq!((&json["same"], &json["old"]["version"], &json["new"]["version"]), (&json!(false), &json!("0.1.0"), &json!("0.2.0")));
    assert!(json["changes"][0]["differences"][0]["what"].as_str().unwrap().contains("native request 1"), "{json}");
}

#[tokio::test]
async fn recordings_are_played_with_both() {
    let recorded = PluginFolder::empty();
    let world = Setup::default().arg("--record").arg(&recorded.text()).start();
    let _ = world.update(&WRIKE).json(&json!({"name": "n"})).send().await.ok();
    eventually("it is recorded", || {
        let mut files = std::fs::read_dir(recorded.path()).unwrap().filter_map(Result::ok);
        files.any(|file| file.file_name().to_string_lossy().ends_with(".json")).then_some(())
    });
    let none = PluginFolder::empty();
    let folder = PluginFolder::with("new.wasm", &replaced(&built("wrike"), "/spaces", "/spacez"));
    let new = folder.file("new.wasm").display().to_string();
    let more = ["--cases", &none.text(), "--recorded", &recorded.text()];
    let run = diff(&world.data, "wrike", &new, &more);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("(update ticketing/workspaces)") && run.stdout.contains("(1 recording)"), "{}", run.stdout);
    assert_eq!(diff(&world.data, "wrike", "wrike", &more).code, Some(0));
}

#[test]
fn what_cannot_be_compared_ends_with_2() {
    let data = DataDir::warm();
    let folder = PluginFolder::with("bad.wasm", b"x");
    let bad = folder.file("bad.wasm").display().to_string();
    for (old, new, says) in [
        ("/nonexistent.wasm", "wrike", "/nonexistent.wasm"),
        ("wrike", bad.as_str(), "not a WebAssembly file"),
        ("wrike", "workiva", "different providers"),
        ("wrike", "wrike@9.9.9", "there is 0.1.0"),
        ("nope", "wrike", "no plugin for the provider"),
    ] {
        diff(&data, old, new, &[]).is_misuse(says);
    }
    diff(&data, "wrike", "wrike", &["--recorded", &folder.file("nowhere").display().to_string()]).is_misuse("nowhere");
}
