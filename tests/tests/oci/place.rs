//! A data folder that plugins are installed into, and what a test asks of it.

use std::fs;
use std::path::PathBuf;

use patchboard_tests::{DataDir, Invocation, Run, patchboard};

/// A data folder with a file to publish.
pub struct Place {
    pub data: DataDir,
    work: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { data: DataDir::warm(), work: tempfile::tempdir().unwrap() }
    }

    /// `patchboard plugin …` on the data folder, with no login of the developer's own.
    pub fn plugin(&self, arguments: &[&str]) -> Invocation {
        let nowhere = self.work.path().join("docker").display().to_string();
        patchboard(&["plugin"]).args(arguments).args(["--data-dir", &self.data.text()]).env("DOCKER_CONFIG", &nowhere)
    }

    pub fn install(&self, reference: &str) -> Invocation {
        self.plugin(&["install", "--yes", reference])
    }

    /// Writes a file and says where.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.work.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// Publishes a component.
    pub fn push(&self, component: &[u8], reference: &str) -> Run {
        let file = self.file("push.wasm", component);
        self.plugin(&["push", &file, reference]).succeed()
    }

    /// The files of installed plugins, by name.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name != ".busy").collect();
        names.sort();
        names
    }

    /// The component files.
    pub fn components(&self) -> Vec<String> {
        self.files().into_iter().filter(|name| name.ends_with(".wasm")).collect()
    }

    pub fn folder(&self) -> PathBuf {
        self.data.path().join("plugins")
    }

    pub fn lock_file(&self) -> PathBuf {
        self.data.path().join("plugins.lock")
    }

    pub fn lock(&self) -> String {
        fs::read_to_string(self.lock_file()).unwrap_or_default()
    }

    /// What a server would load, by name; it must refuse nothing.
    pub fn loads(&self, name: &str) -> serde_json::Value {
        let list = self.plugin(&["list", "--json"]).succeed().json();
        assert_eq!(list["refused"], serde_json::json!([]));
        list["loaded"].as_array().unwrap().iter().find(|plugin| plugin["name"] == name).cloned().unwrap_or_default()
    }

    /// What a server refuses, and why.
    pub fn refuses(&self) -> String {
        let run = self.plugin(&["list"]).run();
        assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
        run.stderr
    }

    /// Nothing was installed, and nothing is left of the attempt.
    pub fn is_empty(&self) {
        assert_eq!((self.files(), self.lock_file().exists()), (Vec::new(), false));
    }
}
