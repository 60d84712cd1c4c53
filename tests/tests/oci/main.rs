//! Plugins in registries: a real one, and one that lies.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a panic is the verdict of a test")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod component;
mod hostile;
mod interrupted;
mod loading;
mod login;
mod place;
mod real;
mod shelf;
mod signed;
