//! The folder of installed plugins. A change of it is there whole or not at all, however
//! the program ends: the lock file is what decides, and it is replaced in one step.
//!
//! What is put in lies beside its place, as `NAME@VERSION.wasm.pending`, until the lock
//! file names it; what is taken out lies there until the lock file does not. Whoever comes
//! next ([`Folder::enter`]) finishes what was begun: a pending component that the lock
//! file names goes into its place, any other is deleted.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use semver::Version;
use thiserror::Error;

use super::lock::{Lock, LockError, Locked};
use super::proof::Proof;
use crate::digest::Digest;
use crate::files::{self, WRITING};
use crate::runtime::admit::{self, MAX_FILE};

const FOLDER: &str = "plugins";
const LOCK: &str = "plugins.lock";
const BUSY: &str = ".busy";
const PENDING: &str = "pending";

/// Why the folder cannot be read or changed.
#[derive(Debug, Error)]
pub enum FolderError {
    /// The file system.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The lock file.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// The folder of installed plugins.
#[derive(Debug, Clone)]
pub struct Folder {
    data_dir: PathBuf,
}

/// The folder, while nobody else changes it.
#[derive(Debug)]
pub struct Entered {
    folder: Folder,
    lock: Lock,
    _busy: fs::File,
}

impl Folder {
    /// The folder of a data folder.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned() }
    }

    /// Whether anything was ever installed.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.folder().is_dir() || self.data_dir.join(LOCK).is_file()
    }

    /// Waits until nobody else changes the folder, finishes what was begun, and keeps
    /// others out until the value is dropped.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn enter(&self) -> Result<Entered, FolderError> {
        let folder = self.folder();
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let path = folder.join(BUSY);
        let busy = fs::File::create(&path).and_then(|file| file.lock().map(|()| file)).map_err(at(&path))?;
        let entered = Entered { folder: self.clone(), lock: self.lock()?, _busy: busy };
        entered.settle()?;
        Ok(entered)
    }

    /// The lock file; an empty one where there is none.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn lock(&self) -> Result<Lock, FolderError> {
        let path = self.data_dir.join(LOCK);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Lock::parse(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lock::default()),
            Err(source) => Err(FolderError::File { path, source }),
        }
    }

    /// Where a component is.
    #[must_use]
    pub fn component(&self, plugin: &Locked) -> PathBuf {
        self.folder().join(format!("{}.wasm", plugin.id()))
    }

    /// The component files in the folder, whether the lock file names them or not.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn components(&self) -> Result<Vec<PathBuf>, FolderError> {
        let mut files = list(&self.folder())?;
        files.retain(|file| file.extension() == Some(OsStr::new("wasm")));
        Ok(files)
    }

    /// The bytes of a component, if they are the ones that the lock file names.
    ///
    /// # Errors
    /// In words.
    pub fn read(&self, plugin: &Locked) -> Result<Vec<u8>, String> {
        const AGAIN: &str = "`patchboard plugin install --locked` gets it again";
        let path = self.component(plugin);
        match fs::metadata(&path) {
            Ok(data) if data.len() > MAX_FILE as u64 => return Err(format!("it has {} bytes; at most {MAX_FILE} are taken", data.len())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(format!("plugins.lock names it, and it is not there; {AGAIN}"));
            }
            Err(error) => return Err(error.to_string()),
        }
        let bytes = admit::read(&path).map_err(|error| error.to_string())?;
        let found = Digest::of(&bytes);
        if found == plugin.digest {
            return Ok(bytes);
        }
        Err(format!("it was changed: its digest is {found}, and plugins.lock names {}; {AGAIN}", plugin.digest))
    }

    /// What was kept with a component.
    ///
    /// # Errors
    /// In words.
    pub fn proof(&self, plugin: &Locked) -> Result<Proof, String> {
        let path = self.proof_file(&plugin.manifest);
        let text = fs::read(&path).map_err(|error| format!("its manifest {}: {error}", path.display()))?;
        serde_json::from_slice(&text).map_err(|error| format!("its manifest {}: {error}", path.display()))
    }

    fn folder(&self) -> PathBuf {
        self.data_dir.join(FOLDER)
    }

    fn pending(&self, plugin: &Locked) -> PathBuf {
        self.component(plugin).with_added_extension(PENDING)
    }

    fn proof_file(&self, manifest: &Digest) -> PathBuf {
        self.folder().join(format!("sha256-{}.json", manifest.hex()))
    }
}

