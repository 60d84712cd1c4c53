//! How long a mapping takes, and whether it is right.

use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cpu::{self, Clock};
use crate::paper::{CHANGE, UNIFIED};

/// Before a measured time.
pub const WARM_UP: Duration = Duration::from_millis(500);
/// Iterations between two looks at the clock.
pub const BATCH: u32 = 100;

/// What a program that maps answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// How often it mapped.
    pub iterations: u64,
    /// Time of one iteration: both calls.
    pub us: f64,
    /// CPU time of one iteration.
    pub cpu_us: f64,
    /// What it made: the fields of the form.
    pub fields: Map<String, Value>,
    /// What it made: the unified object.
    pub unified: Value,
}

/// Counts iterations and their time, of the clock and of the processors.
#[derive(Debug)]
pub struct Count {
    clock: Clock,
    start: Instant,
    ticks: u64,
    iterations: u64,
    length: Duration,
}

impl Count {
    /// Begins.
    ///
    /// # Errors
    /// When CPU time cannot be read.
    pub fn begin(length: Duration) -> anyhow::Result<Self> {
        let ticks = cpu::ticks(&[std::process::id()])?;
        Ok(Self { clock: Clock::ask()?, start: Instant::now(), ticks, iterations: 0, length })
    }

    /// A batch was made; says whether there is time for another.
    pub fn again(&mut self) -> bool {
        self.iterations += u64::from(BATCH);
        self.start.elapsed() < self.length
    }

    /// Ends.
    ///
    /// # Errors
    /// When CPU time cannot be read.
    pub fn end(self, fields: Map<String, Value>, unified: Value) -> anyhow::Result<Answer> {
        let us = self.start.elapsed().as_secs_f64() * 1e6 / self.iterations as f64;
        let ticks = cpu::ticks(&[std::process::id()])? - self.ticks;
        Ok(Answer { iterations: self.iterations, us, cpu_us: self.clock.micros(ticks) / self.iterations as f64, fields, unified })
    }
}

impl Answer {
    /// Whether what was made is right.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> anyhow::Result<()> {
        let change: Map<String, Value> = serde_json::from_str(CHANGE)?;
        let form = [("title", change.get("name")), ("description", change.get("description"))];
        let right = self.fields.len() == form.len() && form.iter().all(|(name, value)| self.fields.get(*name) == *value);
        ensure!(right, "the form's fields are {:?}", self.fields);
        let mut expected: Map<String, Value> = serde_json::from_str(UNIFIED)?;
        // The native object is the gateway's to add, not the mapping's.
        expected.shift_remove("remote_data");
        ensure!(self.unified == Value::Object(expected), "the unified object is {}", self.unified);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn iterations_are_counted_in_batches_and_checked() {
        let mut count = Count::begin(Duration::ZERO).unwrap();
        assert!(!count.again());
        let answer = count.end(Map::new(), json!({})).unwrap();
        assert_eq!(answer.iterations, u64::from(BATCH));
        assert!(answer.check().unwrap_err().to_string().contains("the form's fields are {}"));
    }
}
