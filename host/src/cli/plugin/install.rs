//! `patchboard plugin install`: a plugin of a registry into the data folder.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use patchboard_gateway::contract::Provider as _;

use super::super::{Common, misuse, print_json};
use super::offer::{Before, Offer};
use super::source::{DONE, Way, failed, fetch, policy, refused};
use crate::config::Config;
use crate::installed::{Asks, Folder, Lock, Locked, Policy, Proof, version_of};
use crate::models::{Known, served};
use crate::oci::{Fetched, Reference, tag_of};
use crate::registry::bundled;
use crate::runtime::{CompiledCache, Machine, Plugin};
use crate::service;
use crate::store::Store;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
It shows what the plugin asks for and what of it is new, and installs it after a yes. plugins.lock in the data folder \
pins what is installed; without a reference, exactly that is restored. [plugins_policy] of the configuration says which \
signers, registries and hosts are taken; the server asks it again each time that it loads the plugin.

Examples:
  patchboard plugin install oci://ghcr.io/acme/acme-crm:1.2.0
  patchboard plugin install --locked")]
pub(in super::super) struct Arguments {
    /// Where it is: oci://registry/name:version, or oci://registry/name@sha256:…
    pub(super) reference: Option<String>,
    /// Restore what plugins.lock names, as without a reference
    #[arg(long, conflicts_with = "reference")]
    locked: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Show what would be installed, and install nothing
    #[arg(long, conflicts_with_all = ["locked", "yes"], requires = "reference")]
    dry_run: bool,
    #[command(flatten)]
    pub(super) way: Way,
    /// For machines; with --yes or --dry-run
    #[arg(long)]
    pub(super) json: bool,
}

/// What plugins are admitted with, as a server would.
pub(super) struct Bench {
    pub(super) config: Config,
    pub(super) machine: Arc<Machine>,
    pub(super) cache: CompiledCache,
    models: Known,
}

impl Bench {
    fn new(common: &Common) -> anyhow::Result<Self> {
        let (config, store): (Config, Store) = common.store()?;
        let machine = Arc::new(Machine::new(config.bounds())?);
        let cache = CompiledCache::open(&config.data_dir.join("cache"), store.vault().key())?;
        let models = service::models(&config)?;
        Ok(Self { config, machine, cache, models })
    }

    pub(super) fn admit(&self, what: impl std::fmt::Display, component: &[u8]) -> anyhow::Result<Plugin> {
        let refused = |why: &dyn std::fmt::Display| anyhow::anyhow!("{what} is not admitted: {why}");
        let plugin = Plugin::admit_to_serve(&self.machine, component, Some(&self.cache)).map_err(|error| refused(&error))?;
        served(plugin.manifest(), self.models.all()).map_err(|error| refused(&error))?;
        Ok(plugin)
    }
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.reference {
        Some(reference) => install(common, arguments, reference),
        None => super::locked::restore(&Bench::new(common)?, arguments),
    }
}

fn install(common: &Common, arguments: &Arguments, reference: &str) -> anyhow::Result<ExitCode> {
    let reference: Reference = reference.parse().map_err(failed)?;
    if reference.at().is_none() {
        return Err(misuse(format!("{reference} has no version; write oci://registry/name:version")));
    }
    arguments.check()?;
    let bench = Bench::new(common)?;
    let settings = arguments.way.policy(&bench.config, &reference);
    let policy = policy(&settings)?;
    let (fetched, signer) = fetch(&reference, &settings, &policy)?;
    let plugin = bench.admit(&reference, &fetched.component)?;
    let locked = locked(&reference, &fetched, signer, &plugin, &policy)?;
    let folder = Folder::of(&bench.config.data_dir);
    let lock = folder.lock()?;
    let is_there = lock.find(&locked.name, &locked.version) == Some(&locked) && folder.read(&locked).is_ok();
    let before = before(&bench, &folder, &lock, &locked);
    let mut offer = Offer::new(&plugin, &locked, &fetched, before);
    if !arguments.json {
        offer.print();
    }
    if is_there {
        offer.installed = true;
        eprintln!("it is installed already");
    } else if arguments.consents()? {
        folder.enter()?.install(&fetched.component, locked, &Proof::of(&fetched))?;
        offer.installed = true;
        eprintln!("it is installed; a server that runs loads it at its next start");
    }
    if arguments.json {
        print_json(&offer)?;
    }
    DONE
}

/// What the lock file is to say. The component decides what it is; a registry that holds
/// another version under a version's name is told.
fn locked(reference: &Reference, fetched: &Fetched, signer: Option<String>, plugin: &Plugin, policy: &Policy) -> anyhow::Result<Locked> {
    let manifest = plugin.manifest();
    policy.hosts(manifest).map_err(|refusal| refused(reference, &refusal))?;
    let Some(version) = version_of(&manifest.version) else {
        bail!("{reference} is not installed: its version {:?} is no SemVer, such as 1.2.0", crate::text::plain(&manifest.version));
    };
    let is_version = |tag: &str| version_of(&tag.replace('_', "+")).is_some();
    match reference.tag() {
        Some(tag) if is_version(tag) && tag != tag_of(&manifest.version) => {
            bail!("{reference} is not installed: what the registry holds there is {} {version}", manifest.name)
        }
        _ => {}
    }
    let digest = fetched.resolved.layout.component.digest.clone();
    let (name, source, manifest) = (manifest.name.clone(), reference.clone(), fetched.resolved.digest.clone());
    Ok(Locked { name, version, source, manifest, digest, signer })
}

/// The version that is installed before it, or else the newest, or else the bundled one.
fn before(bench: &Bench, folder: &Folder, lock: &Lock, locked: &Locked) -> Option<Before> {
    let versions = lock.versions(&locked.name);
    let older = versions.iter().rev().find(|plugin| plugin.version <= locked.version);
    let (component, source) = match older.or(versions.last()) {
        Some(plugin) => (folder.read(plugin).ok()?, plugin.source.to_string()),
        None => (bundled(&locked.name)?.to_vec(), "bundled".to_owned()),
    };
    let plugin = bench.admit(&source, &component).ok()?;
    let manifest = plugin.manifest();
    Some(Before { version: crate::text::plain(&manifest.version), source, asks: Asks::of(manifest) })
}

impl Arguments {
    /// What cannot be answered is told before anything is downloaded.
    fn check(&self) -> anyhow::Result<()> {
        if self.yes || self.dry_run {
            return Ok(());
        }
        if self.json {
            return Err(misuse("--json cannot ask; add --yes to install it, or --dry-run to see what it asks for"));
        }
        if !io::stdin().is_terminal() {
            return Err(misuse("there is no terminal to ask at; add --yes to install it, or --dry-run to see what it asks for"));
        }
        Ok(())
    }

    fn consents(&self) -> anyhow::Result<bool> {
        if self.yes || self.dry_run {
            return Ok(self.yes);
        }
        eprint!("install it? [y/N] ");
        io::stderr().flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            return Ok(true);
        }
        bail!("nothing was installed")
    }
}
