//! A plugin's component file, seen from outside: made out of a core module, and read
//! without running it.
#![forbid(unsafe_code)]

mod contract;
mod needs;
mod outside;
mod weight;

pub use contract::{Contract, Drafts};
pub use needs::{Needs, needs};
pub use outside::{Outside, mark_debug, read};

use thiserror::Error;

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
    #[error(
        "it does not export the interface of a plugin, {}; it exports {}",
        Contract::V0_1.interface(),
        if .0.is_empty() { "nothing".to_owned() } else { .0.join(", ") }
    )]
    OtherWorld(Vec<String>),
    /// A component of a version of the contract that is not taken, because it may change.
    #[error(
        "it is built for the contract {}, a draft that may still change; sandbox.draft_contract = true in the configuration, or \
         PATCHBOARD_SANDBOX__DRAFT_CONTRACT=true, has this program take it",
        .0.version()
    )]
    Draft(Contract),
    /// A component of a later version of the contract, by its version.
    #[error(
        "it is built for the contract {}, and this program speaks {}: it needs a newer Patchboard, or has to be built with an older SDK",
        .0, contract::spoken()
    )]
    Future(String),
    /// A component of a version of the contract that cannot be.
    #[error("it is built for the contract \"{}\", which does not exist; this program speaks {}", .0, contract::spoken())]
    NoSuchContract(String),
    /// A component of the contract in no version.
    #[error("it exports patchboard:provider/mapper without a version; this program speaks {}", contract::spoken())]
    NoVersion,
    /// A core module that carries no or a broken description of its interface.
    #[error("it cannot be made a component: {0}")]
    NotEncodable(String),
}

/// Makes a component out of the core module that a plugin's crate was compiled to, for
/// whichever version of the contract.
///
/// # Errors
/// [`PackError`] for a module that is no plugin, or that imports.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let encode = || {
        let mut encoder = wit_component::ComponentEncoder::default().validate(true).module(module)?;
        encoder.encode()
    };
    let component = encode().map_err(|e| PackError::NotEncodable(format!("{e:#}")))?;
    read(&component)?.contract(Drafts::Taken)?;
    Ok(component)
}
