//! Waiting until a file of some folders has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use anyhow::Context as _;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::super::vendor;

/// An editor writes a file in several steps; this long nothing must happen.
const QUIET: Duration = Duration::from_millis(80);
/// What tools put into a folder; so do folders with a leading dot.
const GENERATED: [&str; 4] = ["build", "target", "node_modules", "__pycache__"];

/// Sources that a build may write, too.
const KEPT: [&str; 3] = ["Cargo.lock", "package-lock.json", vendor::FOLDER];

/// The files of the folders with their times and sizes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Seen {
    /// What a build wrote is no change that wants another one.
    fn take_written(&mut self, now: Self, roots: &[PathBuf]) {
        let written = |path: &Path| {
            let below = roots.iter().find_map(|root| path.strip_prefix(root).ok()).unwrap_or(path);
            below.components().any(|part| KEPT.iter().any(|name| part.as_os_str() == *name))
        };
        self.0.retain(|path, _| !written(path));
        self.0.extend(now.0.into_iter().filter(|(path, _)| written(path)));
    }
}

/// Watches folders.
pub(super) struct Watch {
    roots: Vec<PathBuf>,
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    events: Receiver<()>,
}

impl Watch {
    pub(super) fn start(roots: Vec<PathBuf>) -> anyhow::Result<Self> {
        let (say, events) = channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading is no change, and nobody listens any more when the command ends.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                let _ = say.send(());
            }
        });
        let watcher = watcher.context("cannot watch files")?;
        Ok(Self { roots, watcher, watched: BTreeSet::new(), events })
    }

    /// The files as they are now; what changes from here on is noticed.
    pub(super) fn look(&mut self) -> anyhow::Result<Seen> {
        let mut seen = Seen::default();
        let mut folders = BTreeSet::new();
        // A folder is watched before it is read, so that nothing is missed in between.
        for root in self.roots.clone() {
            self.walk(&root, &mut folders, &mut seen)?;
        }
        // The system forgets a folder that is gone.
        self.watched.retain(|folder| folders.contains(folder));
        Ok(seen)
    }

    /// What counts as seen after a build of the files that were seen.
    pub(super) fn after_build(&mut self, mut seen: Seen) -> anyhow::Result<Seen> {
        let now = self.look()?;
        seen.take_written(now, &self.roots);
        Ok(seen)
    }

    /// Waits until the files are others than those seen.
    pub(super) fn wait_for_change(&mut self, seen: &Seen) -> anyhow::Result<()> {
        // A change during the last round is there already.
        while self.look()? == *seen {
            self.events.recv().context("files are not watched any more")?;
            while self.events.recv_timeout(QUIET).is_ok() {}
        }
        Ok(())
    }

    fn walk(&mut self, folder: &Path, folders: &mut BTreeSet<PathBuf>, seen: &mut Seen) -> anyhow::Result<()> {
        if !self.watched.contains(folder) {
            self.watcher.watch(folder, RecursiveMode::NonRecursive).with_context(|| format!("cannot watch {}", folder.display()))?;
            self.watched.insert(folder.to_owned());
        }
        folders.insert(folder.to_owned());
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_source(path)) {
            match fs::metadata(&path) {
                Ok(data) if data.is_dir() => self.walk(&path, folders, seen)?,
                Ok(data) => {
                    seen.0.insert(path, (data.modified().ok(), data.len()));
                }
                // It was removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
            }
        }
        Ok(())
    }
}

/// The source of a folder that was changed last, where that was after its component was built.
pub(in super::super) fn newer(folder: &Path, component: &Path) -> Option<PathBuf> {
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_source(path)) {
            // A link may lead back.
            let Ok(data) = fs::symlink_metadata(&path) else { continue };
            let name = path.file_name().unwrap_or_default();
            match data.modified() {
                // The cases and the page are no part of the component, and a build writes the others itself.
                _ if name == "cases" || KEPT.iter().any(|kept| name == *kept) || path.extension().is_some_and(|e| e == "md") => {}
                _ if data.is_dir() => folders.push(path),
                Ok(changed) if newest.as_ref().is_none_or(|(newest, _)| changed > *newest) => newest = Some((changed, path)),
                _ => {}
            }
        }
    }
    let built = fs::metadata(component).ok()?.modified().ok()?;
    newest.filter(|(changed, _)| *changed > built).map(|(_, path)| path)
}

