//! Accounts and tokens, in SQLite. All SQL of the program stands in this folder.
//!
//! Commands and a running server share one file: a change counts within a millisecond.
//! Reads are served from memory as long as SQLite says that nobody has written.

mod accounts;
mod cache;
mod export;
mod tokens;

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use patchboard_gateway::account::now;
use rusqlite::{Connection, OptionalExtension as _};
use rusqlite_migration::{M, Migrations};
use thiserror::Error;

use crate::vault::{Vault, VaultError};

pub use accounts::{AccountChange, AccountRecord, NewAccount};
pub use cache::{Caller, Reader, Ready};
pub use tokens::{NewToken, TokenRecord};

const FILE: &str = "patchboard.db";
/// How long a writer waits for another.
const BUSY: Duration = Duration::from_secs(10);
const STEPS: &[M<'_>] = &[M::up(include_str!("schema.sql")), M::up(include_str!("plugin_version.sql"))];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// Why the store does not do what it is asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The data folder cannot be made.
    #[error("the data folder {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// SQLite.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The schema is from a later version, or cannot be brought up to date.
    #[error("the database's schema: {0}")]
    Schema(#[from] rusqlite_migration::Error),
    /// Secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A row that this program did not write.
    #[error("the database holds something unreadable: {0}")]
    Unreadable(String),
}

/// The store of one data folder.
pub struct Store {
    connection: Mutex<Connection>,
    /// This process may have written since its readers last asked.
    used: Arc<AtomicBool>,
    path: PathBuf,
    vault: Vault,
}

impl Store {
    /// Opens the store, making folder, key and database where they are not there.
    ///
    /// # Errors
    /// [`StoreError`]; a key that is not the one the database was made with is told at
    /// once.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        make_folder(data_dir).map_err(|source| StoreError::Folder { path: data_dir.to_owned(), source })?;
        let path = data_dir.join(FILE);
        // Of processes that start at once, one makes what is missing.
        let lock = fs::File::create(data_dir.join("lock")).and_then(|lock| lock.lock().map(|()| lock));
        let _lock = lock.map_err(|source| StoreError::Folder { path: data_dir.to_owned(), source })?;
        let mut connection = connect(&path)?;
        MIGRATIONS.to_latest(&mut connection)?;
        let vault = Vault::open(data_dir)?;
        let store = Self { connection: Mutex::new(connection), used: Arc::default(), path, vault };
        store.check_key()?;
        Ok(store)
    }

    /// The vault of this data folder.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The reader of this process, with a memory of its own.
    ///
    /// # Errors
    /// When the database cannot be opened once more.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Ok(Reader::new(connect(&self.path)?, self.used.clone(), self.vault.clone()))
    }

    fn connection(&self) -> Used<'_> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Used { connection, used: &self.used }
    }

    /// A sealed constant tells a wrong key before it makes accounts unreadable.
    fn check_key(&self) -> Result<(), StoreError> {
        const NAME: &str = "key_check";
        let connection = self.connection();
        let sealed: Option<Vec<u8>> =
            connection.query_row("SELECT value FROM facts WHERE name = ?1", [NAME], |row| row.get(0)).optional()?;
        match sealed {
            Some(sealed) => self.vault.unseal(&sealed, NAME).map(|_| ()).map_err(StoreError::from),
            None => {
                let sealed = self.vault.seal(NAME.as_bytes(), NAME)?;
                connection.execute("INSERT OR IGNORE INTO facts (name, value) VALUES (?1, ?2)", (NAME, sealed))?;
                Ok(())
            }
        }
    }
}

/// The store's connection. Who has used it may have written.
struct Used<'a> {
    connection: MutexGuard<'a, Connection>,
    used: &'a AtomicBool,
}

impl Deref for Used<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Used<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Drop for Used<'_> {
    fn drop(&mut self) {
        self.used.store(true, Ordering::Release);
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // An account that `add` has answered for survives a power cut.
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}
