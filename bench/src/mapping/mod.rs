//! The mapping alone, without HTTP: the unified change becomes Wrike's form fields, and
//! Wrike's answer becomes the unified object. All begin with the JSON text of the change
//! and of the answer, and end with the fields and the JSON text of the unified object.

mod outside;
mod sandboxed;

use anyhow::Context as _;
use patchboard_bench::timing::Answer;
use serde::Serialize;

use crate::Arguments;
use crate::servers::Missing;
use outside::Outside;

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

impl Mapper {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sandboxed => "component, fresh instances",
            Self::Native => "native Rust",
            Self::Jsonata => "JSONata on Node",
        }
    }
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

/// Measures all, round after round.
pub async fn measure(arguments: &Arguments) -> anyhow::Result<(Vec<Timed>, Vec<Missing>)> {
    let sandboxed = sandboxed::Mapping::load(&arguments.plugin)?;
    let outside = [(Mapper::Native, Outside::native()), (Mapper::Jsonata, Outside::jsonata(&arguments.node_peer))];
    let mut timed = Vec::new();
    for round in 1..=arguments.rounds {
        let mut take = |mapper: Mapper, answer: Answer| {
            answer.check().with_context(|| mapper.title())?;
            eprintln!("    round {round}: the mapping alone, {}: {:.1} µs", mapper.title(), answer.us);
            timed.push(Timed { mapper, round, iterations: answer.iterations, us: answer.us, cpu_us: answer.cpu_us });
            anyhow::Ok(())
        };
        take(Mapper::Sandboxed, sandboxed.time(arguments.window()).await.context("the component's mapping")?)?;
        for (mapper, outside) in &outside {
            if let Ok(outside) = outside {
                take(*mapper, outside.time(arguments.window()).with_context(|| mapper.title())?)?;
            }
        }
    }
    let missing = |(mapper, outside): (Mapper, Result<Outside, String>)| {
        outside.err().map(|why| Missing { name: format!("mapping in {}", mapper.title()), why })
    };
    Ok((timed, outside.into_iter().filter_map(missing).collect()))
}
