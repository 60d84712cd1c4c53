//! Mappings that time themselves: programs that answer with one JSON object.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use patchboard_bench::timing::Answer;

use crate::servers::node;

/// A program with everything it has to be told but the seconds, which stand last.
pub(super) struct Outside {
    program: PathBuf,
    folder: PathBuf,
    arguments: Vec<OsString>,
}

impl Outside {
    /// The program beside this one.
    pub(super) fn native() -> Result<Self, String> {
        let name = format!("patchboard-bench-native{}", env::consts::EXE_SUFFIX);
        let program = env::current_exe().map_err(|e| e.to_string())?.with_file_name(name);
        let folder = program.parent().map(Path::to_owned).unwrap_or_default();
        if program.is_file() {
            Ok(Self { program, folder, arguments: Vec::new() })
        } else {
            Err(format!("{} is not there", program.display()))
        }
    }

    /// The Node server's expressions.
    pub(super) fn jsonata(peer: &Path) -> Result<Self, String> {
        let arguments = ["mapping.mjs", "../../exchange/change.json", "../../exchange/native.json"].map(OsString::from).to_vec();
        Ok(Self { program: node::program(peer)?, folder: peer.to_owned(), arguments })
    }

    /// Times the two calls.
    pub(super) fn time(&self, length: Duration) -> anyhow::Result<Answer> {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(&self.arguments).arg(length.as_secs().to_string());
        let answer = command.stdin(Stdio::null()).output()?;
        ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        serde_json::from_slice(&answer.stdout).context("its answer")
    }
}
