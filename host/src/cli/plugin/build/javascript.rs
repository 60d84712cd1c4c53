//! JavaScript: componentize-qjs puts QuickJS and the code into one component. jco calls
//! the same backend; a folder that names jco (for TypeScript, or to bundle packages) is
//! built by it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use super::{Language, misuse, tools, vendor, vendored};

const LEAST_NODE: u32 = 20;
const NO_NODE: &str = "node is not here; install Node 20 or later from https://nodejs.org, then run this again";
const NO_NPM: &str =
    "npm is not here, and the build's tools are not in node_modules; install Node 20 or later with npm from https://nodejs.org";

/// Who makes the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Componentizer {
    Qjs,
    Jco,
}

pub(super) fn component(dir: &Path, debug: bool) -> anyhow::Result<Vec<u8>> {
    let package = package(dir)?;
    let componentizer = Componentizer::of(&package).ok_or_else(|| {
        misuse("package.json names no tool that makes a component; add it by: npm install --save-dev --save-exact componentize-qjs@0.4.5")
    })?;
    require_node()?;
    install(dir)?;
    vendored(dir, Language::JavaScript)?;
    embed_manifest(dir, debug)?;
    let entry = package.get("main").and_then(Value::as_str).unwrap_or("plugin.js");
    let made =
        tempfile::Builder::new().prefix("component-").suffix(".wasm").tempfile_in(dir.join("build")).context("cannot write into build/")?;
    let mut command = componentizer.command(dir, entry, made.path());
    tools::step(&format!("make a component of {entry}"), || tools::run(&mut command, componentizer.name()))?;
    fs::read(made.path()).with_context(|| format!("{} made no component", componentizer.name()))
}

fn package(dir: &Path) -> anyhow::Result<Value> {
    let file = dir.join("package.json");
    let text = fs::read_to_string(&file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
    serde_json::from_str(&text).map_err(|e| misuse(format!("{}: {e}", file.display())))
}

fn require_node() -> anyhow::Result<()> {
    let node = tools::find(&["node"]).ok_or_else(|| misuse(NO_NODE))?;
    let version = tools::run(Command::new(node).arg("--version"), "node --version")?;
    match major(&version) {
        Some(major) if major >= LEAST_NODE => Ok(()),
        _ => Err(misuse(format!("node is {}; install Node {LEAST_NODE} or later from https://nodejs.org", version.trim()))),
    }
}

/// `v20.18.1` is 20.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// What the lock file names, into `node_modules/`.
fn install(dir: &Path) -> anyhow::Result<()> {
    let lock = dir.join("package-lock.json");
    let (wanted, verb) = if lock.is_file() { (lock, "ci") } else { (dir.join("package.json"), "install") };
    if !tools::outdated(&dir.join("node_modules/.package-lock.json"), &wanted) {
        return Ok(());
    }
    let npm = tools::find(&["npm"]).ok_or_else(|| misuse(NO_NPM))?;
    tools::step(&format!("npm {verb}: the build's tools, into node_modules/ (once)"), || {
        tools::run(Command::new(npm).args([verb, "--no-audit", "--no-fund"]).current_dir(dir), &format!("npm {verb}"))
    })?;
    Ok(())
}

/// QuickJS has no files and imports no JSON: the manifest becomes a module.
fn embed_manifest(dir: &Path, debug: bool) -> anyhow::Result<()> {
    let text = fs::read_to_string(dir.join("manifest.json")).map_err(|e| misuse(format!("cannot read manifest.json: {e}")))?;
    let debug = if debug { "globalThis.PATCHBOARD_DEBUG = true;\n" } else { "" };
    let module =
        format!("// Made by `patchboard plugin build` out of manifest.json.\n{debug}export const manifest = {};\n", Value::String(text));
    vendor::file(&dir.join("build/manifest.js"), &module)
}

impl Componentizer {
    fn of(package: &Value) -> Option<Self> {
        let names = |name: &str| {
            ["devDependencies", "dependencies"].iter().any(|kind| package.get(kind).is_some_and(|all| all.get(name).is_some()))
        };
        if names("@bytecodealliance/jco") { Some(Self::Jco) } else { names("componentize-qjs").then_some(Self::Qjs) }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Qjs => "componentize-qjs",
            Self::Jco => "jco",
        }
    }

    /// WASI is stubbed: a plugin imports nothing. Calls are synchronous.
    fn command(self, dir: &Path, entry: &str, output: &Path) -> Command {
        let program: PathBuf = dir.join("node_modules").join(".bin").join(self.name());
        let mut command = Command::new(program);
        command.current_dir(dir);
        match self {
            Self::Qjs => {
                command.args(["--wit", "vendor/wit", "--world", "provider", "--js", entry, "--module-root", "."]);
                command.args(["--stub-wasi", "--sync", "--opt-size", "--output"]).arg(output);
            }
            Self::Jco => {
                command.args(["componentize", entry, "--wit", "vendor/wit", "--world-name", "provider"]);
                command.args(["--backend", "qjs", "--backend-qjs-stub-wasi", "--backend-qjs-disable-async", "--out"]).arg(output);
            }
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_package_json_names_makes_the_component() {
        let of = |package: Value| Componentizer::of(&package);
        assert_eq!(of(json!({"devDependencies": {"componentize-qjs": "0.4.5"}})), Some(Componentizer::Qjs));
        assert_eq!(
            of(json!({"dependencies": {"@bytecodealliance/jco": "1"}, "devDependencies": {"componentize-qjs": "0"}})),
            Some(Componentizer::Jco)
        );
        assert_eq!(of(json!({"devDependencies": {"left-pad": "1"}})), None);
        assert_eq!(of(json!({})), None);
    }

    #[test]
    fn either_way_wasi_is_stubbed_and_calls_are_synchronous() {
        for (componentizer, flags) in [
            (Componentizer::Qjs, ["--stub-wasi", "--sync"]),
            (Componentizer::Jco, ["--backend-qjs-stub-wasi", "--backend-qjs-disable-async"]),
        ] {
            let command = componentizer.command(Path::new("/plugin"), "plugin.js", Path::new("/out.wasm"));
            let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
            assert!(flags.iter().all(|flag| arguments.iter().any(|argument| argument == flag)), "{arguments:?}");
        }
    }

    #[test]
    fn a_manifest_becomes_a_module_that_holds_its_text() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("manifest.json"), "{\"name\": \"a`b\\u2028\"}\n").unwrap();
        embed_manifest(folder.path(), false).unwrap();
        let module = fs::read_to_string(folder.path().join("build/manifest.js")).unwrap();
        assert!(!module.contains("DEBUG"));
        assert!(module.ends_with("export const manifest = \"{\\\"name\\\": \\\"a`b\\\\u2028\\\"}\\n\";\n"), "{module}");
    }

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(major("v20.18.1\n"), Some(20));
        assert_eq!(major("unknown"), None);
    }
}
