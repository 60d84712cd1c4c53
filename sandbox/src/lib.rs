//! Stateful stand-ins of the providers' APIs.
//!
//! One port serves all of them, each behind its own path prefix with the provider's own base path kept:
//! `/wrike/api/v4/...` here is `https://www.wrike.com/api/v4/...` there. A stand-in checks what the provider
//! documents that it checks, keeps what was written, and answers in the provider's own shapes, errors included.
//! Everything is in memory and starts from the same seeds.
//!
//! Each stand-in is written from the provider's public documentation alone and shares no code with the plugins:
//! what both got wrong in the same way would otherwise pass every test.
//!
//! `/_control` is the tester's side door: it makes requests fail in chosen ways, shows what arrived, and changes
//! an object behind the gateway's back. See the README for all of it.

mod attio;
mod auth;
mod capsule;
mod connection;
mod control;
mod exchange;
mod failures;
mod insightly;
mod listen;
mod log;
mod objects;
mod pipeliner;
mod planhat;
mod planner;
mod polyteia;
mod provider;
mod quota;
mod server;
mod teamleader;
mod timestamps;
mod workiva;
mod world;
mod wrike;

pub use listen::{RemoteAddress, check_address};
pub use provider::Provider;
pub use server::{RunningSandbox, Sandbox, serve};
