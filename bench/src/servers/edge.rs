//! The edge app in the stand-in for Spin, with the accounts of a host's store.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::patchboard::Home;
use super::{Name, Server};
use crate::exchange::{self, UPSTREAM_PATH};
use crate::load;
use crate::message::request;
use crate::processes::Running;

/// What guards the import route of the benchmark's app.
const ADMIN_TOKEN: &str = "an-admin-token-of-the-benchmarks";

/// The programs and files that it is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    pub stand_in: &'a Path,
    pub manifest: &'a Path,
}

/// An export of a host's store, and the request of its account.
pub struct Store {
    key: String,
    export: Vec<u8>,
    pub request: Vec<u8>,
}

impl Store {
    pub fn of(home: &Home<'_>, upstream: SocketAddr) -> anyhow::Result<Self> {
        let (token, account) = (home.token()?, home.account("wrike", &format!("http://{upstream}{UPSTREAM_PATH}"))?);
        let file = home.folder.join("data").join("key");
        let key = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let export = home.said(&["edge", "sync", "--output", "-"])?.into_bytes();
        Ok(Self { key: key.trim().to_owned(), export, request: exchange::unified(&token, &account, exchange::CHANGE) })
    }
}

/// Starts the app and gives it the store.
pub async fn serve(parts: Parts<'_>, store: &Store, upstream: SocketAddr, folder: &Path) -> anyhow::Result<(Running, SocketAddr)> {
    let mut command = Command::new(parts.stand_in);
    command.arg("--manifest").arg(parts.manifest);
    let upstream = format!("http://{upstream}");
    for (name, value) in [("encryption_key", store.key.as_str()), ("admin_token", ADMIN_TOKEN), ("extra_upstream", &upstream)] {
        command.arg("--variable").arg(format!("{name}={value}"));
    }
    let (running, address) = Running::server(&mut command, "edge", folder)?;
    let authorization = format!("Bearer {ADMIN_TOKEN}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/x-ndjson")];
    let body = String::from_utf8_lossy(&store.export);
    let (status, answer) = load::once(address, &request("PUT", "/edge/import", &headers, &body)).await?;
    ensure!(status == 200, "the import is answered with {status}: {}", String::from_utf8_lossy(&answer));
    Ok((running, address))
}

pub(super) async fn start(parts: Parts<'_>, program: &Path, upstream: SocketAddr, folder: &Path) -> anyhow::Result<Server> {
    let store = Store::of(&Home::new(program, folder, "warn"), upstream)?;
    let (process, address) = serve(parts, &store, upstream, folder).await?;
    Ok(Server::new(Name::Edge, address, store.request, Some(process)))
}
