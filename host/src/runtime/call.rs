//! One call of a plugin, in an instance of its own.
//!
//! A call runs on the thread of its request, where nothing else can be done meanwhile. So
//! what takes longer there than mappings do is broken off and made again on a thread
//! that nobody waits for: a plugin imports nothing and keeps nothing, so nobody can tell.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use patchboard_gateway::PluginFailure;
use tokio::sync::Semaphore;
use wasmtime::{ResourceLimiter, Store, Trap, UpdateDeadline};

use super::admit::Plugin;
use super::clock::Clock;
use super::contract::Prepared;
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

/// Makes an instance of a component that is prepared in the way of its contract, and calls a
/// function of it with what that is to be given.
pub(super) type Function<P, I, T> = fn(&P, &mut Store<State>, &I) -> wasmtime::Result<T>;

/// Runs one call within its bounds; what it answers comes with the memory it took.
fn fresh<T>(pool: &Pool, grant: &Grant, run: impl FnOnce(&mut Store<State>) -> wasmtime::Result<T>) -> Result<(T, usize), PluginFailure> {
    let mut store = Store::new(&pool.engine, State { allowed: grant.memory, memory: 0, refused: None });
    store.limiter(|state| state);
    store.set_epoch_deadline(1);
    let mut clock = Clock::new(grant.deadline);
    store.epoch_deadline_callback(move |_| Ok(clock.tick().map_or(UpdateDeadline::Interrupt, UpdateDeadline::Continue)));
    store.set_hostcall_fuel(grant.output);
    store.set_max_component_handles(HANDLES);
    let result = run(&mut store);
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

fn for_describing(most: &Grant) -> Grant {
    Grant { deadline: most.deadline.saturating_mul(DESCRIBE_FACTOR), ..*most }
}

/// What a plugin says about itself, and what it took for that.
pub(super) fn describe(pool: &Pool, prepared: &Prepared, most: &Grant) -> Result<(String, Measured), PluginFailure> {
    let grant = for_describing(most);
    let begun = Instant::now();
    let (described, memory) = fresh(pool, &grant, |store| prepared.describe(store))?;
    Ok((described, Measured { memory, start: begun.elapsed() }))
}

/// What one instance says about itself when it is asked, and when it is asked again: what
/// it keeps in between must not show. Or that its functions have other types than its contract's.
pub(super) fn describe_twice(pool: &Pool, prepared: &Prepared, most: &Grant) -> Result<wasmtime::Result<(String, String)>, PluginFailure> {
    fresh(pool, &for_describing(most), |store| prepared.describe_twice(store)).map(|(described, _)| described)
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
        fresh(&self.pool, &self.grant, |store| self.prepared.start(store))?;
        Ok(begun.elapsed())
    }

    /// Calls a function in a fresh instance, where its place is.
    pub(super) async fn call<P, I, T>(&self, prepared: &P, input: I, run: Function<P, I, T>) -> Result<T, PluginFailure>
    where
        P: Clone + Send + 'static,
        I: Send + 'static,
        T: Send + 'static,
    {
        if self.grant.size == Size::Large || self.place.is_aside() {
            return self.call_aside(prepared, input, run).await;
        }
        let prompt = Grant { deadline: self.grant.deadline.min(PROMPT), ..self.grant };
        let turn = self.pool.turns.acquire().await;
        let called = fresh(&self.pool, &prompt, |store| run(prepared, store, &input));
        drop(turn);
        match called {
            Err(PluginFailure::Deadline(_)) => {
                self.place.set_aside();
                self.call_aside(prepared, input, run).await
            }
            called => called.map(|(answer, _)| answer),
        }
    }

    async fn call_aside<P, I, T>(&self, prepared: &P, input: I, run: Function<P, I, T>) -> Result<T, PluginFailure>
    where
        P: Clone + Send + 'static,
        I: Send + 'static,
        T: Send + 'static,
    {
        let _turn = self.place.turns.acquire().await;
        let (pool, prepared, grant) = (self.pool.clone(), prepared.clone(), self.grant);
        let work = move || fresh(&pool, &grant, |store| run(&prepared, store, &input));
        self.pool.aside.run(work).await?.map(|(answer, _)| answer)
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
