//! Rust: cargo makes a core module, and wit-component a component of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Language, declared, misuse, tools, vendored};

const TARGET: &str = "wasm32-unknown-unknown";
const NO_CARGO: &str = "cargo is not here; install Rust from https://rustup.rs, then run this again";

/// The plugin's name and its component.
pub(super) fn component(dir: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let manifest = fs::read_to_string(dir.join("Cargo.toml")).map_err(|e| misuse(format!("cannot read Cargo.toml: {e}")))?;
    if manifest.contains("vendor/patchboard-sdk") {
        vendored(dir, Language::Rust)?;
    }
    let (package, target) = package(dir)?;
    require_target(dir)?;
    let built = cargo().args(["build", "--release", "--target", TARGET]).current_dir(dir).status().context(NO_CARGO)?;
    if !built.success() {
        bail!("cargo build failed");
    }
    let module = target.join(TARGET).join("release").join(format!("{}.wasm", package.replace('-', "_")));
    let bytes =
        fs::read(&module).with_context(|| format!("cannot read {}; has Cargo.toml crate-type = [\"cdylib\"]?", module.display()))?;
    let component = patchboard_pack::componentize(&bytes).map_err(|e| misuse(format!("{package}: {e}")))?;
    // A plugin may keep its manifest elsewhere.
    Ok((declared(dir).unwrap_or(package), component))
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Cargo's own words for a missing target are many; these are what to do.
fn require_target(dir: &Path) -> anyhow::Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let libdir = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).current_dir(dir).output();
    // Whoever has another rustc than cargo's hears it from cargo.
    let Ok(libdir) = libdir else { return Ok(()) };
    if libdir.status.success() && Path::new(String::from_utf8_lossy(&libdir.stdout).trim()).is_dir() {
        return Ok(());
    }
    let how = if tools::find(&["rustup"]).is_some() {
        format!("run: rustup target add {TARGET}")
    } else {
        "install it by the means that installed your Rust, or take Rust from https://rustup.rs".to_owned()
    };
    Err(misuse(format!("the Rust target {TARGET} is missing; {how}")))
}

/// The package's name and where cargo builds it.
fn package(dir: &Path) -> anyhow::Result<(String, PathBuf)> {
    let run = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(dir).output().map_err(|_| misuse(NO_CARGO))?;
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
