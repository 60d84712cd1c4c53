//! The native home of Patchboard: an HTTP server that runs plugins on wasmtime, keeps
//! accounts in SQLite and speaks to the providers, and the command around it.

pub mod accounts;
pub mod cli;
pub mod config;
pub mod control;
pub mod digest;
pub mod egress;
pub mod files;
pub mod http;
pub mod installed;
pub mod logs;
pub mod models;
pub mod oci;
pub mod plugins;
pub mod record;
pub mod registry;
pub mod runtime;
pub mod service;
pub mod store;
pub mod text;
pub mod vault;
