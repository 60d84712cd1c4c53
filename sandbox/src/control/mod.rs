//! The tester's side door. It asks for no token and speaks of the sandbox, not of any provider.

mod fields;
mod index;
mod routes;

pub(crate) use fields::{ControlError, Fields, header_name, header_value};
pub(crate) use routes::handle;
