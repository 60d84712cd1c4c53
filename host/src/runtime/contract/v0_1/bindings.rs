//! The host's side of `wit/provider.wit`, generated. Only this folder speaks it.

mod generated {
    #![allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated")]
    wasmtime::component::bindgen!({ path: "../wit", world: "provider" });
}

pub(super) use generated::exports::patchboard::provider::mapper::*;
pub(super) use generated::{Provider, ProviderPre};
