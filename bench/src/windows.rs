//! The measured windows: every server at every number of connections, round after round.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use patchboard_bench::cpu::{self, Clock};
use serde::Serialize;

use crate::load::{Load, Outcome};
use crate::servers::{Name, Server, Stage};
use crate::{Arguments, CONNECTIONS, FIRST_WARM_UP, WARM_UP};

/// Connections while a server gets warm.
const WARM_CONNECTIONS: usize = 16;

/// One measured window.
#[derive(Debug, Clone, Serialize)]
pub struct Window {
    pub server: Name,
    pub connections: usize,
    pub round: u8,
    pub requests: usize,
    pub seconds: f64,
    /// User and system time of the server's processes.
    pub cpu_us_per_request: f64,
    pub requests_per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// The sandbox's own.
    pub upstream_cpu_us_per_request: f64,
    /// The load's own.
    pub load_cpu_us_per_request: f64,
    /// Of all processors' time, what everything else on the machine took: noise.
    pub others_percent: f64,
}

/// Ticks of everybody at one moment.
struct Moment {
    server: u64,
    upstream: u64,
    load: u64,
    machine: u64,
}

/// Measures all windows.
pub async fn measure(arguments: &Arguments, stage: &Stage) -> anyhow::Result<Vec<Window>> {
    let clock = Clock::ask()?;
    warm_up(stage).await?;
    let mut windows = Vec::new();
    for round in 1..=arguments.rounds {
        for connections in CONNECTIONS {
            let mut servers: Vec<&Server> = stage.servers.iter().collect();
            // Who comes after whom changes, so that nobody always has the same neighbour.
            if round % 2 == 0 {
                servers.reverse();
            }
            for server in servers {
                let window = one(arguments.window(), stage, server, connections, round, clock).await;
                let window = window.with_context(|| format!("{} at {connections} connections\n{}", server.name, stage.errors(server)))?;
                eprintln!(
                    "    round {round}: {:<14} {connections:>2} connections  {:>6.1} µs CPU  {:>6.0} requests/s",
                    server.name, window.cpu_us_per_request, window.requests_per_second
                );
                windows.push(window);
            }
        }
    }
    Ok(windows)
}

async fn warm_up(stage: &Stage) -> anyhow::Result<()> {
    for server in &stage.servers {
        stage.reset().await?;
        let load = Load { warm_up: FIRST_WARM_UP, ..load(server, WARM_CONNECTIONS, Duration::ZERO) };
        load.run(|| Ok(())).await.with_context(|| format!("{}\n{}", server.name, stage.errors(server)))?;
    }
    Ok(())
}

fn load(server: &Server, connections: usize, window: Duration) -> Load {
    Load { address: server.address, request: server.request.clone(), connections, warm_up: WARM_UP, window }
}

async fn one(window: Duration, stage: &Stage, server: &Server, connections: usize, round: u8, clock: Clock) -> anyhow::Result<Window> {
    stage.reset().await?;
    let family = cpu::family(stage.pid(server))?;
    let (upstream, own) = ([stage.upstream_pid()], [std::process::id()]);
    let observe = || {
        Ok(Moment {
            server: cpu::ticks(&family)?,
            upstream: cpu::ticks(&upstream)?,
            load: cpu::ticks(&own)?,
            machine: cpu::machine_ticks()?,
        })
    };
    let outcome = load(server, connections, window).run(observe).await?;
    ensure!(!outcome.latencies.is_empty(), "no request was answered in the window");
    Ok(read(&outcome, server.name, connections, round, clock))
}

fn read(outcome: &Outcome<Moment>, server: Name, connections: usize, round: u8, clock: Clock) -> Window {
    let requests = outcome.latencies.len();
    let seconds = outcome.elapsed.as_secs_f64();
    let micros = |part: fn(&Moment) -> u64| clock.micros(part(&outcome.after).saturating_sub(part(&outcome.before)));
    let each = |part| micros(part) / requests as f64;
    let upstream = if server == Name::Direct { 0.0 } else { micros(|m| m.upstream) };
    let others = micros(|m| m.machine) - micros(|m| m.server) - upstream - micros(|m| m.load);
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Window {
        server,
        connections,
        round,
        requests,
        seconds,
        cpu_us_per_request: each(|m| m.server),
        requests_per_second: requests as f64 / seconds,
        p50_us: percentile(&outcome.latencies, 50),
        p99_us: percentile(&outcome.latencies, 99),
        upstream_cpu_us_per_request: each(|m| m.upstream),
        load_cpu_us_per_request: each(|m| m.load),
        others_percent: (others / (seconds * 1e4 * processors as f64)).max(0.0),
    }
}

/// Of sorted nanoseconds, in microseconds.
pub fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |nanos| f64::from(*nanos) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_of_the_list() {
        let sorted: Vec<u32> = (1..=200).map(|n| n * 1000).collect();
        assert_eq!((percentile(&sorted, 50), percentile(&sorted, 99)), (101.0, 199.0));
        assert_eq!((percentile(&[5000], 99), percentile(&[], 50)), (5.0, 0.0));
    }
}
