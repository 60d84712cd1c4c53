//! A well-behaved plugin beside one that attacks: how long the requests of the first take
//! alone, and how long while the second does its worst on connections of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::load::{Connection, Load};
use crate::servers::Guarded;
use crate::windows::percentile;
use crate::{Arguments, FIRST_WARM_UP, WARM_UP};

/// Connections of the good load.
const CONNECTIONS: [usize; 2] = [1, 16];
/// Connections of the bad one, each sending its next attack when the last has failed.
pub const ATTACKERS: usize = 4;
/// What `tests/hostile` is told to do: never end, take all memory, call itself for ever,
/// return too much, break down.
const ATTACKS: [&str; 5] = ["loop", "allocate", "recurse", "huge", "trap"];
/// The attacked plugin may add this much to the other's p99.
pub const TARGET: f64 = 1.2;

/// One pair of windows.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    pub connections: usize,
    pub round: u8,
    pub alone: Latency,
    pub beside: Latency,
    pub attacks_per_second: f64,
}

/// Of the well-behaved plugin's requests.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latency {
    pub requests_per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
}

/// Measures all pairs.
pub async fn measure(arguments: &Arguments, guarded: &Guarded) -> anyhow::Result<Vec<Pair>> {
    window(guarded, 1, FIRST_WARM_UP, Duration::ZERO).await?;
    let mut pairs = Vec::new();
    for round in 1..=arguments.rounds {
        for connections in CONNECTIONS {
            let alone = window(guarded, connections, WARM_UP, arguments.window()).await?;
            let (beside, attacks) = attacked(guarded, connections, arguments.window()).await?;
            let seconds = (WARM_UP + arguments.window()).as_secs_f64();
            let pair = Pair { connections, round, alone, beside, attacks_per_second: attacks as f64 / seconds };
            eprintln!(
                "    round {round}: beside attacks  {connections:>2} connections  p99 {:>7.0} µs, alone {:>7.0} µs",
                pair.beside.p99_us, pair.alone.p99_us
            );
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

async fn window(guarded: &Guarded, connections: usize, warm_up: Duration, window: Duration) -> anyhow::Result<Latency> {
    let load = Load { address: guarded.address, request: guarded.good.clone(), connections, warm_up, window };
    let outcome = load.run(|| Ok(())).await.with_context(|| guarded.errors())?;
    Ok(Latency {
        requests_per_second: outcome.latencies.len() as f64 / outcome.elapsed.as_secs_f64(),
        p50_us: percentile(&outcome.latencies, 50),
        p99_us: percentile(&outcome.latencies, 99),
    })
}

/// The window of the good load, and how many attacks failed meanwhile.
async fn attacked(guarded: &Guarded, connections: usize, length: Duration) -> anyhow::Result<(Latency, usize)> {
    let mut attackers = JoinSet::new();
    let failed = Arc::new(AtomicUsize::new(0));
    for nth in 0..ATTACKERS {
        let attacks: Vec<Vec<u8>> = ATTACKS.iter().cycle().skip(nth).take(ATTACKS.len()).map(|name| guarded.attack(name)).collect();
        let (address, failed) = (guarded.address, failed.clone());
        attackers.spawn(async move {
            let mut connection = Connection::open(address).await?;
            for attack in attacks.iter().cycle() {
                let answer = connection.exchange(attack).await?;
                ensure!(answer.status == 502, "an attack was answered with {}: {}", answer.status, String::from_utf8_lossy(answer.body));
                failed.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    let latency = tokio::select! {
        latency = window(guarded, connections, WARM_UP, length) => latency?,
        Some(ended) = attackers.join_next() => return Err(ended?.err().unwrap_or_else(|| anyhow::anyhow!("there were no attacks")).context(guarded.errors())),
    };
    Ok((latency, failed.load(Ordering::Relaxed)))
}
