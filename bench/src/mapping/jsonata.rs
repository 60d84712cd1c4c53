//! The Node server's expressions, timed by Node itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{Time, check};
use crate::servers::node;

pub(super) struct Mapping {
    program: PathBuf,
    peer: PathBuf,
}

/// What `mapping.mjs` answers.
#[derive(Debug, Deserialize)]
struct Answer {
    iterations: u64,
    us: f64,
    cpu_us: f64,
    fields: serde_json::Map<String, Value>,
    unified: Value,
}

impl Mapping {
    /// Finds it, or says why it cannot be had.
    pub(super) fn find(peer: &Path) -> Result<Self, String> {
        Ok(Self { program: node::program(peer)?, peer: peer.to_owned() })
    }

    /// Times the two expressions.
    pub(super) fn time(&self, length: Duration) -> anyhow::Result<Time> {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.peer).args(["mapping.mjs", "../../exchange/change.json", "../../exchange/native.json"]);
        let answer = command.arg(length.as_secs().to_string()).stdin(Stdio::null()).output()?;
        ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        let answer: Answer = serde_json::from_slice(&answer.stdout).context("what mapping.mjs answers")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let fields: Vec<_> = answer.fields.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        check(&fields, &answer.unified.to_string())?;
        Ok(Time { iterations: answer.iterations, us: answer.us, cpu_us: answer.cpu_us })
    }
}
