//! The benchmarks: what a request costs Patchboard, beside nginx, which maps nothing,
//! and beside the same mapping in JSONata on Node.
//!
//! Everything runs on this machine in one run: the sandbox as the provider, the servers
//! that are compared, and the load. All of them answer the one exchange that stands in
//! `exchange/`, and each has to answer it right before it is measured ([`exchange`]).
//! What is measured is the CPU time of a server's processes for each request it answered
//! ([`patchboard_bench::cpu`]); requests per second and latency are reported with it, although sandbox and
//! load share the processors with the server. Servers are measured in turn, round after
//! round, so that a machine that was busy for a while shows ([`windows`]).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

mod cold;
mod exchange;
mod load;
mod machine;
mod mapping;
mod message;
mod neighbour;
mod processes;
mod report;
mod servers;
mod table;
mod windows;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;

use crate::report::Report;
use crate::servers::edge::Parts;
use crate::servers::{Name, Stage};

/// Connections of the load.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Before each window: connections are opened, pools and caches are as they stay.
const WARM_UP: Duration = Duration::from_secs(2);
/// Before the first window of a server: a compiler that works while code runs is done.
const FIRST_WARM_UP: Duration = Duration::from_secs(5);

/// Measure Patchboard beside nginx and Node. `cargo xtask bench` builds everything first.
#[derive(Debug, Parser)]
#[command(name = "patchboard-bench")]
struct Arguments {
    /// The server
    #[arg(long, value_name = "FILE")]
    patchboard: PathBuf,
    /// The sandbox
    #[arg(long, value_name = "FILE")]
    sandbox: PathBuf,
    /// The component of the Wrike plugin
    #[arg(long, value_name = "FILE")]
    plugin: PathBuf,
    /// The component of the hostile plugin
    #[arg(long, value_name = "FILE")]
    hostile: PathBuf,
    /// The stand-in for Spin
    #[arg(long, value_name = "FILE")]
    edge_stand_in: PathBuf,
    /// The manifest of the edge app
    #[arg(long, value_name = "FILE")]
    edge_manifest: PathBuf,
    /// The folder of the Node server, its packages installed
    #[arg(long, value_name = "DIR")]
    node_peer: PathBuf,
    /// Write the results here, as JSON
    #[arg(long, value_name = "FILE")]
    json: PathBuf,
    /// Length of each window
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// How often everything is measured
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=10))]
    rounds: u8,
    /// Measure only these
    #[arg(long = "only", value_name = "NAME")]
    only: Vec<Name>,
}

impl Arguments {
    fn wants(&self, name: Name) -> bool {
        self.only.is_empty() || self.only.contains(&name)
    }

    fn edge(&self) -> Parts<'_> {
        Parts { stand_in: &self.edge_stand_in, manifest: &self.edge_manifest }
    }

    fn window(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // One thread makes the load: it shares the processors with what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            done = run(&arguments) => done,
            // What was started ends when `run` is dropped.
            stopped = stopped() => Err(stopped.map_or_else(anyhow::Error::from, |()| anyhow::anyhow!("stopped"))),
        }
    })
}

#[cfg(unix)]
async fn stopped() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    Ok(())
}

#[cfg(not(unix))]
async fn stopped() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut report = Report::new(machine::facts(arguments), arguments);
    if arguments.wants(Name::Mapping) {
        let (measured, missing) = mapping::measure(arguments).await?;
        report.mapping = measured;
        report.missing.extend(missing);
    }
    if Name::SERVERS.iter().chain(&[Name::Neighbour, Name::Cold]).any(|name| arguments.wants(*name)) {
        let mut stage = Stage::set(arguments).await?;
        if arguments.wants(Name::Neighbour) {
            report.neighbours = neighbour::measure(arguments, &stage.guarded(arguments)?).await?;
        }
        if arguments.wants(Name::Cold) {
            report.starts = cold::measure(arguments, &stage).await?;
        }
        report.versions.append(&mut stage.versions);
        report.missing.append(&mut stage.missing);
        report.windows = windows::measure(arguments, &stage).await?;
    }
    let summary = report.summary();
    print!("{}", summary.table());
    if let Some(folder) = arguments.json.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&arguments.json, summary.json()?).with_context(|| format!("cannot write {}", arguments.json.display()))?;
    eprintln!("as JSON: {}", arguments.json.display());
    Ok(())
}
