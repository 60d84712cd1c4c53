//! One call of a plugin, in an instance of its own.
//!
//! A call runs on the thread of its request, where nothing else can be done meanwhile. So
//! what takes longer there than mappings do is broken off and made again on a thread
//! that nobody waits for: a plugin imports nothing and keeps nothing, so nobody can tell.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginFailure, PluginIdentity, Step, UnifiedRequest};
use patchboard_gateway::{Manifest, contract};
use tokio::sync::Semaphore;
use wasmtime::{ResourceLimiter, Store, Trap, UpdateDeadline};

use super::admit::Plugin;
use super::bindings::{Guest, World, WorldPre};
use super::clock::Clock;
use super::convert;
use super::grant::{Grant, Measured, Size};
use super::machine::{HANDLES, MAX_TABLE, Pool};

/// Describing may take longer than mapping: it happens once, outside of requests.
const DESCRIBE_FACTOR: u32 = 10;
/// Processor time of a call on the thread of its request: a hundred times what a
/// mapping takes, and what another request hardly notices.
const PROMPT: Duration = Duration::from_millis(5);
/// How long a plugin that took more is called on other threads only.
const ASIDE: Duration = Duration::from_secs(60);

/// What a store knows: the bounds of its call.
pub(super) struct State {
    allowed: usize,
    /// Bytes of all memories together.
    memory: usize,
    /// The plugin wanted more than it may have.
    refused: Option<Refused>,
}

/// What a plugin wanted more of than it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Memory,
    Table,
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.memory.saturating_add(desired.saturating_sub(current));
        let allowed = wanted <= self.allowed;
        if allowed {
            self.memory = wanted;
        } else {
            self.refused = Some(Refused::Memory);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= MAX_TABLE;
        if !allowed {
            self.refused = Some(Refused::Table);
        }
        Ok(allowed)
    }
}

/// A function of a plugin, called with what it is to be given.
type Function<I, T> = fn(&Guest, &mut Store<State>, &I) -> wasmtime::Result<T>;

/// Runs one function of a fresh instance; what it answers comes with the memory it took.
fn fresh<T>(
    pool: &Pool,
    prepared: &WorldPre<State>,
    grant: &Grant,
    run: impl FnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<T>,
) -> Result<(T, usize), PluginFailure> {
    let mut store = Store::new(&pool.engine, State { allowed: grant.memory, memory: 0, refused: None });
    store.limiter(|state| state);
    store.set_epoch_deadline(1);
    let mut clock = Clock::new(grant.deadline);
    store.epoch_deadline_callback(move |_| Ok(clock.tick().map_or(UpdateDeadline::Interrupt, UpdateDeadline::Continue)));
    store.set_hostcall_fuel(grant.output);
    store.set_max_component_handles(HANDLES);
    let result = prepared.instantiate(&mut store).and_then(|world: World| run(world.patchboard_provider_mapper(), &mut store));
    let memory = store.data().memory;
    result.map(|answer| (answer, memory)).map_err(|error| failure(grant, &error, store.data()))
}

fn failure(grant: &Grant, error: &wasmtime::Error, state: &State) -> PluginFailure {
    match (error.downcast_ref::<Trap>(), state.refused) {
        (Some(Trap::Interrupt), _) => PluginFailure::Deadline(grant.deadline.as_millis()),
        (_, Some(Refused::Memory)) => PluginFailure::OverLimit(format!("more than {} bytes of memory", grant.memory)),
        (_, Some(Refused::Table)) => PluginFailure::OverLimit(format!("a table of more than {MAX_TABLE} elements")),
        (Some(trap), None) => PluginFailure::Trapped(trap.to_string().trim_start_matches("wasm trap: ").to_owned()),
        (None, None) if error.to_string().contains("too large") || format!("{error:#}").contains("fuel") => {
            PluginFailure::OverLimit(format!("more than {} bytes of output", grant.output))
        }
        (None, None) => PluginFailure::Trapped(error.root_cause().to_string()),
    }
}

/// What a plugin says about itself, and what it took for that.
pub(super) fn describe(pool: &Pool, prepared: &WorldPre<State>, most: &Grant) -> Result<(String, Measured), PluginFailure> {
    let grant = describing(most);
    let begun = Instant::now();
    let (described, memory) = fresh(pool, prepared, &grant, |guest, store| guest.call_describe(store))?;
    Ok((described, Measured { memory, start: begun.elapsed() }))
}

