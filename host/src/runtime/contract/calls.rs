//! The calls of a version. Each compiles this file with bindings of its own, and the one whose calls
//! become different takes a copy of it into its folder.

use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, Step, UnifiedRequest};
use wasmtime::Store;

use super::{bindings, convert, shared};
use crate::runtime::Plugin;
use crate::runtime::call::{Function, State};

/// A component of a version, linked.
pub(in crate::runtime) type Prepared = bindings::ProviderPre<State>;

pub(in crate::runtime) fn describe(prepared: &Prepared, store: &mut Store<State>) -> wasmtime::Result<String> {
    prepared.instantiate(&mut *store)?.patchboard_provider_mapper().call_describe(store)
}

/// What one instance says when it is asked, and when it is asked again; or that its functions
/// have other types than this version's, which wasmtime knows of an instance.
pub(in crate::runtime) fn describe_twice(
    prepared: &Prepared,
    store: &mut Store<State>,
) -> wasmtime::Result<wasmtime::Result<(String, String)>> {
    let instance = prepared.instance_pre().instantiate(&mut *store)?;
    let world = match bindings::Provider::new(&mut *store, &instance) {
        Ok(world) => world,
        Err(other) => return Ok(Err(other)),
    };
    let mapper = world.patchboard_provider_mapper();
    Ok(Ok((mapper.call_describe(&mut *store)?, mapper.call_describe(store)?)))
}

pub(in crate::runtime) async fn map_request(
    plugin: &Plugin,
    prepared: &Prepared,
    settings: &[Pair],
    request: &UnifiedRequest,
) -> Called<Exchange> {
    let input = (shared::account(settings), convert::request(request));
    let call: Function<Prepared, _, _> = |prepared, store, (account, request): &(_, _)| {
        prepared.instantiate(&mut *store)?.patchboard_provider_mapper().call_map_request(store, account, request)
    };
    let mapped = plugin.call(prepared, input, call).await?;
    mapped.map_or_else(|error| Ok(Err(shared::mapping_error(error))), |exchange| shared::exchange(exchange).map(Ok))
}

pub(in crate::runtime) async fn map_response(
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
