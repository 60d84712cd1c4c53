//! The calls of a version. Each compiles this file with bindings of its own, and the one whose calls
//! become different takes a copy of it into its folder.

use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, Step, UnifiedRequest};
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance, InstancePre};

use super::bindings as wit;
use super::{bindings, convert, shared};
use crate::runtime::Plugin;
use crate::runtime::call::{Function, State};

type RequestInput<'a> = (&'a wit::Account, &'a wit::UnifiedRequest);
type RequestOutput = (Result<wit::Exchange, wit::MappingError>,);
type ResponseInput<'a> = (&'a wit::Account, &'a wit::UnifiedRequest, &'a [u8], &'a wit::HttpResponse);
type ResponseOutput = (Result<wit::Step, wit::MappingError>,);

/// A component of a version, linked. The functions of a request are known by their places: what the generated
/// types do for an instance, finding every function of the interface and checking its type, is more
/// work than making the instance.
#[derive(Clone)]
pub(in crate::runtime) struct Prepared {
    world: bindings::ProviderPre<State>,
    map_request: ComponentExportIndex,
    map_response: ComponentExportIndex,
}

impl Prepared {
    /// Looks the functions of the interface up.
    ///
    /// # Errors
    /// For a component without them.
    pub(in crate::runtime) fn new(linked: InstancePre<State>, interface: &str) -> wasmtime::Result<Self> {
        let world = bindings::ProviderPre::new(linked)?;
        let component = world.instance_pre().component();
        let place = |name: &str| {
            let mapper = component.get_export_index(None, interface)?;
            component.get_export_index(Some(&mapper), name)
        };
        let place = |name: &str| place(name).ok_or_else(|| wasmtime::format_err!("{interface} has no {name}"));
        let (map_request, map_response) = (place("map-request")?, place("map-response")?);
        Ok(Self { world, map_request, map_response })
    }

    pub(in crate::runtime) fn start(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        self.world.instance_pre().instantiate(store)
    }
}

pub(in crate::runtime) fn describe(prepared: &Prepared, store: &mut Store<State>) -> wasmtime::Result<String> {
    prepared.world.instantiate(&mut *store)?.patchboard_provider_mapper().call_describe(store)
}

/// What one instance says when it is asked, and when it is asked again; or that its functions
/// have other types than this version's, which wasmtime knows of an instance.
pub(in crate::runtime) fn describe_twice(
    prepared: &Prepared,
    store: &mut Store<State>,
) -> wasmtime::Result<wasmtime::Result<(String, String)>> {
    let instance = prepared.start(&mut *store)?;
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
        let instance = prepared.start(&mut *store)?;
        let mapper = instance.get_typed_func::<RequestInput<'_>, RequestOutput>(&mut *store, &prepared.map_request)?;
        mapper.call(store, (account, request)).map(|(mapped,)| mapped)
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
        let instance = prepared.start(&mut *store)?;
        let mapper = instance.get_typed_func::<ResponseInput<'_>, ResponseOutput>(&mut *store, &prepared.map_response)?;
        mapper.call(store, (account, request, state, response)).map(|(mapped,)| mapped)
    };
    let mapped = plugin.call(prepared, input, call).await?;
    mapped.map_or_else(|error| Ok(Err(shared::mapping_error(error))), |step| shared::step(step).map(Ok))
}
