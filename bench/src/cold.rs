//! A server's first request: from its start until it listens, the first answer, and the answers after it.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use serde::Serialize;

use crate::Arguments;
use crate::load::Connection;
use crate::servers::edge::{self, Store};
use crate::servers::{Home, Name, Stage};

/// Starts of each server, beside one that is not counted: files are read and code is
/// compiled once.
const STARTS: usize = 5;
/// Requests after the first one, on the same connection.
const WARM: usize = 200;

/// Medians of all starts, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    pub server: Name,
    /// Until it says where it listens.
    pub listening_ms: f64,
    /// Its first unified request, the connection to the provider included.
    pub first_ms: f64,
    /// Those after it, in the middle.
    pub warm_ms: f64,
}

/// Measures the native server and the edge app.
pub async fn measure(arguments: &Arguments, stage: &Stage) -> anyhow::Result<Vec<Start>> {
    let folder = stage.folder("starts")?;
    let home = Home::new(&arguments.patchboard, &folder, "warn");
    let store = Store::of(&home, stage.upstream())?;
    let mut starts = Vec::new();
    for server in [Name::Patchboard, Name::Edge] {
        let mut all = Vec::new();
        for _ in 0..=STARTS {
            stage.reset().await?;
            all.push(once(server, arguments, stage, &home, &store, &folder).await?);
        }
        let middle = |part: fn(&[f64; 3]) -> f64| crate::report::median(all.iter().skip(1).map(part));
        let start = Start { server, listening_ms: middle(|t| t[0]), first_ms: middle(|t| t[1]), warm_ms: middle(|t| t[2]) };
        eprintln!("    a start of {server}: {:.0} ms until it listens, {:.1} ms for the first request", start.listening_ms, start.first_ms);
        starts.push(start);
    }
    Ok(starts)
}

async fn once(
    server: Name,
    arguments: &Arguments,
    stage: &Stage,
    home: &Home<'_>,
    store: &Store,
    folder: &Path,
) -> anyhow::Result<[f64; 3]> {
    let begun = Instant::now();
    let (_running, address) = match server {
        Name::Edge => edge::serve(arguments.edge(), store, stage.upstream(), folder).await?,
        _ => home.serve(server, stage.upstream())?,
    };
    let listening = begun.elapsed();
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    for _ in 0..=WARM {
        let begun = Instant::now();
        let answer = connection.exchange(&store.request).await?;
        ensure!(answer.status == 200, "{server} answers with {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let first = times.first().copied().unwrap_or_default();
    Ok([listening.as_secs_f64() * 1000.0, first, crate::report::median(times.into_iter().skip(1))])
}
