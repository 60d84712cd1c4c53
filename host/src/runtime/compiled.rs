//! Compiled code, kept between starts.
//!
//! Loading compiled code is running it: a file counts only when it carries this host's
//! seal, for the very component and the very compiler settings.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::Engine;
use wasmtime::component::Component;
use zeroize::Zeroizing;

const SEAL: usize = 32;

/// A folder of compiled components.
#[derive(Debug, Clone)]
pub struct CompiledCache {
    folder: PathBuf,
    key: Zeroizing<Vec<u8>>,
}

impl CompiledCache {
    /// Opens the folder, making it where it is not there. `key` is this host's own.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, key: &[u8]) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), key: Zeroizing::new(key.to_vec()) })
    }

    /// A component from the cache, if this host put it there.
    pub(super) fn load(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let file = fs::read(self.file(engine, digest)).ok()?;
        let (seal, code) = file.split_at_checked(SEAL)?;
        self.seal(digest, code)?.verify_slice(seal).ok()?;
        restore(engine, code)
    }

    /// Keeps a component. Without success it is compiled again at the next start.
    pub(super) fn keep(&self, engine: &Engine, digest: &str, component: &Component) {
        if let Err(error) = self.write(engine, digest, component) {
            tracing::warn!(%error, folder = %self.folder.display(), "compiled code could not be kept");
        }
    }

    fn write(&self, engine: &Engine, digest: &str, component: &Component) -> io::Result<()> {
        let code = component.serialize().map_err(io::Error::other)?;
        let seal = self.seal(digest, &code).ok_or_else(|| io::Error::other("no seal"))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&seal.finalize().into_bytes())?;
        file.write_all(&code)?;
        file.persist(self.file(engine, digest)).map_err(|e| e.error).map(|_| ())
    }

    fn seal(&self, digest: &str, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut seal = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        seal.update(b"patchboard compiled code\0");
        seal.update(digest.as_bytes());
        seal.update(code);
        Some(seal)
    }

    fn file(&self, engine: &Engine, digest: &str) -> PathBuf {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        let component = digest.trim_start_matches("sha256:");
        self.folder.join(format!("{:016x}-{component}.cwasm", settings.finish()))
    }
}

#[allow(unsafe_code, reason = "loading compiled code is unsafe by nature")]
fn restore(engine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: the bytes carry a seal made with this host's key over what `serialize` of
    // the same wasmtime version and settings gave; nobody else can have made or changed
    // them. wasmtime checks the version and the settings once more.
    unsafe { Component::deserialize(engine, code) }.ok()
}
