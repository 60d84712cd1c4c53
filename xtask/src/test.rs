//! `cargo xtask test`: every check, in the order in which they fail soonest.

use std::process::Command;

use crate::sh::{self, cargo, has, root, step};
use crate::{build, coverage, demo, edge, kit, languages};

pub fn run() -> anyhow::Result<()> {
    step("format", || sh::run(cargo().args(["fmt", "--all", "--check"])))?;
    step("coverage page", || coverage::run(coverage::Options { check: true }))?;
    build::plugins()?;
    step("lints (the first time takes minutes)", || {
        sh::run(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    let built = build::run(&build::Options { tests: true, ..build::Options::default() })?;
    step("conformance of the bundled plugins", || kit::run(&built))?;
    edge::run(&edge::Options { check: true, spin: false })?;
    step("lints of the edge", edge::lints)?;
    registry();
    step("tests", tests)?;
    step("documentation tests", || sh::run(cargo().args(["test", "--locked", "--workspace", "--doc", "--quiet"])))?;
    step("plugins in other languages, and the guide", || languages::run(&languages::Options::ALL, &built.patchboard))?;
    step("licences and duplicates", licences)?;
    step("demo", || demo::show(demo::Options { once: true }, &built))?;
    println!("every check has passed");
    Ok(())
}

/// The tests of plugins in registries use a real one, and say so where it is missing.
fn registry() {
    if let Err(error) = sh::debian("docker-registry", "docker-registry") {
        eprintln!("    the tests with a real registry are skipped, docker-registry cannot be had: {error:#}");
    }
}

fn tests() -> anyhow::Result<()> {
    if has("cargo-nextest") {
        return sh::run(cargo().args([
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--status-level",
            "fail",
            "--final-status-level",
            "slow",
        ]));
    }
    sh::run(cargo().args(["test", "--locked", "--workspace", "--all-targets", "--quiet"]))
}

/// Only what needs no network; cargo-deny takes minutes to build, so it is not installed.
fn licences() -> anyhow::Result<()> {
    if !has("cargo-deny") {
        eprintln!("    skipped: cargo-deny is not here; `cargo install cargo-deny` adds it");
        return Ok(());
    }
    sh::run(Command::new("cargo-deny").args(["--offline", "--all-features", "check", "bans", "licenses", "sources"]).current_dir(root()))
}
