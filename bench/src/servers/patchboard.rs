//! Patchboard, with a store of its own, an account at the sandbox and a token.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use super::{Name, Server};
use crate::exchange::{self, UPSTREAM_PATH, UPSTREAM_TOKEN};
use crate::processes::Running;

pub(super) fn start(name: Name, log_filter: &str, program: &Path, upstream: SocketAddr, folder: &Path) -> anyhow::Result<Server> {
    let data = folder.join("data");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).arg("--data-dir").arg(&data);
        command.env_remove("PATCHBOARD_CONFIG").env("PATCHBOARD_LOG__FILTER", log_filter);
        command
    };
    let token = said(command(&["token", "create", "--name", "bench"]), "")?;
    let base_url = format!("base_url=http://{upstream}{UPSTREAM_PATH}");
    let credential = format!("{{\"access_token\":\"{UPSTREAM_TOKEN}\"}}");
    let add = command(&["account", "add", "--provider", "wrike", "--credential-file", "-", "--setting", &base_url]);
    let account = said(add, &credential)?;
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--allow-upstream", &format!("http://{upstream}")]);
    let (process, address) = Running::server(&mut serve, &name.to_string(), folder)?;
    Ok(Server::new(name, address, exchange::unified(&token, &account), Some(process)))
}

/// What a command answers.
fn said(mut command: Command, input: &str) -> anyhow::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("no standard input")?.write_all(input.as_bytes())?;
    let answer = child.wait_with_output()?;
    ensure!(answer.status.success(), "{command:?}: {}", String::from_utf8_lossy(&answer.stderr));
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}
