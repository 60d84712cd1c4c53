//! The stand-in for Spin, the app of the real `spin.toml` in it, and the app against the
//! native server.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod guest;
mod manifest;
mod parity;
mod refusals;
mod trouble;
mod world;
