//! Component files for tests of several versions: those of this checkout, with texts of
//! equal length replaced.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program::program;

/// The version that every plugin of this checkout has.
pub const BUILT: &str = "0.1.0";

/// A plugin as `cargo xtask build` has made it.
#[must_use]
pub fn built(name: &str) -> Vec<u8> {
    let file = program().parent().expect("a folder").join("../plugins").join(name).with_extension("wasm");
    fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask build`", file.display()))
}

/// A plugin that only tests use, as `cargo xtask build --tests` has made it.
#[must_use]
pub fn built_for_tests(name: &str) -> Vec<u8> {
    let file = program().parent().expect("a folder").join("../test-plugins").join(name).with_extension("wasm");
    fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask test`", file.display()))
}

/// The same in another version.
#[must_use]
pub fn version(component: &[u8], version: &str) -> Vec<u8> {
    let member = |version: &str| format!("\"version\": \"{version}\"");
    replaced(component, &member(BUILT), &member(version))
}

/// The same with a text replaced, everywhere, by one of the same length.
#[must_use]
pub fn replaced(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "a component's texts cannot grow");
    let mut bytes = component.to_vec();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, window)| *window == from.as_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "{from:?} is not in the component");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// A folder of plugins.
#[derive(Debug)]
pub struct PluginFolder(TempDir);

impl PluginFolder {
    /// An empty one.
    #[must_use]
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// One with a file.
    #[must_use]
    pub fn with(file: &str, component: &[u8]) -> Self {
        let own = Self::empty();
        own.put(file, component);
        own
    }

    /// Adds or replaces a file.
    pub fn put(&self, file: &str, component: &[u8]) {
        fs::write(self.file(file), component).expect("a file");
    }

    /// Takes a file away.
    pub fn remove(&self, file: &str) {
        fs::remove_file(self.file(file)).expect("the file");
    }

    /// A file's path.
    #[must_use]
    pub fn file(&self, file: &str) -> PathBuf {
        self.path().join(file)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The folder as an argument.
    #[must_use]
    pub fn text(&self) -> String {
        self.path().display().to_string()
    }
}
