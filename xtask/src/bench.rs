//! `cargo xtask bench`: Patchboard beside nginx and beside Node, on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::sh::{self, cargo, has, root, step, target_dir};
use crate::{build, edge};

const NAMES: [&str; 9] = ["patchboard", "patchboard-log", "nginx", "node", "edge", "direct", "mapping", "neighbour", "cold"];

/// How to measure.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Write the results as JSON here [default: target/bench.json]
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Length of each measured window
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// How often everything is measured
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=10))]
    rounds: u8,
    /// Measure the server as it is built without a profile, which is built sooner
    #[arg(long)]
    plain: bool,
    /// Measure only these
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = NAMES)]
    only: Vec<String>,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

/// Builds what is needed, gets the peers where they can be had, and measures.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let built = build::run(&build::Options { release: true, profile_guided: !options.plain, ..build::Options::default() })?;
    build::test_plugins()?;
    step("benchmarks (release)", || {
        // Built with the server's packages and without plugins, what they share is compiled once.
        let server = ["-p", "patchboard", "-p", "patchboard-sandbox", "-p", "patchboard-bench", "--features", "patchboard-bench/server"];
        sh::run(release().args(server))?;
        sh::run(release().args(["-p", "patchboard-bench", "--bin", "patchboard-bench-native", "--features", "native"]))
    })?;
    step("the edge app (release)", || {
        edge::components()?;
        sh::run(release().args(["-p", "patchboard-tests-edge", "--bins"]))
    })?;
    let node_peer = root().join("bench").join("peers").join("node");
    if options.wants("node") || options.wants("mapping") {
        told("the Node server's packages", npm(&node_peer));
    }
    if options.wants("nginx") {
        told("nginx", nginx());
    }
    let json = options.json.clone().unwrap_or_else(|| target_dir().join("bench.json"));
    let mut bench = Command::new(build::program("release", "patchboard-bench"));
    bench.arg("--patchboard").arg(&built.patchboard).arg("--sandbox").arg(&built.sandbox);
    bench.arg("--plugin").arg(target_dir().join("plugins").join("wrike.wasm")).arg("--node-peer").arg(node_peer);
    bench.arg("--edge-stand-in").arg(build::program("release", "patchboard-edge-stand-in"));
    bench.arg("--edge-manifest").arg(root().join("spin.toml"));
    bench.arg("--hostile").arg(target_dir().join("test-plugins").join("hostile.wasm"));
    bench.arg("--json").arg(json).args(["--seconds", &options.seconds.to_string(), "--rounds", &options.rounds.to_string()]);
    for name in &options.only {
        bench.args(["--only", name]);
    }
    step("measure", || sh::run(&mut bench))
}

fn release() -> Command {
    let mut build = cargo();
    build.args(["build", "--locked", "--release", "--no-default-features"]);
    build
}

/// A peer that cannot be had is named in the results; the others are measured.
fn told(peer: &str, got: anyhow::Result<()>) {
    if let Err(error) = got {
        eprintln!("    {peer} cannot be had: {error:#}");
    }
}

/// Installs what the lock file names, unless it is there.
fn npm(peer: &Path) -> anyhow::Result<()> {
    let changed = |file: &str| -> Option<SystemTime> { fs::metadata(peer.join(file)).ok()?.modified().ok() };
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return Ok(());
    }
    anyhow::ensure!(has("npm"), "npm is not here; install Node 20.18 or later with npm");
    step("npm ci", || sh::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(peer)))
}

/// Installs Debian's package where that is possible.
fn nginx() -> anyhow::Result<()> {
    if Path::new("/usr/sbin/nginx").is_file() {
        return Ok(());
    }
    sh::debian("nginx", "nginx-light")
}
