//! Commands to a running server, over a socket in its data folder. Who may write there
//! may do anything to the server anyway, so there is no other proof.
//!
//! A command is one line of JSON, and so is its answer.

mod client;
mod server;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::plugins::Report;

pub use client::{ControlError, ask};
pub use server::{Control, listen};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Say which plugins there are.
    Plugins,
    /// Read the plugins again, with these files above all others.
    Reload {
        /// Absolute paths of component files.
        with: Vec<PathBuf>,
    },
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Report),
    Failed(String),
}

fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}
