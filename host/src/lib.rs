//! The native home of Patchboard: an HTTP server that runs plugins on wasmtime, keeps
//! accounts in SQLite and speaks to the providers, and the command around it.

pub mod accounts;
pub mod cli;
pub mod config;
pub mod egress;
pub mod http;
pub mod logs;
pub mod registry;
pub mod runtime;
pub mod service;
pub mod store;
pub mod vault;
