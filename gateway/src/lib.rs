//! The engine of Patchboard.
//!
//! A unified request goes through the rooms of this crate in a fixed order:
//! [`route`] and [`params`] and [`body`] read it, [`check`] holds it against the
//! model and the provider's manifest, [`engine`] lets the plugin map it and makes
//! the exchanges, [`shape`] forms the answer. Every failure on the way is one
//! [`Problem`] that names the room it happened in.
//!
//! The crate does no input or output of its own. It is generic over a
//! [`Provider`] (the sandboxed plugin) and an [`Upstream`] (one HTTP exchange), so
//! that the native server and the edge component are thin homes of the same rules.
#![forbid(unsafe_code)]

pub mod access;
pub mod account;
pub mod body;
pub mod check;
pub mod contract;
pub mod cursor;
pub mod door;
mod dry_run;
pub mod egress;
pub mod engine;
mod extend;
mod fit;
#[doc(hidden)]
pub mod fuzz;
pub mod json;
pub mod kept;
pub mod limits;
pub mod manifest;
mod members;
pub mod meta;
pub mod model;
mod native;
pub mod params;
mod prepare;
pub mod problem;
pub mod proxy;
pub mod query;
mod quota;
pub mod redact;
mod remote;
pub mod route;
mod run;
pub mod seal;
pub mod serves;
mod shape;
pub mod token;
pub mod trace;
pub mod upstream;
pub mod warning;
mod words;

pub use account::{Account, AccountStatus, Credential};
pub use contract::{PluginFailure, Provider};
pub use engine::{Gateway, Outcome, Reply, ReplyBody};
pub use limits::Limits;
pub use manifest::Manifest;
pub use problem::{Code, Phase, Problem};
pub use upstream::Upstream;
