//! The engine, with a provider and an upstream that say what a test wants.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod exchange_loop;
mod operations;
mod script;
