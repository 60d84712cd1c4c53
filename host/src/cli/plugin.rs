//! `patchboard plugin`.

mod install;
mod locked;
mod offer;
mod pull;
mod push;
mod remove;
mod source;
mod test;

use std::path::{Path, PathBuf};
use std::process::{Command as Program, ExitCode};
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, bail};
use patchboard_gateway::contract::Provider as _;
use serde_json::{Value, json};

use super::{Common, misuse, print_json, print_table};
use crate::registry::Registry;
use crate::runtime::{Machine, Plugin};
use crate::service;

const TARGET: &str = "wasm32-unknown-unknown";

/// List, inspect, test, build, publish and install plugins
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the plugins that a server would load, and those it would refuse
    List {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Admit a component as a server would, and show what it declares
    Inspect {
        /// The component file
        file: PathBuf,
    },
    /// Test a component: its cases, its declaration against its behaviour, the laws of the
    /// contract, generated requests and broken answers
    Test(test::Arguments),
    /// Build the Rust plugin of a folder into an import-free component
    Build {
        /// The folder with its Cargo.toml
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// Where to write the component [default: DIR/<package>.wasm]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Push a component to an OCI registry
    Push(push::Arguments),
    /// Get a component from an OCI registry as a file
    Pull(pull::Arguments),
    /// Install a plugin from an OCI registry, or restore what plugins.lock names
    Install(install::Arguments),
    /// Remove an installed plugin
    Remove(remove::Arguments),
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { json } => {
            let (config, store) = common.store()?;
            list(&service::plugins(&config, &store)?, json)
        }
        Command::Inspect { file } => inspect(common, &file),
        Command::Test(arguments) => test::run(common, &arguments),
        Command::Build { dir, output } => build(&dir, output),
        Command::Push(arguments) => push::run(common, &arguments),
        Command::Pull(arguments) => pull::run(common, &arguments),
        Command::Install(arguments) => install::run(common, &arguments),
        Command::Remove(arguments) => remove::run(common, &arguments),
    }
}

fn list(registry: &Registry, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        let loaded: Vec<Value> = registry.loaded.values().map(|l| json!({"name": l.plugin.identity().name, "version": l.plugin.identity().version, "digest": l.plugin.identity().digest, "source": l.source, "signer": l.signer})).collect();
        let refused: Vec<Value> = registry.refused.iter().map(|r| json!({"source": r.source, "why": r.why})).collect();
        print_json(&json!({"loaded": loaded, "refused": refused}))?;
    } else {
        let row = |l: &crate::registry::Loaded| {
            let identity = l.plugin.identity();
            vec![
                identity.name.clone(),
                identity.version.clone(),
                identity.digest.chars().take(19).collect(),
                l.signer.clone().unwrap_or_default(),
                l.source.clone(),
            ]
        };
        print_table(&["NAME", "VERSION", "DIGEST", "SIGNER", "SOURCE"], &registry.loaded.values().map(row).collect::<Vec<_>>());
        registry.refused.iter().for_each(|r| eprintln!("refused {}: {}", r.source, r.why));
    }
    Ok(if registry.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn inspect(common: &Common, file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = fs::read(file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
    let machine = Arc::new(Machine::new(common.config()?.bounds())?);
    let plugin = Plugin::admit(&machine, &bytes, None).map_err(|e| misuse(format!("{} is not admitted: {e}", file.display())))?;
    let identity = plugin.identity();
    let manifest: Value = serde_json::from_str(plugin.described())?;
    print_json(
        &json!({"name": identity.name, "version": identity.version, "digest": identity.digest, "bytes": bytes.len(), "imports": [], "manifest": manifest}),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn build(dir: &Path, output: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let dir = fs::canonicalize(dir).map_err(|e| misuse(format!("the folder {}: {e}", dir.display())))?;
    if !dir.join("Cargo.toml").is_file() {
        return Err(misuse(format!("{} has no Cargo.toml; give the folder of a Rust plugin", dir.display())));
    }
    let (package, target) = package(&dir)?;
    let built = cargo()
        .args(["build", "--release", "--target", TARGET])
        .current_dir(&dir)
        .status()
        .context("cannot run cargo; install Rust from https://rustup.rs")?;
    if !built.success() {
        bail!("cargo build failed; if the target is missing, run: rustup target add {TARGET}");
    }
    let module = target.join(TARGET).join("release").join(format!("{}.wasm", package.replace('-', "_")));
    let bytes =
        fs::read(&module).with_context(|| format!("cannot read {}; has Cargo.toml crate-type = [\"cdylib\"]?", module.display()))?;
    let component = patchboard_pack::componentize(&bytes).map_err(|e| misuse(format!("{package}: {e}")))?;
    let output = output.unwrap_or_else(|| dir.join(format!("{package}.wasm")));
    fs::write(&output, &component).with_context(|| format!("cannot write {}", output.display()))?;
    println!("{}", output.display());
    eprintln!("{package}: {} bytes, no imports", component.len());
    Ok(ExitCode::SUCCESS)
}

fn cargo() -> Program {
    Program::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The package's name and where cargo builds it.
fn package(dir: &Path) -> anyhow::Result<(String, PathBuf)> {
    let run = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(dir)
        .output()
        .context("cannot run cargo; install Rust from https://rustup.rs")?;
    if !run.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&run.stderr).trim());
    }
    let metadata: Value = serde_json::from_slice(&run.stdout).context("cargo metadata is not JSON")?;
    let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let manifest = dir.join("Cargo.toml");
    let packages = metadata.pointer("/packages").and_then(Value::as_array).into_iter().flatten();
    let own = |package: &&Value| text(package, "/manifest_path").is_some_and(|path| Path::new(&path) == manifest);
    let name = packages.clone().find(own).and_then(|package| text(package, "/name"));
    let name = name.ok_or_else(|| misuse(format!("{} is a workspace; give the folder of one package", dir.display())))?;
    let target = text(&metadata, "/target_directory").context("cargo metadata names no target folder")?;
    Ok((name, PathBuf::from(target)))
}
