//! The processes that a run starts, and ends.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};

/// Until a server says where it listens.
const START: Duration = Duration::from_secs(30);
/// Lines of a server's standard error that are shown when it does not start.
const SHOWN: usize = 5;

/// A process that ends with the run.
pub struct Running {
    child: Child,
    /// Ends the process in its own way, where it has children that outlive it.
    stop: Option<Command>,
    errors: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let stopped = self.stop.as_mut().is_some_and(|stop| stop.output().is_ok_and(|answer| answer.status.success()));
        if !stopped {
            // It may have ended by itself.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts a process. What it writes to standard error goes to a file of `folder`.
    pub fn start(command: &mut Command, name: &str, folder: &Path) -> anyhow::Result<Self> {
        let errors = folder.join(format!("{name}.log"));
        command.stdin(Stdio::piped()).stderr(File::create(&errors)?);
        let child = command.spawn().with_context(|| format!("cannot run {:?}", command.get_program()))?;
        Ok(Self { child, stop: None, errors })
    }

    pub fn stop_by(mut self, stop: Command) -> Self {
        self.stop = Some(stop);
        self
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The end of what it wrote to standard error.
    pub fn errors(&self) -> String {
        let text = fs::read_to_string(&self.errors).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default().join("\n")
    }

    /// Starts a server that says on its first line where it listens.
    pub fn server(command: &mut Command, name: &str, folder: &Path) -> anyhow::Result<(Self, SocketAddr)> {
        let mut running = Self::start(command.stdout(Stdio::piped()), name, folder)?;
        let out = running.child.stdout.take().context("no standard output")?;
        let (send, first) = mpsc::channel();
        thread::spawn(move || {
            // Read to its end, so that the server can go on writing.
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let line = first.recv_timeout(START).map_err(|_| anyhow!("{name} does not say where it listens\n{}", running.errors()))?;
        let Some(address) = address(&line) else { bail!("{name} does not say where it listens: {line}") };
        Ok((running, address))
    }
}

fn address(line: &str) -> Option<SocketAddr> {
    line.split_once("http://")?.1.split_whitespace().next()?.parse().ok()
}

/// A program of the PATH, or of the folders where Debian keeps servers.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The first line that a program says, on either stream.
pub fn first_line(program: &Path, arguments: &[impl AsRef<OsStr>]) -> Option<String> {
    let answer = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = if answer.stdout.is_empty() { answer.stderr } else { answer.stdout };
    String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_where_it_listens() {
        let expected = Some(SocketAddr::from(([127, 0, 0, 1], 80)));
        for line in ["x listening on http://127.0.0.1:80", "x listening on http://127.0.0.1:80 with wrike, workiva"] {
            assert_eq!(address(line), expected);
        }
        assert_eq!(address("error"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_server_that_does_not_start_is_told_with_its_own_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        let refused = Running::server(command.args(["-c", "echo no such port >&2"]), "shell", folder.path());
        assert_eq!(refused.err().unwrap().to_string(), "shell does not say where it listens\nno such port");
    }
}