/// What one instance says about itself when it is asked, and when it is asked again: what
/// it keeps in between must not show.
pub(super) fn describe_twice(pool: &Pool, prepared: &WorldPre<State>, most: &Grant) -> Result<(String, String), PluginFailure> {
    let run = |guest: &Guest, store: &mut Store<State>| Ok((guest.call_describe(&mut *store)?, guest.call_describe(store)?));
    fresh(pool, prepared, &describing(most), run).map(|(described, _)| described)
}

fn describing(most: &Grant) -> Grant {
    Grant { deadline: most.deadline.saturating_mul(DESCRIBE_FACTOR), ..*most }
}

/// Where the calls of a plugin run.
#[derive(Debug)]
pub(super) struct Place {
    /// When it last took longer than a request may.
    tardy: Mutex<Option<Instant>>,
    /// No plugin has all the threads for such calls.
    turns: Semaphore,
}

impl Place {
    pub(super) fn new(pool: &Pool) -> Self {
        Self { tardy: Mutex::new(None), turns: Semaphore::new(pool.aside_threads.div_ceil(2)) }
    }

    fn is_aside(&self) -> bool {
        self.tardy.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|since| since.elapsed() < ASIDE)
    }

    fn set_aside(&self) {
        *self.tardy.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

impl Plugin {
    /// How long a fresh instance takes alone, without calling it.
    ///
    /// # Errors
    /// [`PluginFailure`], as in a call.
    pub fn time_start(&self) -> Result<Duration, PluginFailure> {
        let begun = Instant::now();
        fresh(&self.pool, &self.prepared, &self.grant, |_, _| Ok(()))?;
        Ok(begun.elapsed())
    }

    async fn call<I: Send + 'static, T: Send + 'static>(&self, input: I, run: Function<I, T>) -> Result<T, PluginFailure> {
        if self.grant.size == Size::Large || self.place.is_aside() {
            return self.call_aside(input, run).await;
        }
        let prompt = Grant { deadline: self.grant.deadline.min(PROMPT), ..self.grant };
        let turn = self.pool.turns.acquire().await;
        let called = fresh(&self.pool, &self.prepared, &prompt, |guest, store| run(guest, store, &input));
        drop(turn);
        match called {
            Err(PluginFailure::Deadline(_)) => {
                self.place.set_aside();
                self.call_aside(input, run).await
            }
            called => called.map(|(answer, _)| answer),
        }
    }

    async fn call_aside<I: Send + 'static, T: Send + 'static>(&self, input: I, run: Function<I, T>) -> Result<T, PluginFailure> {
        let _turn = self.place.turns.acquire().await;
        let (pool, prepared, grant) = (self.pool.clone(), self.prepared.clone(), self.grant);
        let work = move || fresh(&pool, &prepared, &grant, |guest, store| run(guest, store, &input));
        self.pool.aside.run(work).await?.map(|(answer, _)| answer)
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
        let input = (convert::account(settings), convert::request(request));
        let mapped = self.call(input, |guest, store, (account, request)| guest.call_map_request(store, account, request)).await?;
        mapped.map_or_else(|error| Ok(Err(convert::mapping_error(error))), |exchange| convert::exchange(exchange).map(Ok))
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        let input = (convert::account(settings), convert::request(request), state, convert::response(response));
        let call: Function<_, _> = |guest, store, (account, request, state, response): &(_, _, Vec<u8>, _)| {
            guest.call_map_response(store, account, request, state, response)
        };
        let mapped = self.call(input, call).await?;
        mapped.map_or_else(|error| Ok(Err(convert::mapping_error(error))), |step| convert::step(step).map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memories_of_an_instance_have_one_cap_together() {
        let mut state = State { allowed: 100, memory: 0, refused: None };
        assert!(state.memory_growing(0, 60, None).unwrap());
        assert!(state.memory_growing(0, 30, None).unwrap());
        assert!(!state.memory_growing(30, 41, None).unwrap());
        assert_eq!(state.refused, Some(Refused::Memory));
        assert!(state.memory_growing(30, 40, None).unwrap());
        assert_eq!(state.memory, 100);
    }

    #[test]
    fn a_table_has_a_cap() {
        let mut state = State { allowed: 0, memory: 0, refused: None };
        assert!(state.table_growing(0, MAX_TABLE, None).unwrap() && state.refused.is_none());
        assert!(!state.table_growing(0, MAX_TABLE + 1, None).unwrap() && state.refused == Some(Refused::Table));
    }
}
