//! The contract 0.1.

mod bindings;
mod convert;
#[path = "../shared.rs"]
#[allow(clippy::duplicate_mod, reason = "each version has types of its own")]
mod shared;

use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, Step, UnifiedRequest};
use wasmtime::Store;

use crate::runtime::Plugin;
use crate::runtime::call::{Function, State};

/// A component of this version, linked.
pub(super) type Prepared = bindings::ProviderPre<State>;

/// Makes an instance, and holds the types of its functions against this version's.
pub(super) fn fits(prepared: &Prepared, store: &mut Store<State>) -> wasmtime::Result<wasmtime::Result<()>> {
    let instance = prepared.instance_pre().instantiate(&mut *store)?;
    Ok(bindings::Provider::new(store, &instance).map(|_| ()))
}

pub(super) fn describe(prepared: &Prepared, store: &mut Store<State>) -> wasmtime::Result<String> {
    prepared.instantiate(&mut *store)?.patchboard_provider_mapper().call_describe(store)
}

/// What one instance says when it is asked, and when it is asked again.
pub(super) fn describe_twice(prepared: &Prepared, store: &mut Store<State>) -> wasmtime::Result<(String, String)> {
    let instance = prepared.instantiate(&mut *store)?;
    let mapper = instance.patchboard_provider_mapper();
    Ok((mapper.call_describe(&mut *store)?, mapper.call_describe(store)?))
}

pub(super) async fn map_request(plugin: &Plugin, prepared: &Prepared, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
    let input = (shared::account(settings), convert::request(request));
    let call: Function<Prepared, _, _> = |prepared, store, (account, request): &(_, _)| {
        prepared.instantiate(&mut *store)?.patchboard_provider_mapper().call_map_request(store, account, request)
    };
    let mapped = plugin.call(prepared, input, call).await?;
    mapped.map_or_else(|error| Ok(Err(shared::mapping_error(error))), |exchange| shared::exchange(exchange).map(Ok))
}

pub(super) async fn map_response(
    plugin: &Plugin,
    prepared: &Prepared,
    settings: &[Pair],
    request: &UnifiedRequest,
    state: Vec<u8>,
    response: &NativeResponse,
) -> Called<Step> {
    let input = (shared::account(settings), convert::request(request), state, shared::response(response));
    let call: Function<Prepared, _, _> = |prepared, store, (account, request, state, response): &(_, _, Vec<u8>, _)| {
        prepared.instantiate(&mut *store)?.patchboard_provider_mapper().call_map_response(store, account, request, state, response)
    };
    let mapped = plugin.call(prepared, input, call).await?;
    mapped.map_or_else(|error| Ok(Err(shared::mapping_error(error))), |step| shared::step(step).map(Ok))
}
