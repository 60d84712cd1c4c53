//! The mapping alone, without HTTP: the unified change becomes Wrike's form fields, and
//! Wrike's answer becomes the unified object. All begin with the JSON text of the change
//! and of the answer, and end with the fields and the JSON text of the unified object.

mod jsonata;
mod native;
mod sandboxed;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Arguments;
use crate::cpu::{self, Clock};
use crate::exchange::{CHANGE, UNIFIED};
use crate::servers::{Missing, Name};

/// Before each measured time.
const WARM_UP: Duration = Duration::from_millis(500);
/// Iterations between two looks at the clock.
const BATCH: u32 = 100;

/// What maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mapper {
    /// Patchboard: the component, a fresh instance for each of the two calls.
    Sandboxed,
    /// The same plugin, compiled for this machine.
    Native,
    /// The expressions of the Node server.
    Jsonata,
}

/// One measured time.
#[derive(Debug, Clone, Serialize)]
pub struct Timed {
    pub mapper: Mapper,
    pub round: u8,
    pub iterations: u64,
    /// Both calls together.
    pub us: f64,
    pub cpu_us: f64,
}

/// Time of an iteration.
#[derive(Debug, Clone, Copy)]
struct Time {
    iterations: u64,
    us: f64,
    cpu_us: f64,
}

/// Measures all, round after round.
pub async fn measure(arguments: &Arguments) -> anyhow::Result<(Vec<Timed>, Option<Missing>)> {
    let sandboxed = sandboxed::Mapping::load(&arguments.plugin)?;
    let jsonata = jsonata::Mapping::find(&arguments.node_peer);
    let mut timed = Vec::new();
    for round in 1..=arguments.rounds {
        let mut take = |mapper: Mapper, time: Time| {
            eprintln!("    round {round}: mapping, {mapper:?}: {:.1} µs", time.us);
            timed.push(Timed { mapper, round, iterations: time.iterations, us: time.us, cpu_us: time.cpu_us });
        };
        take(Mapper::Sandboxed, sandboxed.time(arguments.window()).await.context("the component's mapping")?);
        take(Mapper::Native, native::time(arguments.window()).context("the native mapping")?);
        if let Ok(jsonata) = &jsonata {
            take(Mapper::Jsonata, jsonata.time(arguments.window()).context("JSONata's mapping")?);
        }
    }
    let missing = jsonata.err().map(|why| Missing { name: format!("{}, JSONata", Name::Mapping), why });
    Ok((timed, missing))
}

/// Counts iterations and their time, of the clock and of the processors.
struct Count {
    clock: Clock,
    start: Instant,
    ticks: u64,
    iterations: u64,
    length: Duration,
}

impl Count {
    fn begin(length: Duration) -> anyhow::Result<Self> {
        let ticks = cpu::ticks(&[std::process::id()])?;
        Ok(Self { clock: Clock::ask()?, start: Instant::now(), ticks, iterations: 0, length })
    }

    /// A batch was made; says whether there is time for another.
    fn again(&mut self) -> bool {
        self.iterations += u64::from(BATCH);
        self.start.elapsed() < self.length
    }

    fn end(self) -> anyhow::Result<Time> {
        let us = self.start.elapsed().as_secs_f64() * 1e6 / self.iterations as f64;
        let ticks = cpu::ticks(&[std::process::id()])? - self.ticks;
        Ok(Time { iterations: self.iterations, us, cpu_us: self.clock.micros(ticks) / self.iterations as f64 })
    }
}

/// Whether what was made is right.
fn check(fields: &[(String, String)], unified: &str) -> anyhow::Result<()> {
    let change: Map<String, Value> = serde_json::from_str(CHANGE)?;
    let text = |name: &str| change.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let expected = [("title".to_owned(), text("name")), ("description".to_owned(), text("description"))];
    ensure!(fields == expected, "the form's fields are {fields:?}");
    let made: Value = serde_json::from_str(unified)?;
    let mut expected: Map<String, Value> = serde_json::from_str(UNIFIED)?;
    // The native object is the gateway's to add, not the mapping's.
    expected.shift_remove("remote_data");
    ensure!(made == Value::Object(expected), "the unified object is {unified}");
    Ok(())
}
