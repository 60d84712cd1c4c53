//! Plugins, run by wasmtime.
//!
//! A component is read, refused if it imports anything, compiled once and prepared
//! ([`admit`]). Every call then gets a fresh instance from a pool, which is dropped
//! before the request to the provider leaves ([`call`]).

pub mod admit;
mod bindings;
mod call;
mod compiled;
mod convert;
mod machine;
mod steady;

pub use admit::{AdmitError, Plugin, digest};
pub use compiled::CompiledCache;
pub use machine::{Bounds, Machine, MachineError};
pub use steady::steadily;
