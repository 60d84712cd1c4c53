//! Node: the same mapping in JSONata, in a server that does nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Name, Server};
use crate::exchange::{self, UPSTREAM_PATH, UPSTREAM_TOKEN};
use crate::processes::{Running, find, first_line};

const TOKEN: &str = "bench-token-0123456789abcdef0123456789abcdef";
const ACCOUNT: &str = "5f0c7a52-6c0e-4b52-9a54-2f3a6f1f9a10";
const PACKAGES: [&str; 3] = ["@truto/truto-jsonata", "jsonata", "undici"];

/// Node's program, or why the peer cannot be had.
pub fn program(peer: &Path) -> Result<PathBuf, String> {
    let program = find("node").ok_or("node is not here; version 20.18 or later is needed")?;
    if PACKAGES.iter().all(|package| peer.join("node_modules").join(package).is_dir()) {
        Ok(program)
    } else {
        Err(format!("its packages are not here; run npm ci in {}", peer.display()))
    }
}

/// The versions of everything that the peer is made of.
pub fn versions(program: &Path, peer: &Path) -> BTreeMap<String, String> {
    let version = |package: &str| {
        let text = fs::read(peer.join("node_modules").join(package).join("package.json")).ok()?;
        let manifest: Value = serde_json::from_slice(&text).ok()?;
        Some(manifest.get("version")?.as_str()?.to_owned())
    };
    let packages = PACKAGES.iter().filter_map(|package| Some(((*package).to_owned(), version(package)?)));
    first_line(program, &["--version"]).map(|version| ("node".to_owned(), version)).into_iter().chain(packages).collect()
}

pub(super) fn start(
    peer: &Path,
    upstream: SocketAddr,
    folder: &Path,
    versions: &mut BTreeMap<String, String>,
) -> anyhow::Result<Result<Server, String>> {
    let program = match program(peer) {
        Ok(program) => program,
        Err(why) => return Ok(Err(why)),
    };
    versions.append(&mut self::versions(&program, peer));
    let mut command = Command::new(&program);
    command.arg("server.mjs").current_dir(peer).env("NODE_ENV", "production");
    for (name, value) in [
        ("BENCH_UPSTREAM", format!("http://{upstream}").as_str()),
        ("BENCH_UPSTREAM_PATH", UPSTREAM_PATH),
        ("BENCH_UPSTREAM_TOKEN", UPSTREAM_TOKEN),
        ("BENCH_TOKEN", TOKEN),
        ("BENCH_ACCOUNT", ACCOUNT),
    ] {
        command.env(name, value);
    }
    let (process, address) = Running::server(&mut command, "node", folder)?;
    Ok(Ok(Server::new(Name::Node, address, exchange::unified(TOKEN, ACCOUNT, exchange::CHANGE), Some(process))))
}
