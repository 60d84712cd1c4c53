//! Plugins, run by wasmtime.
//!
//! A component is read, refused if it imports anything, compiled once and prepared
//! ([`admit`]), and granted what it needs ([`grant`]). Every call then gets a fresh instance from a pool, which is dropped
//! before the request to the provider leaves ([`call`]). What a plugin is called with depends on the
//! version of the contract that it is built for ([`contract`]).

pub mod admit;
mod call;
mod clock;
mod compiled;
mod contract;
pub mod grant;
mod lane;
mod machine;

pub use admit::{AdmitError, Plugin};
pub use compiled::CompiledCache;
pub use grant::Grant;
pub use machine::{Bounds, LargeBounds, Machine, MachineError};
