//! The side of the command.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Command;
use crate::plugins::Report;

/// Why a running server did not do what it was told.
#[derive(Debug, Error)]
pub enum ControlError {
    /// Nobody listens.
    #[error("no server is running on the data folder {0}; start one with `patchboard serve --data-dir {0}`")]
    NoServer(PathBuf),
    /// The connection broke, or its other side is something else.
    #[error("the running server cannot be asked: {0}")]
    Broken(String),
    /// It says why.
    #[error("{0}")]
    Failed(String),
}

/// Gives a command to the server of a data folder and waits for it to be done.
///
/// # Errors
/// [`ControlError`].
#[cfg(unix)]
pub fn ask(data_dir: &Path, command: &Command) -> Result<Report, ControlError> {
    use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::{Answer, socket};

    /// Compiling large plugins on a small machine takes minutes.
    const PATIENCE: Duration = Duration::from_secs(600);

    let broken = |e: &dyn std::fmt::Display| ControlError::Broken(e.to_string());
    let mut stream = UnixStream::connect(socket(data_dir)).map_err(|e| match e.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => ControlError::NoServer(data_dir.to_owned()),
        _ => broken(&e),
    })?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|e| broken(&e))?;
    let line = serde_json::to_string(command).map_err(|e| broken(&e))?;
    stream.write_all(format!("{line}\n").as_bytes()).map_err(|e| broken(&e))?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).map_err(|e| broken(&e))?;
    match serde_json::from_str(&answer).map_err(|e| broken(&e))? {
        Answer::Done(report) => Ok(report),
        Answer::Failed(why) => Err(ControlError::Failed(why)),
    }
}

/// There are no such sockets on this system.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn ask(_data_dir: &Path, _command: &Command) -> Result<Report, ControlError> {
    Err(ControlError::Broken("commands to a running server need a Unix system".to_owned()))
}
