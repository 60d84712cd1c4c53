//! Helpers of the end-to-end tests: the real program, the sandbox, a stub provider, and
//! raw HTTP.
//!
//! Every test starts a server of its own, in a data folder of its own: with the plugins'
//! compiled code at hand that takes some hundredths of a second, and no test can disturb
//! another. Nothing here leaves the loopback address.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a panic is the verdict of a test")]

pub mod client;
pub mod data_dir;
pub mod plugin_files;
pub mod program;
pub mod raw;
pub mod registry;
pub mod reply;
pub mod sandbox;
pub mod seeds;
pub mod server;
pub mod stub;
pub mod wait;
pub mod world;

pub use client::{Call, client};
pub use data_dir::DataDir;
pub use plugin_files::PluginFolder;
pub use program::{Invocation, Run, patchboard, program};
pub use registry::Registry;
pub use reply::Reply;
pub use sandbox::Sandbox;
pub use seeds::Seed;
pub use server::Server;
pub use stub::{Seen, Stub, answer};
pub use wait::{eventually, eventually_async};
pub use world::{Setup, World};
