//! Python: componentize-py puts CPython and the code into one component. It lives in a
//! virtual environment in the plugin's folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::{Language, misuse, tools, vendor, vendored};

/// The module that holds the class `Mapper`.
const MODULE: &str = "plugin";
const NO_PYTHON: &str = "python3 is not here; install Python 3.9 or later from https://www.python.org, then run this again";
/// Written when what requirements.txt names is installed.
const INSTALLED: &str = ".venv/patchboard-installed";

pub(super) fn component(dir: &Path, debug: bool) -> anyhow::Result<Vec<u8>> {
    let source = dir.join(format!("{MODULE}.py"));
    if !source.is_file() {
        return Err(misuse(format!("{} is missing: it holds the class Mapper", source.display())));
    }
    install(dir)?;
    vendored(dir, Language::Python)?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let made = folder.path().join("component.wasm");
    let mut command = componentize(dir, &made)?;
    if debug {
        // A component reads no environment, not even while it is built.
        vendor::file(&folder.path().join("patchboard_debug.py"), "")?;
        command.arg("--python-path").arg(folder.path());
    }
    // With a backtrace of its own it says where it was, and no more what is wrong.
    command.env("RUST_BACKTRACE", "0");
    tools::step(&format!("make a component of {MODULE}.py"), || tools::run(&mut command, "componentize-py"))?;
    fs::read(&made).context("componentize-py made no component")
}

/// WASI is stubbed: a plugin imports nothing.
fn componentize(dir: &Path, output: &Path) -> anyhow::Result<Command> {
    let program = in_environment(dir, "componentize-py");
    if !program.is_file() {
        return Err(misuse("requirements.txt does not name componentize-py; add the line: componentize-py==0.25.1"));
    }
    let mut command = Command::new(program);
    command.current_dir(dir).env("VIRTUAL_ENV", dir.join(".venv"));
    command.args(["--wit-path", "vendor/wit", "--world", "provider", "componentize", "--stub-wasi"]);
    command.args(["--python-path", ".", "--python-path", "vendor", MODULE, "--output"]).arg(output);
    Ok(command)
}

fn in_environment(dir: &Path, program: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    dir.join(".venv").join(folder).join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// What requirements.txt names, into `.venv/`.
fn install(dir: &Path) -> anyhow::Result<()> {
    let requirements = dir.join("requirements.txt");
    let installed = dir.join(INSTALLED);
    if !tools::outdated(&installed, &requirements) {
        return Ok(());
    }
    let python = in_environment(dir, "python");
    if !works(&python) {
        let system = tools::find(&["python3", "python"]).ok_or_else(|| misuse(NO_PYTHON))?;
        tools::step("make a virtual environment in .venv/ (once)", || environment(dir, &system))?;
    }
    tools::step("pip install: the build's tools, into .venv/ (once)", || {
        let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet", "--requirement"];
        tools::run(Command::new(&python).args(pip).arg(&requirements).current_dir(dir), "pip install")
    })?;
    fs::write(&installed, "").with_context(|| format!("cannot write {}", installed.display()))
}

/// Whether a virtual environment is there, with a Python that is there still.
fn works(python: &Path) -> bool {
    Command::new(python).args(["-m", "pip", "--version"]).output().is_ok_and(|output| output.status.success())
}

fn environment(dir: &Path, python: &Path) -> anyhow::Result<String> {
    let made = tools::run(Command::new(python).args(["-m", "venv", "--clear", ".venv"]).current_dir(dir), "python3 -m venv .venv");
    made.map_err(|e| {
        let hint = if cfg!(target_os = "linux") { "\nOn Debian and Ubuntu: apt-get install python3-venv" } else { "" };
        misuse(format!("{e}{hint}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_its_module_is_told_so_before_anything_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("requirements.txt"), "").unwrap();
        assert!(component(folder.path(), false).unwrap_err().to_string().contains("holds the class Mapper"));
        assert!(!folder.path().join(".venv").exists());
    }

    #[test]
    fn an_environment_without_componentize_py_is_told_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = componentize(folder.path(), Path::new("out.wasm")).unwrap_err().to_string();
        assert!(error.contains("componentize-py=="), "{error}");
    }
}
