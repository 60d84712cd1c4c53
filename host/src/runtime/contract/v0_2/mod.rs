//! The contract 0.2.

mod bindings;
#[path = "../calls.rs"]
#[allow(clippy::duplicate_mod, reason = "each version has types of its own")]
mod calls;
mod convert;
#[path = "../shared.rs"]
#[allow(clippy::duplicate_mod, reason = "each version has types of its own")]
mod shared;

pub(super) use calls::{Prepared, describe, describe_twice, map_request, map_response};
