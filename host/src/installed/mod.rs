//! Plugins that were installed from registries, in the data folder:
//!
//! | | |
//! |---|---|
//! | `plugins.lock` | what is installed: the one file that decides |
//! | `plugins/NAME@VERSION.wasm` | the component |
//! | `plugins/sha256-….json` | its manifest and signatures, by the manifest's digest |
//!
//! The lock file names the digest of each component, so nothing else is loaded. That a
//! signer has signed it is not taken from the lock file: signature, manifest and component
//! are held against each other, and against the operator's policy of today, each time.

mod asks;
mod folder;
mod load;
mod lock;
mod policy;
mod proof;

pub use asks::{Asks, Changes};
pub use folder::{Folder, FolderError};
pub use load::{Component, Ready, load, ready};
pub use lock::{Lock, LockError, Locked, version_of};
pub use policy::{Policy, PolicyRefusal};
pub use proof::Proof;
