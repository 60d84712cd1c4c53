//! The wasmtime engines of the process, and the clock that interrupts plugins.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use patchboard_pack::Drafts;
use thiserror::Error;
use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};

use super::clock::TICK;
use super::grant::{SMALL_INSTANCES, SMALL_MEMORIES, SMALL_TABLES, Size};
use super::lane::Lane;

/// Stack of a call: parsers of nested JSON need a fraction of it.
const STACK: usize = 512 << 10;
/// Memory of an instance that stays resident for the next one. Zeroing it is cheaper
/// than giving it back, up to about here.
const KEEP_MEMORY: usize = 1 << 20;
/// The same of a large plugin: as much as an interpreter begins with.
const KEEP_LARGE_MEMORY: usize = 16 << 20;
const KEEP_TABLE: usize = 16 << 10;
/// What plugins that took long leave to all others: nearly everything.
const TARDY: i32 = 19;
/// What interpreters leave: they take milliseconds where others take microseconds.
const LARGE: i32 = 5;
/// Resource handles a component may hold; ours hold none.
pub(super) const HANDLES: usize = 16;
/// Elements of a table; an interpreter has some thousands.
pub(super) const MAX_TABLE: usize = 20_000;

/// What plugins may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of linear memory that one call may use.
    pub memory: usize,
    /// Bytes that one call may return.
    pub output: usize,
    /// How long a call may take, in processor time.
    pub deadline: Duration,
    /// Threads that serve requests; on each of them one call may run.
    pub threads: usize,
    /// How many calls run at once beside them, because they took longer than others.
    pub concurrency: usize,
    /// The most that a large plugin can get.
    pub large: LargeBounds,
    /// Whether plugins for a contract that may still change are taken.
    pub drafts: Drafts,
}

/// The most that a large plugin can get. What it gets is decided at admission
/// ([`super::Grant`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeBounds {
    /// Core modules of one instance.
    pub core_instances: u32,
    /// Linear memories of one instance.
    pub memories: u32,
    /// Tables of one instance.
    pub tables: u32,
    /// Bytes of linear memory that one call may use.
    pub memory: usize,
    /// What compiling a plugin may take, in bytes of plain code: nothing can interrupt the
    /// compiler, and a small file can be made to keep it busy for hours.
    pub code: u64,
    /// How long a call may take, in processor time.
    pub deadline: Duration,
    /// How many calls of large plugins run at once.
    pub concurrency: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            output: 16 << 20,
            deadline: Duration::from_millis(80),
            threads: processors(),
            concurrency: processors(),
            large: LargeBounds::default(),
            drafts: Drafts::Refused,
        }
    }
}

impl Default for LargeBounds {
    fn default() -> Self {
        Self {
            core_instances: 64,
            memories: 4,
            tables: 8,
            memory: 128 << 20,
            // Twice what a plugin in Python takes; tens of seconds of one processor.
            code: 48 << 20,
            deadline: Duration::from_millis(500),
            concurrency: processors().div_ceil(2),
        }
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// Why there is no engine.
#[derive(Debug, Error)]
pub enum MachineError {
    /// wasmtime refuses the configuration on this machine.
    #[error("cannot set up WebAssembly on this machine: {0:#}")]
    Engine(wasmtime::Error),
    /// No thread for the clock, or none beside those of requests.
    #[error("cannot start the threads for plugins: {0}")]
    Threads(io::Error),
}

/// The engines with their bounds.
#[derive(Debug)]
pub struct Machine {
    pub(super) bounds: Bounds,
    small: Arc<Pool>,
    /// Made for the first large plugin: who has none pays nothing for it.
    large: Mutex<Option<Arc<Pool>>>,
}

/// An engine that serves plugins of one size.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) engine: Engine,
    /// As many as there are instances for calls on the threads of requests.
    pub(super) turns: Semaphore,
    /// For what takes longer.
    pub(super) aside: Lane,
    /// How many of those run at once.
    pub(super) aside_threads: usize,
}

impl Machine {
    /// Sets up the engine and starts its clock.
    ///
    /// # Errors
    /// [`MachineError`].
    pub fn new(bounds: Bounds) -> Result<Self, MachineError> {
        let small = Pool::of(Size::Small, &bounds)?;
        Ok(Self { bounds, small: Arc::new(small), large: Mutex::new(None) })
    }

    pub(super) fn pool(&self, size: Size) -> Result<Arc<Pool>, MachineError> {
        if size == Size::Small {
            return Ok(self.small.clone());
        }
        let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = &*large {
            return Ok(pool.clone());
        }
        let pool = Arc::new(Pool::of(size, &self.bounds)?);
        *large = Some(pool.clone());
        Ok(pool)
    }
}

impl Pool {
    fn of(size: Size, bounds: &Bounds) -> Result<Self, MachineError> {
        let limits = PoolLimits::of(size, bounds);
        let engine = Engine::new(&config(&limits)).map_err(MachineError::Engine)?;
        tick(&engine).map_err(MachineError::Threads)?;
        let aside = Lane::new(limits.concurrency, limits.nice).map_err(MachineError::Threads)?;
        Ok(Self { engine, turns: Semaphore::new(limits.threads), aside, aside_threads: limits.concurrency })
    }
}

/// What one pool holds.
struct PoolLimits {
    core_instances: u32,
    memories: u32,
    tables: u32,
    memory: usize,
    keep: usize,
    /// Calls on threads of requests.
    threads: usize,
    /// Calls beside them.
    concurrency: usize,
    nice: i32,
}

impl PoolLimits {
    fn of(size: Size, bounds: &Bounds) -> Self {
        match size {
            Size::Small => Self {
                core_instances: SMALL_INSTANCES,
                memories: SMALL_MEMORIES,
                tables: SMALL_TABLES,
                memory: bounds.memory,
                keep: KEEP_MEMORY,
                threads: bounds.threads.max(1),
                concurrency: bounds.concurrency.max(1),
                nice: TARDY,
            },
            Size::Large => {
                let LargeBounds { core_instances, memories, tables, memory, concurrency, .. } = bounds.large;
                let concurrency = concurrency.max(1);
                Self { core_instances, memories, tables, memory, keep: KEEP_LARGE_MEMORY, threads: 0, concurrency, nice: LARGE }
            }
        }
    }
}

fn config(limits: &PoolLimits) -> Config {
    let mut pool = PoolingAllocationConfig::default();
    // A call is over before the next one begins, so the pool need not be larger than
    // what runs at once, and describing at admission.
    let calls = limits.threads.saturating_add(limits.concurrency);
    let instances = u32::try_from(calls).unwrap_or(u32::MAX).saturating_add(4);
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(limits.core_instances))
        .total_memories(instances.saturating_mul(limits.memories))
        .total_tables(instances.saturating_mul(limits.tables))
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(limits.memories)
        .max_tables_per_component(limits.tables)
        .table_elements(MAX_TABLE)
        .max_memory_size(limits.memory)
        .linear_memory_keep_resident(limits.keep)
        .table_keep_resident(KEEP_TABLE)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .memory_init_cow(true)
        // Everything that WebAssembly leaves to the machine is the same on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// One thread for each engine. It holds the engine weakly and ends with it.
fn tick(engine: &Engine) -> io::Result<()> {
    let engine = engine.weak();
    let work = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    thread::Builder::new().name("plugin-clock".to_owned()).spawn(work).map(|_| ())
}
