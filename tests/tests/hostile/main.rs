//! A plugin that breaks every rule costs its own request one clear error, or its own file
//! one clear line, and nobody else anything. `docs/security.md` lists the attacks.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a panic is the verdict of a test")]

mod calls;
mod component;
mod fishing;
mod hosts;
mod limits;
mod load;
mod page;
mod scene;
