//! The one wasmtime engine of the process, and the clock that interrupts plugins.

use std::time::Duration;
use std::{io, thread};

use thiserror::Error;
use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};

/// How often the epoch moves on: deadlines are kept to this precision.
const TICK: Duration = Duration::from_millis(5);
/// Stack of a call: parsers of nested JSON need a fraction of it.
const STACK: usize = 512 << 10;
/// Memory of an instance that stays resident for the next one. Zeroing it is cheaper
/// than giving it back, up to about here.
const KEEP_MEMORY: usize = 1 << 20;
const KEEP_TABLE: usize = 16 << 10;
/// Resource handles a component may hold; ours hold none.
pub(super) const HANDLES: usize = 16;

/// What a plugin may use in one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of linear memory.
    pub memory: usize,
    /// Bytes that one call may return.
    pub output: usize,
    /// How long a call may take.
    pub deadline: Duration,
    /// How many calls run at once.
    pub concurrency: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            output: 16 << 20,
            deadline: Duration::from_millis(80),
            concurrency: thread::available_parallelism().map_or(2, std::num::NonZero::get),
        }
    }
}

impl Bounds {
    /// Ticks until the deadline; one more, because the current tick has begun.
    pub(super) fn ticks(&self) -> u64 {
        let ticks = self.deadline.as_millis().div_ceil(TICK.as_millis());
        u64::try_from(ticks).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// Why there is no engine.
#[derive(Debug, Error)]
pub enum MachineError {
    /// wasmtime refuses the configuration on this machine.
    #[error("cannot set up WebAssembly on this machine: {0:#}")]
    Engine(wasmtime::Error),
    /// No thread for the clock.
    #[error("cannot start the thread that interrupts plugins: {0}")]
    Clock(io::Error),
}

/// The engine with its bounds.
#[derive(Debug)]
pub struct Machine {
    pub(super) engine: Engine,
    pub(super) bounds: Bounds,
    /// Calls are synchronous; this keeps some threads free for everything else.
    pub(super) turns: Semaphore,
}

impl Machine {
    /// Sets up the engine and starts its clock.
    ///
    /// # Errors
    /// [`MachineError`].
    pub fn new(bounds: Bounds) -> Result<Self, MachineError> {
        let engine = Engine::new(&config(&bounds)).map_err(MachineError::Engine)?;
        tick(&engine).map_err(MachineError::Clock)?;
        let turns = Semaphore::new(bounds.concurrency.max(1));
        Ok(Self { engine, bounds, turns })
    }
}

fn config(bounds: &Bounds) -> Config {
    let mut pool = PoolingAllocationConfig::default();
    // A call is over before the next one begins, so the pool need not be larger than
    // what runs at once, and describing at admission.
    let instances = u32::try_from(bounds.concurrency).unwrap_or(u32::MAX).saturating_add(4);
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(4))
        .total_memories(instances)
        .total_tables(instances.saturating_mul(4))
        .max_core_instances_per_component(4)
        .max_memories_per_component(1)
        .max_tables_per_component(4)
        .max_memory_size(bounds.memory)
        .linear_memory_keep_resident(KEEP_MEMORY)
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
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// One thread for the whole process. It holds the engine weakly and ends with it.
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
