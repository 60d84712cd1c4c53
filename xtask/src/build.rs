//! `cargo xtask build`: plugins first, because the server carries them inside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::guided;
use crate::sh::{self, cargo, has, root, step, target_dir};

const PLUGIN_TARGET: &str = "wasm32-unknown-unknown";
/// What the components of the edge are built for.
pub const EDGE_TARGET: &str = "wasm32-wasip2";

/// What to build.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Options {
    /// With the optimisations of a release.
    #[arg(long)]
    pub release: bool,
    /// A release of which it is known what runs often: built twice, with some seconds of requests
    /// in between. Twice as long to build, and a request takes a quarter less of the processor
    #[arg(long)]
    pub profile_guided: bool,
    /// And what only tests use: their components, and the tests
    #[arg(long, hide = true)]
    pub tests: bool,
}

/// What was built.
pub struct Built {
    pub patchboard: PathBuf,
    pub sandbox: PathBuf,
}

/// Builds everything.
pub fn run(options: &Options) -> anyhow::Result<Built> {
    if options.profile_guided {
        return guided::run();
    }
    plugins()?;
    if options.tests {
        test_plugins()?;
    }
    let profile = if options.release { "release" } else { "debug" };
    // What the whole workspace asks of its dependencies is more than what these two ask: built alone
    // first, most of it would be compiled once more for the tests.
    let what: &[&str] =
        if options.tests { &["--workspace", "--bins", "--tests"] } else { &["-p", "patchboard", "-p", "patchboard-sandbox"] };
    step(&format!("server and sandbox ({profile}; the first time takes minutes)"), || {
        let mut build = cargo();
        build.args(["build", "--locked"]).args(what);
        if options.release {
            build.arg("--release");
        }
        sh::run(&mut build)
    })?;
    Ok(Built { patchboard: program(profile, "patchboard"), sandbox: program(profile, "patchboard-sandbox") })
}

/// Where cargo puts a program.
pub fn program(profile: &str, name: &str) -> PathBuf {
    target_dir().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Builds every plugin into `target/plugins/<folder name>.wasm`, and nothing else there.
pub fn plugins() -> anyhow::Result<()> {
    let folders = plugin_folders()?;
    let packages: Vec<(String, String)> = folders.iter().map(|folder| (folder.clone(), format!("patchboard-plugin-{folder}"))).collect();
    step(&format!("{} plugins", folders.len()), || components(&packages, "plugins"))
}

/// Builds the components that only tests use.
pub fn test_plugins() -> anyhow::Result<()> {
    let packages = ["hostile", "next", "people"].map(|name| (name.to_owned(), format!("patchboard-{name}")));
    step("components for tests", || {
        components(&packages, "test-plugins")?;
        guest()
    })
}

/// Builds the component that tries the stand-in for Spin: `target/test-plugins/guest.wasm`.
fn guest() -> anyhow::Result<()> {
    target(EDGE_TARGET)?;
    sh::run(cargo().args(["build", "--locked", "--profile", "edge", "--target", EDGE_TARGET, "-p", "patchboard-tests-edge-guest"]))?;
    let made = target_dir().join(EDGE_TARGET).join("edge").join("patchboard_tests_edge_guest.wasm");
    fs::copy(&made, target_dir().join("test-plugins").join("guest.wasm")).with_context(|| format!("cannot copy {}", made.display()))?;
    Ok(())
}

/// Builds packages into components, `<name>.wasm` in a folder of the target folder.
fn components(packages: &[(String, String)], folder: &str) -> anyhow::Result<()> {
    target(PLUGIN_TARGET)?;
    let mut build = cargo();
    build.args(["build", "--locked", "--profile", "plugin", "--target", PLUGIN_TARGET]);
    build.args(packages.iter().flat_map(|(_, package)| ["-p", package]));
    sh::run(&mut build)?;
    let out = target_dir().join(folder);
    fs::create_dir_all(&out)?;
    packages.iter().try_for_each(|(name, package)| pack(name, package, &out))?;
    remove_others(&out, packages)
}

/// The names of the folders of the bundled plugins, in order.
pub fn plugin_folders() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("plugins"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().into_string().map_err(|name| anyhow::anyhow!("{name:?} is no plugin's name"))?);
        }
    }
    names.sort();
    Ok(names)
}

fn pack(name: &str, package: &str, out: &Path) -> anyhow::Result<()> {
    let module = target_dir().join(PLUGIN_TARGET).join("plugin").join(format!("{}.wasm", package.replace('-', "_")));
    let bytes = fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    let component = patchboard_pack::componentize(&bytes).with_context(|| format!("the plugin {name}"))?;
    let file = out.join(format!("{name}.wasm"));
    // An unchanged file keeps its time, so that the server is not built again for it.
    if fs::read(&file).ok().as_deref() != Some(&component) {
        fs::write(&file, component)?;
    }
    Ok(())
}

fn remove_others(out: &Path, packages: &[(String, String)]) -> anyhow::Result<()> {
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name();
        if !packages.iter().any(|(package, _)| name.to_str() == Some(&format!("{package}.wasm"))) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Adds a target of the compiler's, where rustup can.
pub fn target(name: &str) -> anyhow::Result<()> {
    let libdir = Command::new("rustc").args(["--print", "target-libdir", "--target", name]).current_dir(root()).output();
    let present = libdir.is_ok_and(|out| out.status.success() && Path::new(String::from_utf8_lossy(&out.stdout).trim()).is_dir());
    if present {
        return Ok(());
    }
    if !has("rustup") {
        bail!("the Rust target {name} is missing and rustup is not here to add it; install the target with your Rust's own means");
    }
    step(&format!("add the Rust target {name}"), || sh::run(Command::new("rustup").args(["target", "add", name]).current_dir(root())))
}
