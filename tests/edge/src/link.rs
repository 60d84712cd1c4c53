//! What a component may import.

use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::bindings::{key_value, variables};
use crate::instance::State;

/// WASI 0.2, its HTTP, and two interfaces of Spin. Anything else that a component imports
/// keeps it from starting.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    key_value::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    variables::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// A component that imports what the linker has and exports a handler of `wasi:http` 0.2.
pub(crate) fn prepare(linker: &Linker<State>, component: &Component) -> wasmtime::Result<ProxyPre<State>> {
    ProxyPre::new(linker.instantiate_pre(component)?)
}