impl Entered {
    /// What is installed.
    #[must_use]
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Installs a component, in place of the same version of the plugin.
    ///
    /// # Errors
    /// [`FolderError`]; then everything is as it was.
    pub fn install(&mut self, component: &[u8], plugin: Locked, proof: &Proof) -> Result<(), FolderError> {
        self.bring(component, &plugin, proof)?;
        let mut lock = self.lock.clone();
        lock.put(plugin);
        self.decide(lock)
    }

    /// Puts a component that the lock file names into its place.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn restore(&self, component: &[u8], plugin: &Locked, proof: &Proof) -> Result<(), FolderError> {
        self.bring(component, plugin, proof)?;
        self.settle()
    }

    /// Removes a plugin. Whether it was there.
    ///
    /// # Errors
    /// [`FolderError`]; then everything is as it was.
    pub fn remove(&mut self, name: &str, version: &Version) -> Result<bool, FolderError> {
        let Some(plugin) = self.lock.find(name, version) else { return Ok(false) };
        let (from, to) = (self.folder.component(plugin), self.folder.pending(plugin));
        match fs::rename(&from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(FolderError::File { path: from, source: error }),
            _ => {}
        }
        let mut lock = self.lock.clone();
        lock.remove(name, version);
        self.decide(lock).map(|()| true)
    }

    fn bring(&self, component: &[u8], plugin: &Locked, proof: &Proof) -> Result<(), FolderError> {
        let path = self.folder.proof_file(&plugin.manifest);
        let text = serde_json::to_vec(proof).map_err(io::Error::other).map_err(at(&path))?;
        files::write(&path, &text).map_err(at(&path))?;
        let pending = self.folder.pending(plugin);
        files::write(&pending, component).map_err(at(&pending))
    }

    /// Replaces the lock file: from here on it is so.
    fn decide(&mut self, lock: Lock) -> Result<(), FolderError> {
        let path = self.folder.data_dir.join(LOCK);
        files::write(&path, lock.write()?.as_bytes()).map_err(at(&path))?;
        self.lock = lock;
        self.settle()
    }

    /// Finishes what was begun.
    fn settle(&self) -> Result<(), FolderError> {
        let mut begun = list(&self.folder.folder())?;
        for plugin in self.lock.plugins() {
            let pending = self.folder.pending(plugin);
            if fs::read(&pending).is_ok_and(|bytes| Digest::of(&bytes) == plugin.digest) {
                let place = self.folder.component(plugin);
                fs::rename(&pending, &place).map_err(at(&place))?;
                begun.retain(|file| *file != pending);
            }
        }
        let named: Vec<PathBuf> = self.lock.plugins().iter().map(|plugin| self.folder.proof_file(&plugin.manifest)).collect();
        for file in begun.into_iter().filter(|file| is_rest(file) && !named.contains(file)) {
            fs::remove_file(&file).map_err(at(&file))?;
        }
        let folder = self.folder.folder();
        files::sync(&folder).map_err(at(&folder))
    }
}

