//! A release that is guided by a profile: built once to count what runs, asked what callers
//! ask, and built again by the counts.
//!
//! Everything of it stands in `target/guided`; a copy of the program goes where any other release
//! goes, until cargo builds that again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::build::{self, Built};
use crate::demo;
use crate::sh::{self, cargo, has, root, step, target_dir};

/// Builds the release.
pub fn run() -> anyhow::Result<Built> {
    let merge = profdata()?;
    build::plugins()?;
    let sandbox = step("sandbox (release)", || {
        sh::run(cargo().args(["build", "--locked", "--release", "-p", "patchboard-sandbox"]))?;
        Ok(build::program("release", "patchboard-sandbox"))
    })?;
    let folder = target_dir().join("guided");
    let (counts, profile) = (folder.join("counts"), folder.join("patchboard.profdata"));
    let counting = step("server that counts (the first time takes minutes)", || server(&folder, "profile-generate", &counts))?;
    step("ask it what callers ask", || {
        // What earlier sources counted does not fit these.
        if counts.exists() {
            fs::remove_dir_all(&counts)?;
        }
        demo::train(&Built { patchboard: counting, sandbox: sandbox.clone() })
    })?;
    sh::run(Command::new(merge).arg("merge").arg("-o").arg(&profile).arg(&counts))?;
    let guided = step("server by its counts (the first time takes minutes)", || server(&folder, "profile-use", &profile))?;
    let patchboard = build::program("release", "patchboard");
    // What stands there may be one file with what cargo keeps: it is replaced and not written into.
    let made = fs::copy(&guided, patchboard.with_extension("new")).and_then(|_| fs::rename(patchboard.with_extension("new"), &patchboard));
    made.with_context(|| format!("cannot write {}", patchboard.display()))?;
    Ok(Built { patchboard: guided, sandbox })
}

/// The server with a flag of the compiler's. With a target named, the flag is not for build
/// scripts and macros.
fn server(folder: &Path, flag: &str, file: &Path) -> anyhow::Result<PathBuf> {
    let host = host()?;
    let mut build = cargo();
    build.args(["build", "--locked", "--release", "-p", "patchboard", "--target", &host, "--target-dir"]).arg(folder);
    // The plugins stand where they were built.
    build.env("CARGO_TARGET_DIR", target_dir()).env("CARGO_ENCODED_RUSTFLAGS", format!("-C{flag}={}", file.display()));
    sh::run(&mut build)?;
    Ok(folder.join(host).join("release").join(format!("patchboard{}", std::env::consts::EXE_SUFFIX)))
}

/// The target that the compiler runs on.
fn host() -> anyhow::Result<String> {
    let said = Command::new("rustc").arg("-vV").current_dir(root()).output().context("cannot run rustc")?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).context("rustc does not say what it runs on")
}

/// The compiler's own `llvm-profdata`: another version may not read its counts.
fn profdata() -> anyhow::Result<PathBuf> {
    let libdir = Command::new("rustc").args(["--print", "target-libdir"]).current_dir(root()).output().context("cannot run rustc")?;
    let libdir = PathBuf::from(String::from_utf8_lossy(&libdir.stdout).trim());
    let program = libdir.with_file_name("bin").join(format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        if !has("rustup") {
            bail!("{} is missing and rustup is not here to add it; build without --profile-guided", program.display());
        }
        let add = ["component", "add", "llvm-tools"];
        step("add the component llvm-tools of Rust's", || sh::run(Command::new("rustup").args(add).current_dir(root())))?;
    }
    Ok(program)
}
