//! Where calls run that nobody else should wait for: on threads of their own, which
//! the system runs when those that serve requests have nothing to do.

use std::io;
use std::thread;
use std::time::Duration;

use patchboard_gateway::PluginFailure;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// How long a thread without work is kept.
const IDLE: Duration = Duration::from_secs(10);

/// Threads for calls.
#[derive(Debug)]
pub(super) struct Lane {
    /// Taken when the lane ends: where that happens nobody may wait for the threads.
    runtime: Option<Runtime>,
}

impl Lane {
    /// At most `threads`, made when they are needed. `nice` is added to the niceness of
    /// the process: 0 to 19, the share of the processor that others leave.
    pub(super) fn new(threads: usize, nice: i32) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(threads.max(1))
            .thread_keep_alive(IDLE)
            .thread_name("plugin-aside")
            .on_thread_start(move || step_back(nice))
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Runs work when it has its turn. Who no longer waits for it gives up the turn.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PluginFailure> {
        let stopping = || PluginFailure::Host("the server is stopping".to_owned());
        let runtime = self.runtime.as_ref().ok_or_else(stopping)?;
        let mut one = JoinSet::new();
        one.spawn_blocking_on(work, runtime.handle());
        match one.join_next().await {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) if error.is_panic() => Err(PluginFailure::Host("a call panicked".to_owned())),
            _ => Err(stopping()),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// On Linux niceness is a thread's own; where it is the process's, everything stays as it is.
#[cfg(target_os = "linux")]
fn step_back(nice: i32) {
    use rustix::process::{getpriority_process, setpriority_process};
    let set = getpriority_process(None).and_then(|now| setpriority_process(None, now.saturating_add(nice)));
    if let Err(error) = set {
        tracing::debug!(%error, thread = ?thread::current().name(), "the thread keeps its priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back(_nice: i32) {}
