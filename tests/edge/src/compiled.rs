//! Compiled code kept between test processes: the components are megabytes, and every
//! test starts the app.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

/// How long code is kept that no test uses.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Compiles a component, or takes what an earlier test of this build has compiled.
pub(crate) fn component(engine: &Engine, id: &str, bytes: &[u8]) -> wasmtime::Result<Component> {
    let Some(folder) = folder() else { return Component::new(engine, bytes) };
    // Tests run at once; one of them compiles.
    let lock = File::create(folder.join(format!("{id}.lock")))?;
    lock.lock()?;
    let file = folder.join(name(engine, bytes));
    if let Some(component) = fs::read(&file).ok().and_then(|code| restore(engine, &code)) {
        let _ = File::open(&file).and_then(|file| file.set_modified(SystemTime::now()));
        return Ok(component);
    }
    let component = Component::new(engine, bytes)?;
    remove_old(&folder);
    write(&file, &component.serialize()?)?;
    Ok(component)
}

/// `target/tmp`, which nothing but this build writes to.
fn folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    // Tests stand in target/<profile>/deps, programs in target/<profile>.
    let profile = program.parent().filter(|folder| !folder.ends_with("deps")).or_else(|| program.ancestors().nth(2))?;
    let folder = profile.parent()?.join("tmp").join("edge-compiled");
    fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

fn name(engine: &Engine, bytes: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:016x}-{digest}.cwasm", settings.finish())
}

fn write(file: &Path, code: &[u8]) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, code)?;
    fs::rename(new, file)
}

/// What has not been used for a day is of a build that is gone.
fn remove_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let used = entry.metadata().and_then(|data| data.modified()).ok();
        if used.and_then(|used| used.elapsed().ok()).is_some_and(|age| age > KEPT) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[allow(unsafe_code, reason = "loading compiled code is unsafe by nature")]
fn restore(engine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: the file was written by `write` above, out of `serialize` of an engine with
    // the same settings, into a folder of this build; a half-written one has another name.
    unsafe { Component::deserialize(engine, code) }.ok()
}