/// Components are what a build makes.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && !GENERATED.contains(&&*name) && path.extension().is_none_or(|extension| extension != "wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_a_source_ends_the_waiting_and_what_a_build_makes_does_not() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("src")).unwrap();
        for made in ["build", "target"] {
            fs::create_dir(home.path().join(made)).unwrap();
        }
        fs::write(home.path().join("src/lib.rs"), "a").unwrap();
        let mut watch = Watch::start(vec![home.path().to_owned()]).unwrap();
        let seen = watch.look().unwrap();
        fs::write(home.path().join("target/x"), "x").unwrap();
        fs::write(home.path().join("build/plugin.js"), "x").unwrap();
        fs::write(home.path().join("p.wasm"), "x").unwrap();
        fs::write(home.path().join(".hidden"), "x").unwrap();
        assert_eq!(watch.look().unwrap(), seen);
        let source = home.path().join("src/lib.rs");
        let writer = std::thread::spawn(move || fs::write(source, "longer").unwrap());
        watch.wait_for_change(&seen).unwrap();
        writer.join().unwrap();
    }

    #[test]
    fn what_the_build_itself_wrote_is_no_change_and_what_was_written_beside_it_is() {
        // Only below the folder a name says what it is.
        let outer = tempfile::tempdir().unwrap();
        let home = outer.path().join("vendor");
        fs::create_dir(&home).unwrap();
        fs::write(home.join("lib.rs"), "a").unwrap();
        let mut watch = Watch::start(vec![home.clone()]).unwrap();
        let seen = watch.look().unwrap();
        fs::write(home.join("Cargo.lock"), "x").unwrap();
        fs::create_dir(home.join("vendor")).unwrap();
        fs::write(home.join("vendor/sdk.rs"), "x").unwrap();
        let seen = watch.after_build(seen).unwrap();
        assert_eq!(watch.look().unwrap(), seen);
        fs::write(home.join("lib.rs"), "longer").unwrap();
        let seen = watch.after_build(seen).unwrap();
        assert_ne!(watch.look().unwrap(), seen);
    }

    #[test]
    fn a_source_that_is_newer_than_the_component_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str, seconds: u64| {
            let path = home.path().join(name);
            let file = fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
            path
        };
        fs::create_dir(home.path().join("src")).unwrap();
        let component = file("p.wasm", 10);
        file("src/lib.rs", 9);
        file("README.md", 20);
        file("Cargo.lock", 20);
        assert_eq!(newer(home.path(), &component), None);
        let changed = file("src/lib.rs", 11);
        assert_eq!(newer(home.path(), &component), Some(changed));
    }

    #[test]
    fn a_new_folder_is_watched_too() {
        let home = tempfile::tempdir().unwrap();
        let mut watch = Watch::start(vec![home.path().to_owned()]).unwrap();
        let empty = watch.look().unwrap();
        fs::create_dir(home.path().join("cases")).unwrap();
        assert_eq!(watch.look().unwrap(), empty, "an empty folder is no file");
        let file = home.path().join("cases/get.json");
        let writer = std::thread::spawn(move || fs::write(file, "[]").unwrap());
        watch.wait_for_change(&empty).unwrap();
        writer.join().unwrap();
    }

    #[test]
    fn a_change_in_any_of_the_folders_counts() {
        let (home, models) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(models.path().join("hr")).unwrap();
        let mut watch = Watch::start(vec![home.path().to_owned(), models.path().to_owned()]).unwrap();
        let seen = watch.look().unwrap();
        let file = models.path().join("hr/people.json");
        let writer = std::thread::spawn(move || fs::write(file, "{}").unwrap());
        watch.wait_for_change(&seen).unwrap();
        writer.join().unwrap();
    }

    #[test]
    fn a_change_that_came_before_the_waiting_counts() {
        let home = tempfile::tempdir().unwrap();
        let mut watch = Watch::start(vec![home.path().to_owned()]).unwrap();
        let seen = watch.look().unwrap();
        fs::write(home.path().join("manifest.json"), "{}").unwrap();
        watch.wait_for_change(&seen).unwrap();
    }
}
