//! The public component of the Spin app.
//!
//! It says whose a request is and which component serves its account's provider, and hands
//! it there. It holds no mapping, no credential and no key. [`decide`] is what it decides
//! by; `component`, in the component alone, does it.

mod admin;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod decide;
pub mod refuse;
