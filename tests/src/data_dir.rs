//! Data folders that live as long as a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use crate::program::{patchboard, program};

/// A data folder.
#[derive(Debug)]
pub struct DataDir {
    folder: TempDir,
}

impl DataDir {
    /// One that does not exist yet.
    #[must_use]
    pub fn cold() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// One with a key and the plugins' compiled code, so that a start does not compile.
    #[must_use]
    pub fn warm() -> Self {
        let own = Self::cold();
        let (from, to) = (template(), own.path());
        fs::create_dir_all(to.join("cache")).expect("a cache folder");
        fs::copy(from.join("key"), to.join("key")).expect("the key");
        for entry in fs::read_dir(from.join("cache")).expect("the cache") {
            let entry = entry.expect("a file of the cache");
            fs::copy(entry.path(), to.join("cache").join(entry.file_name())).expect("a copy of compiled code");
        }
        own
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder as an argument.
    #[must_use]
    pub fn text(&self) -> String {
        self.path().display().to_string()
    }

    /// Every file in it with its bytes.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        read_into(&self.path(), &mut found);
        found
    }
}

fn read_into(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_into(&path, found);
        } else {
            // SQLite may take a file away between the two calls.
            found.extend(fs::read(&path).ok().map(|bytes| (path, bytes)));
        }
    }
}

/// A folder made once for each build of the program and kept beside it.
fn template() -> PathBuf {
    let built = fs::metadata(program()).and_then(|data| Ok((data.len(), data.modified()?))).expect("the program");
    let age = built.1.duration_since(UNIX_EPOCH).expect("a time").as_nanos();
    let home =
        std::env::current_exe().ok().and_then(|tests| tests.ancestors().nth(3).map(|target| target.join("tmp"))).expect("a target folder");
    fs::create_dir_all(&home).expect("a folder for templates");
    let ready = home.join(format!("e2e-data-{:x}-{age:x}", built.0));
    // Tests run at once; one of them makes the folder.
    let lock = fs::File::create(home.join("e2e-data.lock")).expect("a lock file");
    lock.lock().expect("the lock");
    if !ready.is_dir() {
        remove_old(&home);
        let making = home.join("e2e-data-new");
        let _ = fs::remove_dir_all(&making);
        let _ = patchboard(&["plugin", "list", "--data-dir", &making.display().to_string()]).succeed();
        fs::rename(&making, &ready).expect("the template in its place");
    }
    ready
}

fn remove_old(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("e2e-data-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