/// Whether a file is one that only the lock file keeps alive. A component that somebody
/// has put there by hand is left for them to see.
fn is_rest(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let extension = file.extension().unwrap_or_default();
    extension == PENDING || name.starts_with(WRITING) || (name.starts_with("sha256-") && extension == "json")
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(at(folder))?;
    files.sort();
    Ok(files)
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::File { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::super::lock::tests::locked;
    use super::*;

    const OLD: &[u8] = b"old component";
    const NEW: &[u8] = b"new component";

    fn proof() -> Proof {
        Proof { manifest: "{}".to_owned(), signatures: vec![] }
    }

    /// A folder with `acme@1.0.0` installed.
    fn scene() -> (tempfile::TempDir, Folder) {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::of(data.path());
        folder.enter().unwrap().install(OLD, locked("acme", "1.0.0", OLD), &proof()).unwrap();
        (data, folder)
    }

    fn names(folder: &Folder) -> Vec<String> {
        let files = list(&folder.folder()).unwrap();
        files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).filter(|name| name != BUSY).collect()
    }

    /// What is installed is whole, and nothing else is there.
    fn holds(folder: &Folder, expected: &[(&str, &[u8])]) {
        let entered = folder.enter().unwrap();
        let plugins = entered.lock().plugins();
        let found: Vec<(String, Vec<u8>)> = plugins.iter().map(|plugin| (plugin.id(), folder.read(plugin).unwrap())).collect();
        let expected: Vec<(String, Vec<u8>)> = expected.iter().map(|(id, bytes)| ((*id).to_owned(), bytes.to_vec())).collect();
        assert_eq!(found, expected);
        assert!(plugins.iter().all(|plugin| folder.proof(plugin).is_ok()));
        assert_eq!(names(folder).len(), 2 * expected.len(), "{:?}", names(folder));
    }

    #[test]
    fn what_is_installed_is_there_until_it_is_removed() {
        let (_data, folder) = scene();
        folder.enter().unwrap().install(NEW, locked("acme", "1.1.0", NEW), &proof()).unwrap();
        holds(&folder, &[("acme@1.0.0", OLD), ("acme@1.1.0", NEW)]);
        assert!(folder.enter().unwrap().remove("acme", &Version::new(1, 0, 0)).unwrap());
        assert!(!folder.enter().unwrap().remove("acme", &Version::new(1, 0, 0)).unwrap());
        holds(&folder, &[("acme@1.1.0", NEW)]);
    }

    #[test]
    fn an_installation_that_was_cut_off_before_the_lock_file_has_not_happened() {
        let (_data, folder) = scene();
        for version in ["1.0.0", "1.1.0"] {
            let entered = folder.enter().unwrap();
            entered.bring(NEW, &locked("acme", version, NEW), &proof()).unwrap();
            fs::write(folder.folder().join(format!("{WRITING}abc")), b"half").unwrap();
            drop(entered);
            holds(&folder, &[("acme@1.0.0", OLD)]);
        }
    }

    #[test]
    fn an_installation_that_was_cut_off_after_the_lock_file_is_finished() {
        let (data, folder) = scene();
        for (version, expected) in [("1.0.0", &[("acme@1.0.0", NEW)][..]), ("1.1.0", &[("acme@1.0.0", NEW), ("acme@1.1.0", NEW)])] {
            let entered = folder.enter().unwrap();
            let plugin = locked("acme", version, NEW);
            entered.bring(NEW, &plugin, &proof()).unwrap();
            let mut lock = entered.lock().clone();
            lock.put(plugin);
            files::write(&data.path().join(LOCK), lock.write().unwrap().as_bytes()).unwrap();
            drop(entered);
            holds(&folder, expected);
        }
    }

    #[test]
    fn a_removal_that_was_cut_off_has_happened_or_has_not() {
        let (data, folder) = scene();
        let plugin = locked("acme", "1.0.0", OLD);
        fs::rename(folder.component(&plugin), folder.pending(&plugin)).unwrap();
        holds(&folder, &[("acme@1.0.0", OLD)]);
        fs::rename(folder.component(&plugin), folder.pending(&plugin)).unwrap();
        files::write(&data.path().join(LOCK), Lock::default().write().unwrap().as_bytes()).unwrap();
        holds(&folder, &[]);
    }

    #[test]
    fn a_component_that_was_changed_or_lost_is_told_and_can_be_restored() {
        let (_data, folder) = scene();
        let plugin = locked("acme", "1.0.0", OLD);
        fs::write(folder.component(&plugin), NEW).unwrap();
        assert!(folder.read(&plugin).unwrap_err().contains("it was changed"));
        fs::remove_file(folder.component(&plugin)).unwrap();
        assert!(folder.read(&plugin).unwrap_err().contains("install --locked"));
        folder.enter().unwrap().restore(OLD, &plugin, &proof()).unwrap();
        holds(&folder, &[("acme@1.0.0", OLD)]);
    }

    #[test]
    fn a_component_that_was_put_there_by_hand_is_left_for_its_owner() {
        let (_data, folder) = scene();
        let foreign = folder.folder().join("foreign@1.0.0.wasm");
        fs::write(&foreign, NEW).unwrap();
        drop(folder.enter().unwrap());
        assert!(foreign.is_file() && folder.components().unwrap().contains(&foreign));
    }

    #[test]
    fn a_lock_file_that_cannot_be_read_stops_every_change() {
        let (data, folder) = scene();
        fs::write(data.path().join(LOCK), "version = 99").unwrap();
        assert!(folder.enter().unwrap_err().to_string().contains("newer"));
        assert_eq!(names(&folder).len(), 2);
    }
}
