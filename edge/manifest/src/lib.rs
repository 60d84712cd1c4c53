//! The manifest of the Spin app, `spin.toml`.
#![forbid(unsafe_code)]

mod component;
#[cfg(feature = "edit")]
mod edit;

pub use component::{authority, id};
#[cfg(feature = "edit")]
pub use edit::{Added, EditError, Plugin, add, app, without_digests};
