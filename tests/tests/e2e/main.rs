//! The server and the command, seen from outside.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a panic is the verdict of a test")]

mod bodies;
mod framing;
mod main_job;
mod parameters;
