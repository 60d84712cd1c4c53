//! The processes of the demo: sandbox and server on free ports, with a store in a
//! temporary folder, and an account for each provider.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::providers::{PROVIDERS, Provider};
use crate::build::Built;
use crate::sh::step;

/// A process that ends with the demo.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Asks it to end, and waits until it has.
    fn end(mut self) -> anyhow::Result<()> {
        crate::sh::run(Command::new("kill").arg(self.0.id().to_string()))?;
        let status = self.0.wait()?;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

/// Everything that runs. What is dropped first stands first.
pub struct Stage {
    server_process: Running,
    _sandbox: Running,
    _data: TempDir,
    pub server: String,
    pub sandbox: String,
    pub token: String,
    accounts: BTreeMap<&'static str, String>,
}

impl Stage {
    /// Starts everything.
    pub fn set(built: &Built) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let (sandbox_process, sandbox) =
            step("start the sandbox", || start(Command::new(&built.sandbox).args(["--listen", "127.0.0.1:0"])))?;
        let (server_process, server) = step("start the server", || {
            let mut serve = Command::new(&built.patchboard);
            serve.args(["serve", "--listen", "127.0.0.1:0", "--allow-upstream", &sandbox]).arg("--data-dir").arg(data.path());
            start(serve.env("PATCHBOARD_LOG__FILTER", "warn"))
        })?;
        let (token, accounts) = step("make a token and an account for each provider", || {
            let token = patchboard(&built.patchboard, data.path(), &["token", "create", "--name", "demo"], "")?;
            Ok((token, accounts(&built.patchboard, data.path(), &sandbox)?))
        })?;
        Ok(Self { server_process, _sandbox: sandbox_process, _data: data, server, sandbox, token, accounts })
    }

    /// The URL of an object; of all of them, where it is empty.
    pub fn url(&self, provider: &Provider, object: &str) -> String {
        let account = self.accounts.get(provider.name).map_or("", String::as_str);
        let slash = if object.is_empty() { "" } else { "/" };
        format!("{}/unified/ticketing/workspaces{slash}{object}?integrated_account_id={account}", self.server)
    }

    /// The URL of an update.
    pub fn update_url(&self, provider: &Provider, object: &str) -> String {
        let query = provider.query.map(|query| format!("&{query}")).unwrap_or_default();
        self.url(provider, object) + &query
    }

    /// Has the server end of its own accord.
    pub fn end(self) -> anyhow::Result<()> {
        self.server_process.end()
    }

    /// Empties the sandbox's log of requests.
    pub async fn forget_requests(&self, client: &Client) -> anyhow::Result<()> {
        client.delete(format!("{}/_control/requests", self.sandbox)).send().await?.error_for_status()?;
        Ok(())
    }

    /// The last request that reached a provider, as the sandbox saw it.
    pub async fn last_request(&self, client: &Client, provider: &str) -> anyhow::Result<Value> {
        let answer = client.get(format!("{}/_control/requests?provider={provider}", self.sandbox)).send().await?;
        let log: Value = serde_json::from_slice(&answer.bytes().await?)?;
        log.get("requests")
            .and_then(Value::as_array)
            .and_then(|requests| requests.last())
            .cloned()
            .with_context(|| format!("no request reached {provider}"))
    }
}

/// A client for loopback.
pub fn client() -> anyhow::Result<Client> {
    // Set by whoever comes first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().no_proxy().build()?)
}

/// Starts a process and reads the address that it listens on from its first line.
fn start(command: &mut Command) -> anyhow::Result<(Running, String)> {
    let mut child =
        command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let out = child.stdout.take().context("no standard output")?;
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.split_whitespace().find(|word| word.starts_with("http://"));
    let Some(address) = address else { bail!("{:?} did not start: {line:?}", command.get_program()) };
    Ok((running, address.to_owned()))
}

fn accounts(program: &Path, data: &Path, sandbox: &str) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let add = |provider: &'static Provider| {
        let base_url = format!("base_url={sandbox}{}", provider.base_path);
        let mut arguments = vec!["account", "add", "--provider", provider.name, "--credential-file", "-", "--setting", &base_url];
        provider.settings.iter().for_each(|setting| arguments.extend(["--setting", setting]));
        let credential = format!(r#"{{"access_token":"sandbox-{}"}}"#, provider.name);
        Ok((provider.name, patchboard(program, data, &arguments, &credential)?))
    };
    PROVIDERS.iter().map(add).collect()
}

/// Runs the command and answers what it printed.
fn patchboard(program: &Path, data: &Path, arguments: &[&str], input: &str) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg("--data-dir").arg(data).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    child.stdin.take().context("no standard input")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("patchboard {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
