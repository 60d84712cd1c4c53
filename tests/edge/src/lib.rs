//! A small stand-in for Spin, for tests of the edge app.
//!
//! It reads the real `spin.toml`, composes every component with its dependencies as Spin
//! does, runs them on wasmtime with a fresh instance for each request, and listens on a
//! real socket. What Spin refuses at its start is an error here too, and where Spin would
//! only warn, or fail at the first request, this fails at the start: a test is the place
//! to find out.
//!
//! What it leaves out: TLS, inline components, files, SQLite, and every trigger but HTTP.
//! What it adds is a deadline, because Spin lets a guest loop for ever and a test must end.
#![allow(clippy::missing_errors_doc, reason = "every error is a variant of the one type that says it")]

mod app;
mod bindings;
mod compiled;
mod compose;
mod hosts;
mod instance;
mod key_value;
mod link;
mod manifest;
mod outbound;
mod request;
mod routes;
mod server;
mod variables;

pub use app::{App, Options, StartError};
pub use compose::ComposeError;
pub use hosts::HostError;
pub use key_value::{Fault, KeyValue};
pub use manifest::ManifestError;
pub use variables::VariableError;
