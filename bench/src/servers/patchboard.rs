//! Patchboard, with a store of its own, accounts at the sandbox and a token.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, ensure};

use super::{Name, Server};
use crate::exchange::{self, UPSTREAM_PATH, UPSTREAM_TOKEN};
use crate::processes::Running;

pub(super) fn start(name: Name, log_filter: &str, program: &Path, upstream: SocketAddr, folder: &Path) -> anyhow::Result<Server> {
    let home = Home::new(program, folder, log_filter);
    let (token, account) = (home.token()?, home.account("wrike", &format!("http://{upstream}{UPSTREAM_PATH}"))?);
    let (process, address) = home.serve(name, upstream)?;
    Ok(Server::new(name, address, exchange::unified(&token, &account, exchange::CHANGE), Some(process)))
}

/// Patchboard with a hostile plugin beside the good one.
pub struct Guarded {
    pub address: SocketAddr,
    /// The request of the good plugin.
    pub good: Arc<[u8]>,
    token: String,
    hostile: String,
    process: Running,
}

impl Guarded {
    /// Starts it. `hostile` is the component of `tests/hostile`.
    pub(super) fn start(program: &Path, hostile: &Path, upstream: SocketAddr, folder: &Path) -> anyhow::Result<Self> {
        let plugins = folder.join("plugins");
        std::fs::create_dir(&plugins)?;
        std::fs::copy(hostile, plugins.join("hostile.wasm")).with_context(|| format!("cannot read {}", hostile.display()))?;
        // Each attack is a warning in the log.
        let home = Home { program, folder, log_filter: "error", plugins: Some(plugins) };
        let token = home.token()?;
        let good = home.account("wrike", &format!("http://{upstream}{UPSTREAM_PATH}"))?;
        let hostile = home.account("hostile", &format!("http://{upstream}"))?;
        let (process, address) = home.serve(Name::Neighbour, upstream)?;
        let good = exchange::unified(&token, &good, exchange::CHANGE).into();
        Ok(Self { address, good, token, hostile, process })
    }

    /// The request that has the hostile plugin do something.
    pub fn attack(&self, name: &str) -> Vec<u8> {
        exchange::unified(&self.token, &self.hostile, &format!("{{\"name\":\"{name}\"}}"))
    }

    /// What it last wrote to standard error.
    pub fn errors(&self) -> String {
        self.process.errors()
    }
}

/// What commands of one store have in common.
pub struct Home<'a> {
    program: &'a Path,
    pub(super) folder: &'a Path,
    log_filter: &'a str,
    plugins: Option<PathBuf>,
}

impl<'a> Home<'a> {
    pub fn new(program: &'a Path, folder: &'a Path, log_filter: &'a str) -> Self {
        Self { program, folder, log_filter, plugins: None }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments).arg("--data-dir").arg(self.folder.join("data"));
        command.args(self.plugins.iter().flat_map(|folder| ["--plugins".as_ref(), folder.as_os_str()]));
        command.env_remove("PATCHBOARD_CONFIG").env("PATCHBOARD_LOG__FILTER", self.log_filter);
        command
    }

    /// What a command answers.
    pub(super) fn said(&self, arguments: &[&str]) -> anyhow::Result<String> {
        said(self.command(arguments), "")
    }

    pub(super) fn token(&self) -> anyhow::Result<String> {
        self.said(&["token", "create", "--name", "bench"])
    }

    pub(super) fn account(&self, provider: &str, base_url: &str) -> anyhow::Result<String> {
        let setting = format!("base_url={base_url}");
        let credential = format!("{{\"access_token\":\"{UPSTREAM_TOKEN}\"}}");
        said(self.command(&["account", "add", "--provider", provider, "--credential-file", "-", "--setting", &setting]), &credential)
    }

    /// Starts a server.
    pub fn serve(&self, name: Name, upstream: SocketAddr) -> anyhow::Result<(Running, SocketAddr)> {
        let mut serve = self.command(&["serve", "--listen", "127.0.0.1:0", "--allow-upstream", &format!("http://{upstream}")]);
        Running::server(&mut serve, &name.to_string(), self.folder)
    }
}

/// What a command answers.
fn said(mut command: Command, input: &str) -> anyhow::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("no standard input")?.write_all(input.as_bytes())?;
    let answer = child.wait_with_output()?;
    ensure!(answer.status.success(), "{command:?}: {}", String::from_utf8_lossy(&answer.stderr));
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}
