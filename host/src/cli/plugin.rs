//! `patchboard plugin`.

mod dev;
mod diff;
mod given;
mod list;
mod test;

use std::path::{Path, PathBuf};
use std::process::{Command as Program, ExitCode};
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, bail};
use patchboard_gateway::contract::Provider as _;
use serde_json::{Value, json};

pub(super) use given::given;

use super::{Common, misuse, print_json};
use crate::runtime::{Machine, Plugin};

const TARGET: &str = "wasm32-unknown-unknown";

/// List, reload, inspect, compare, test and build plugins
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the plugins that a server would load, and those it would refuse
    List(list::List),
    /// Let the running server read its plugins again, without losing a request
    Reload(list::Reload),
    /// Admit a component as a server would, and show what it declares
    Inspect {
        /// The component file
        file: PathBuf,
    },
    /// Show what would change from one version of a plugin to another: what is sent, answered and declared
    Diff(diff::Arguments),
    /// Build and test a plugin whenever a file of it changes
    Dev(dev::Arguments),
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
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(arguments) => list::list(common, &arguments),
        Command::Reload(arguments) => list::reload(common, &arguments),
        Command::Inspect { file } => inspect(common, &file),
        Command::Diff(arguments) => diff::run(common, &arguments),
        Command::Dev(arguments) => dev::run(common, &arguments),
        Command::Test(arguments) => test::run(common, &arguments),
        Command::Build { dir, output } => {
            println!("{}", build(&dir, output)?.display());
            Ok(ExitCode::SUCCESS)
        }
    }
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

/// Builds the plugin of a folder and answers where its component is.
fn build(dir: &Path, output: Option<PathBuf>) -> anyhow::Result<PathBuf> {
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
    eprintln!("{package}: {} bytes, no imports", component.len());
    Ok(output)
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
