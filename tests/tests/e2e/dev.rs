//! `plugin dev`: from a saved file to a verdict, and into a running server.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout};

use patchboard_tests::{Invocation, World, patchboard, program};
use serde_json::json;
use tempfile::TempDir;

/// The folder of this checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The plugin of Wrike in a folder of its own, as somebody else would have it.
struct Folder(TempDir);

impl Folder {
    fn make() -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        let from = root().join("plugins/wrike");
        copy(&from.join("src"), &own.path("src"));
        copy(&from.join("cases"), &own.path("cases"));
        fs::copy(from.join("manifest.json"), own.path("manifest.json")).unwrap();
        fs::copy(root().join("Cargo.lock"), own.path("Cargo.lock")).unwrap();
        let sdk = root().join("sdk");
        let manifest = format!(
            "[workspace]\n[package]\nname = \"wrike\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
             [dependencies]\npatchboard-sdk = {{ path = {sdk:?} }}\nserde_json = \"1\"\n"
        );
        fs::write(own.path("Cargo.toml"), manifest).unwrap();
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Saves a file as editors do: at once.
    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from));
        fs::write(self.path(".saved"), text.replace(from, to)).unwrap();
        fs::rename(self.path(".saved"), self.path(file)).unwrap();
    }

    fn dev(&self, more: &[&str]) -> Invocation {
        // What is built once is built for the next run of the tests, too.
        let target = program().parent().unwrap().parent().unwrap().join("tmp/dev");
        let dev = patchboard(&["plugin", "dev", &self.0.path().display().to_string()]).args(more);
        dev.env("CARGO_TARGET_DIR", &target.display().to_string()).env("CARGO_NET_OFFLINE", "true")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A running `plugin dev`.
struct Dev {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Dev {
    fn start(invocation: Invocation) -> Self {
        let mut child = invocation.spawn();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Nobody reads what cargo says; it must not wait for that.
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self { child, lines }
    }

    /// Everything that is said up to the next wait for a change.
    fn round(&mut self) -> String {
        let mut said = String::new();
        for line in self.lines.by_ref().map_while(Result::ok) {
            if line.starts_with("waiting for a change") {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
        panic!("it has ended: {said}");
    }

    /// The first round that says this; one may have begun between two files.
    fn round_with(&mut self, said: &str) -> String {
        loop {
            let round = self.round();
            if round.contains(said) {
                return round;
            }
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_file_is_built_tested_compared_and_handed_to_the_server() {
    let folder = Folder::make();
    let world = World::start();
    let mut dev = Dev::start(folder.dev(&["--server", &world.data.text()]));
    let first = dev.round();
    assert!(first.contains("checks, no difference") && first.contains("passed in"), "{first}");
    assert!(first.contains("the server has loaded wrike 0.1.0"), "{first}");
    let loaded = || {
        let listed = world.command(&["plugin", "list", "--running", "--json"]).succeed().json();
        let own = folder.path("wrike.wasm").canonicalize().unwrap().display().to_string();
        listed["loaded"].as_array().unwrap().iter().find(|plugin| plugin["source"] == own).map(|plugin| plugin["digest"].clone())
    };
    let digest = loaded().unwrap();

    folder.replace("src/request.rs", "\"title\"", "\"titel\"");
    let broken = dev.round();
    assert!(broken.contains("native request 1 (update_space): /form/titel is not expected, /form/title is missing"), "{broken}");
    assert!(broken.contains("+    \"titel\"") && broken.contains("cases: ") && broken.contains("not passed in"), "{broken}");
    assert_eq!(loaded().unwrap(), digest, "what does not pass is not handed on");

    folder.replace("src/request.rs", "use ", "this is no Rust use ");
    let unbuilt = dev.round();
    assert!(unbuilt.contains("FAILED: cargo build failed"), "{unbuilt}");

    folder.replace("src/request.rs", "this is no Rust use ", "use ");
    folder.replace("src/request.rs", "\"titel\"", "\"title\"");
    folder.replace("manifest.json", "\"version\": \"0.1.0\"", "\"version\": \"0.1.1\"");
    let said = dev.round_with("wrike 0.1.1");
    assert!(said.contains("the server has loaded wrike 0.1.1") && !said.contains("native request"), "{said}");
    let used = world.update(&patchboard_tests::seeds::WRIKE).query("dry_run=true").json(&json!({"name": "n"})).send().await.ok();
    assert_eq!(used["plugin"]["version"], "0.1.1");
}

#[test]
fn what_cannot_be_built_is_told() {
    let empty = tempfile::tempdir().unwrap();
    let run = patchboard(&["plugin", "dev", "--once", &empty.path().display().to_string()]).run();
    assert!(run.code == Some(1) && run.stdout.contains("FAILED: "), "{run:?}");
    patchboard(&["plugin", "dev", "/nonexistent"]).run().is_misuse("nonexistent");
}
