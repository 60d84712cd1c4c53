//! The sandbox: the provider of the exchange.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;

use crate::load;
use crate::message::request;
use crate::processes::Running;

pub(super) struct Sandbox {
    process: Running,
    pub(super) address: SocketAddr,
}

impl Sandbox {
    pub(super) fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let (process, address) = Running::server(Command::new(program).args(["--listen", "127.0.0.1:0"]), "sandbox", folder)?;
        Ok(Self { process, address })
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// From fresh seeds, and without a log of requests, which would only cost.
    pub(super) async fn reset(&self) -> anyhow::Result<()> {
        self.control("/_control/reset", "").await?;
        self.control("/_control/log", "{\"enabled\":false}").await
    }

    async fn control(&self, target: &str, body: &str) -> anyhow::Result<()> {
        let (status, answer) = load::once(self.address, &request("POST", target, &[("content-type", "application/json")], body)).await?;
        ensure!((200..300).contains(&status), "the sandbox answers {target} with {status}: {}", String::from_utf8_lossy(&answer));
        Ok(())
    }
}
