//! `patchboard plugin new` and `build`, as far as they need no other tools. What needs them
//! (cargo, node, python) is tried by `cargo xtask languages`.

use std::fs;
use std::path::Path;

use patchboard_tests::DataDir;
use patchboard_tests::plugin_files::{PluginFolder, built};
use patchboard_tests::program::{Invocation, patchboard};
use serde_json::{Value, json};

const LANGUAGES: [(&str, &str); 3] = [("rust", "src/lib.rs"), ("javascript", "plugin.js"), ("python", "plugin.py")];

fn new(name: &str, language: &str, dir: &Path) -> Invocation {
    patchboard(&["plugin", "new", name, "--language", language, "--dir", &dir.display().to_string()])
}

fn build(dir: &Path) -> Invocation {
    patchboard(&["plugin", "build", &dir.display().to_string()])
}

#[test]
fn a_new_folder_holds_its_mapping_its_cases_the_contract_and_a_readme_that_names_them() {
    for (language, mapping) in LANGUAGES {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("made-up");
        let run = new("made-up", language, &dir).succeed();
        assert_eq!(run.stdout.trim(), dir.display().to_string());
        for next in ["README.md", "patchboard plugin build", "patchboard plugin test ."] {
            assert!(run.stderr.contains(next), "{}", run.stderr);
        }
        let readme = fs::read_to_string(dir.join("README.md")).unwrap();
        for file in [mapping, "manifest.json"] {
            assert!(dir.join(file).is_file() && readme.contains(&format!("`{file}`")), "{language}: {file}");
        }
        let manifest: Value = serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
        assert_eq!((&manifest["name"], &manifest["title"]), (&"made-up".into(), &"Made Up".into()));
        let cases: Value = serde_json::from_slice(&fs::read(dir.join("cases/update.json")).unwrap()).unwrap();
        assert!(cases.as_array().unwrap().len() >= 2);
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/provider.wit");
        assert_eq!(fs::read(dir.join("vendor/wit/provider.wit")).unwrap(), fs::read(ours).unwrap());
    }
}

#[test]
fn what_is_there_is_left_alone_and_a_bad_name_or_language_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("made-up");
    fs::create_dir(&dir).unwrap();
    let _ = new("made-up", "python", &dir).succeed();
    let before = fs::read(dir.join("plugin.py")).unwrap();
    new("made-up", "rust", &dir).run().is_misuse("is not empty");
    assert_eq!(fs::read(dir.join("plugin.py")).unwrap(), before);
    assert!(!dir.join("Cargo.toml").exists());
    let nowhere = folder.path().join("nowhere");
    new("Made Up", "rust", &nowhere).run().is_misuse("is no provider's name");
    new("made-up", "cobol", &nowhere).run().is_misuse("[possible values: rust, javascript, python]");
    assert!(!nowhere.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_name_of_a_bundled_plugin_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let run = new("wrike", "rust", &folder.path().join("wrike")).succeed();
    assert!(run.stderr.contains("also the name of a bundled plugin"), "{}", run.stderr);
}

#[test]
fn a_missing_tool_is_named_in_one_line_with_how_to_get_it() {
    for (language, says) in [("rust", "https://rustup.rs"), ("javascript", "https://nodejs.org"), ("python", "https://www.python.org")] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("made-up");
        let _ = new("made-up", language, &dir).succeed();
        let run = build(&dir).env("PATH", "/nonexistent").env("CARGO", "cargo").run();
        run.is_misuse(says);
        assert_eq!(run.stderr.trim().lines().count(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_folder_that_is_no_plugin_and_one_that_was_not_built_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path()).run().is_misuse("patchboard plugin new NAME");
    build(&folder.path().join("nowhere")).run().is_misuse("nowhere");
    let dir = folder.path().join("made-up");
    let _ = new("made-up", "javascript", &dir).succeed();
    patchboard(&["plugin", "test", &dir.display().to_string()]).run().is_misuse("patchboard plugin build");
    fs::write(dir.join("Cargo.toml"), "").unwrap();
    build(&dir).run().is_misuse("--language");
}

#[test]
fn the_help_teaches() {
    let help = patchboard(&["plugin", "new", "--help"]).succeed().stdout;
    for word in ["rust", "javascript", "python", "patchboard plugin build", "patchboard plugin test"] {
        assert!(help.contains(word), "{help}");
    }
    assert!(patchboard(&["plugin", "build", "--help"]).succeed().stdout.contains("requirements.txt"));
    assert!(patchboard(&["plugin", "inspect", "--help"]).succeed().stdout.contains("--measure"));
}

#[test]
fn inspect_shows_what_a_plugin_needs_and_is_granted_and_measures_a_call() {
    let file = patchboard_tests::program().ancestors().nth(2).unwrap().join("plugins/wrike.wasm").display().to_string();
    let data = tempfile::tempdir().unwrap();
    let data = data.path().display().to_string();
    let shown = patchboard(&["plugin", "inspect", &file, "--measure", "10", "--data-dir", &data]).succeed().json();
    assert_eq!(shown["needs"]["core_instances"], 1, "{shown}");
    assert_eq!(shown["granted"]["size"], "small");
    assert_eq!(shown["granted"]["deadline_ms"], 80);
    assert_eq!(shown["cost"]["calls"], 10);
    assert!(shown["cost"]["map_request"]["median_us"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_debug_build_is_for_its_author_alone() {
    let mut component = built("wrike");
    component.extend([0, 17, 16]);
    component.extend(b"patchboard:debug");
    let folder = PluginFolder::with("wrike.wasm", &component);
    let (file, why) = (folder.file("wrike.wasm").display().to_string(), "it is a debug build, which tells mistakes in its code to callers");
    let data = DataDir::warm();
    let listed = patchboard(&["plugin", "list", "--json", "--plugins", &folder.text(), "--data-dir", &data.text()]).run().json();
    assert!(listed["refused"][0]["why"].as_str().unwrap().starts_with(why), "{listed}");
    let inspected = patchboard(&["plugin", "inspect", &file]).succeed().json();
    assert_eq!((&inspected["debug"], inspected["not_loaded"].as_str().unwrap().starts_with(why)), (&json!(true), true));
    let manifest = folder.file("spin.toml");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml"), &manifest).unwrap();
    patchboard(&["edge", "add", &file, "--untested", "--manifest", &manifest.display().to_string()]).run().is_misuse(why);
    patchboard(&["plugin", "push", &file, "oci://127.0.0.1:1/wrike:0.1.0"]).run().is_misuse(why);
}
