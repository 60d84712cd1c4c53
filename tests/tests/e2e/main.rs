//! The server and the command, seen from outside.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a panic is the verdict of a test")]

mod access;
mod accounts_http;
mod bad_input;
mod bodies;
mod command;
mod contracts;
mod dev;
mod diff;
mod edge_add;
mod egress;
mod failures;
mod framing;
mod lifecycle;
mod lists;
mod main_job;
mod meta;
mod models;
mod operations;
mod parameters;
mod plugin_folder;
mod proxy;
mod record;
mod reload;
mod secrets;
mod versions;
