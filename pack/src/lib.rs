//! A plugin's component file, seen from outside: made out of a core module, and read
//! without running it.
#![forbid(unsafe_code)]

mod needs;
mod outside;
mod weight;

pub use needs::{Needs, needs};
pub use outside::{Outside, read};

use thiserror::Error;

/// The interface that every plugin exports, with the contract's version.
pub const INTERFACE: &str = "patchboard:provider/mapper@0.1.0";

/// Why a file is no plugin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackError {
    /// Not WebAssembly.
    #[error("it is not a WebAssembly file")]
    NotWasm,
    /// A core module.
    #[error("it is a core module, not a component; `patchboard plugin build` makes one")]
    CoreModule,
    /// WebAssembly that breaks off or cannot be read.
    #[error("it cannot be read as WebAssembly: {0}")]
    Broken(String),
    /// A component that wants something.
    #[error("it imports {}; a plugin must not import anything", .0.join(", "))]
    Imports(Vec<String>),
    /// A component that offers something else.
    #[error("it does not export {INTERFACE}; it exports {}", if .0.is_empty() { "nothing".to_owned() } else { .0.join(", ") })]
    OtherWorld(Vec<String>),
    /// A component of another version of the contract.
    #[error("it is built for the contract {found}, and this program speaks {INTERFACE}")]
    OtherContract {
        /// The interface it exports.
        found: String,
    },
    /// A core module that carries no or a broken description of its interface.
    #[error("it cannot be made a component: {0}")]
    NotEncodable(String),
}

/// Makes a component out of the core module that a plugin's crate was compiled to.
///
/// # Errors
/// [`PackError`] for a module that is no plugin of this contract, or that imports.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let encode = || {
        let mut encoder = wit_component::ComponentEncoder::default().validate(true).module(module)?;
        encoder.encode()
    };
    let component = encode().map_err(|e| PackError::NotEncodable(format!("{e:#}")))?;
    read(&component)?.is_plugin()?;
    Ok(component)
}
