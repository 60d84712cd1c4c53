//! The servers that are compared, with the sandbox behind them.

pub mod edge;
mod nginx;
pub mod node;
mod patchboard;
mod sandbox;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;
use tempfile::TempDir;

use crate::Arguments;
use crate::exchange::Kind;
use crate::processes::Running;
pub use patchboard::{Guarded, Home};
use sandbox::Sandbox;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// Patchboard, without a line in its log for each request: the others write none either
    Patchboard,
    /// Patchboard as it is without configuration: a line in its log for each request
    PatchboardLog,
    /// nginx, which passes the native request on
    Nginx,
    /// Node, which maps in JSONata
    Node,
    /// The sandbox itself, with nothing before it
    Direct,
    /// The edge app, in the stand-in for Spin
    Edge,
    /// The mapping alone, without HTTP
    Mapping,
    /// Patchboard's requests of one plugin while another attacks
    Neighbour,
    /// The first request of a server, native and at the edge
    Cold,
}

impl Name {
    pub const SERVERS: [Self; 6] = [Self::Patchboard, Self::PatchboardLog, Self::Nginx, Self::Node, Self::Edge, Self::Direct];
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Patchboard => "patchboard",
            Self::PatchboardLog => "patchboard-log",
            Self::Nginx => "nginx",
            Self::Node => "node",
            Self::Direct => "direct",
            Self::Edge => "edge",
            Self::Cold => "cold",
            Self::Mapping => "mapping",
            Self::Neighbour => "neighbour",
        })
    }
}

/// Something that is not measured.
#[derive(Debug, Clone, Serialize)]
pub struct Missing {
    pub name: String,
    pub why: String,
}

/// A server that answers the exchange.
pub struct Server {
    pub name: Name,
    pub address: SocketAddr,
    pub request: Arc<[u8]>,
    /// None for the sandbox, which runs anyway.
    process: Option<Running>,
}

impl Server {
    fn new(name: Name, address: SocketAddr, request: Vec<u8>, process: Option<Running>) -> Self {
        Self { name, address, request: request.into(), process }
    }

    fn kind(&self) -> Kind {
        match self.name {
            Name::Nginx | Name::Direct => Kind::Native,
            _ => Kind::Unified,
        }
    }
}

/// Everything that runs. What stands first ends first.
pub struct Stage {
    pub servers: Vec<Server>,
    sandbox: Sandbox,
    pub missing: Vec<Missing>,
    pub versions: BTreeMap<String, String>,
    _folder: TempDir,
}

impl Stage {
    /// Starts what is wanted and can be had, and has each answer the exchange once.
    pub async fn set(arguments: &Arguments) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let sandbox = Sandbox::start(&arguments.sandbox, folder.path())?;
        let mut stage = Self { servers: Vec::new(), sandbox, missing: Vec::new(), versions: BTreeMap::new(), _folder: folder };
        for name in Name::SERVERS.into_iter().filter(|name| arguments.wants(*name)) {
            let folder = stage._folder.path().join(name.to_string());
            std::fs::create_dir(&folder)?;
            match stage.start(name, arguments, &folder).await.with_context(|| format!("cannot start {name}"))? {
                Ok(server) => stage.servers.push(server),
                Err(why) => stage.missing.push(Missing { name: name.to_string(), why }),
            }
        }
        for server in &stage.servers {
            stage.sandbox.reset().await?;
            server.kind().check(server.address, &server.request).await.with_context(|| format!("{} does not answer right", server.name))?;
        }
        Ok(stage)
    }

    /// A server, or why there is none.
    async fn start(&mut self, name: Name, arguments: &Arguments, folder: &Path) -> anyhow::Result<Result<Server, String>> {
        let upstream = self.sandbox.address;
        Ok(match name {
            Name::Patchboard => Ok(patchboard::start(name, "warn", &arguments.patchboard, upstream, folder)?),
            Name::PatchboardLog => Ok(patchboard::start(name, "info", &arguments.patchboard, upstream, folder)?),
            Name::Nginx => nginx::start(upstream, folder, &mut self.versions).await?,
            Name::Node => node::start(&arguments.node_peer, upstream, folder, &mut self.versions)?,
            Name::Edge => Ok(edge::start(arguments.edge(), &arguments.patchboard, upstream, folder).await?),
            Name::Direct | Name::Mapping | Name::Neighbour | Name::Cold => {
                Ok(Server::new(Name::Direct, upstream, crate::exchange::native(), None))
            }
        })
    }

    /// Where the provider listens.
    pub fn upstream(&self) -> SocketAddr {
        self.sandbox.address
    }

    /// A folder that is there until the end.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self._folder.path().join(name);
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// A server with a hostile plugin.
    pub fn guarded(&self, arguments: &Arguments) -> anyhow::Result<Guarded> {
        let folder = self.folder(&Name::Neighbour.to_string())?;
        Guarded::start(&arguments.patchboard, &arguments.hostile, self.sandbox.address, &folder)
    }

    /// The sandbox as at its start.
    pub async fn reset(&self) -> anyhow::Result<()> {
        self.sandbox.reset().await
    }

    /// The process of a server.
    pub fn pid(&self, server: &Server) -> u32 {
        server.process.as_ref().map_or_else(|| self.upstream_pid(), Running::pid)
    }

    pub fn upstream_pid(&self) -> u32 {
        self.sandbox.pid()
    }

    /// What a server last wrote to standard error.
    pub fn errors(&self, server: &Server) -> String {
        server.process.as_ref().map(Running::errors).unwrap_or_default()
    }
}
