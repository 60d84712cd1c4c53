//! One call of a plugin, in an instance of its own.

use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginFailure, PluginIdentity, Step, UnifiedRequest};
use patchboard_gateway::{Manifest, contract};
use wasmtime::{ResourceLimiter, Store, Trap};

use super::admit::Plugin;
use super::bindings::{Guest, World, WorldPre};
use super::machine::HANDLES;
use super::{Machine, convert};

/// Describing may take longer than mapping: it happens once, outside of requests.
const DESCRIBE_FACTOR: u64 = 10;
/// Elements of a table; ours have some hundreds.
const MAX_TABLE: usize = 100_000;

/// What a store knows: the bounds of its call.
pub(super) struct State {
    memory: usize,
    /// The plugin wanted more memory than it may have.
    refused: bool,
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= self.memory;
        self.refused |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= MAX_TABLE;
        self.refused |= !allowed;
        Ok(allowed)
    }
}

/// Runs one function of a fresh instance.
fn fresh<T>(
    machine: &Machine,
    prepared: &WorldPre<State>,
    ticks: u64,
    run: impl FnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<T>,
) -> Result<T, PluginFailure> {
    let mut store = Store::new(&machine.engine, State { memory: machine.bounds.memory, refused: false });
    store.limiter(|state| state);
    store.set_epoch_deadline(ticks);
    store.epoch_deadline_trap();
    store.set_hostcall_fuel(machine.bounds.output);
    store.set_max_component_handles(HANDLES);
    let result = prepared.instantiate(&mut store).and_then(|world: World| run(world.patchboard_provider_mapper(), &mut store));
    result.map_err(|error| failure(machine, &error, store.data()))
}

fn failure(machine: &Machine, error: &wasmtime::Error, state: &State) -> PluginFailure {
    let over_memory = || PluginFailure::OverLimit(format!("more than {} bytes of memory", machine.bounds.memory));
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => PluginFailure::Deadline(machine.bounds.deadline.as_millis()),
        _ if state.refused => over_memory(),
        Some(trap) => PluginFailure::Trapped(trap.to_string()),
        None if error.to_string().contains("too large") || format!("{error:#}").contains("fuel") => {
            PluginFailure::OverLimit(format!("more than {} bytes of output", machine.bounds.output))
        }
        None => PluginFailure::Trapped(error.root_cause().to_string()),
    }
}

/// What a plugin says about itself.
pub(super) fn describe(machine: &Machine, prepared: &WorldPre<State>) -> Result<String, PluginFailure> {
    let ticks = machine.bounds.ticks().saturating_mul(DESCRIBE_FACTOR);
    fresh(machine, prepared, ticks, |guest, store| guest.call_describe(store))
}

impl Plugin {
    async fn call<T>(&self, run: impl FnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<T>) -> Result<T, PluginFailure> {
        let turn = self.machine.turns.acquire().await;
        let _turn = turn.map_err(|_| PluginFailure::Host("the server is stopping".to_owned()))?;
        fresh(&self.machine, &self.prepared, self.machine.bounds.ticks(), run)
    }
}

impl contract::Provider for Plugin {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let (account, request) = (convert::account(settings), convert::request(request));
        let mapped = self.call(|guest, store| guest.call_map_request(store, &account, &request)).await?;
        mapped.map_or_else(|error| Ok(Err(convert::mapping_error(error))), |exchange| convert::exchange(exchange).map(Ok))
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        let (account, request, response) = (convert::account(settings), convert::request(request), convert::response(response));
        let mapped = self.call(|guest, store| guest.call_map_response(store, &account, &request, &state, &response)).await?;
        mapped.map_or_else(|error| Ok(Err(convert::mapping_error(error))), |step| convert::step(step).map(Ok))
    }
}
