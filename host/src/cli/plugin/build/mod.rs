//! `patchboard plugin build`: an import-free component, made by the tools of its language.

mod javascript;
mod python;
mod rust;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use patchboard_gateway::Manifest;
use patchboard_pack::Drafts;
use serde_json::Value;

use super::language::Language;
use super::{misuse, vendor};
use crate::files;
use crate::runtime::admit::MAX_FILE;

const AFTER: &str = "\
What the folder holds tells its language, and which tools are used:
  Cargo.toml         Rust: cargo, with the target wasm32-unknown-unknown
  package.json       JavaScript: componentize-qjs, or jco where package.json names it; from npm, into DIR/node_modules
  requirements.txt   Python: componentize-py from PyPI, into DIR/.venv
Tools that live in the folder are installed when they are missing or their lock file has changed. So is DIR/vendor (the
contract and the helpers) when it is missing; remove it to have that of this program.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(in crate::cli) struct Arguments {
    /// The plugin's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where to write the component [default: DIR/NAME.wasm, by the name in manifest.json]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where the folder holds the files of several languages: the one of the plugin
    #[arg(long, short)]
    language: Option<Language>,
    /// JavaScript and Python: let a mistake in the code say what it is, where it would be a trap without words
    #[arg(long)]
    debug: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    println!("{}", arguments.build()?.display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the plugin of a folder where `plugin build` without options would, and says where that is.
pub(super) fn built(dir: &Path) -> anyhow::Result<PathBuf> {
    Arguments { dir: dir.to_owned(), output: None, language: None, debug: false }.build()
}

impl Arguments {
    fn build(&self) -> anyhow::Result<PathBuf> {
        let dir = fs::canonicalize(&self.dir).map_err(|e| misuse(format!("the folder {}: {e}", self.dir.display())))?;
        let language = self.language.map_or_else(|| Language::of(&dir), Ok)?;
        let debug = self.debug;
        if debug && language == Language::Rust {
            let why =
                "--debug is for JavaScript and Python; a Rust plugin says what is wrong in its unit tests, with patchboard_sdk::testing";
            return Err(misuse(why));
        }
        declarable(&dir)?;
        let (name, mut component) = match language {
            Language::Rust => rust::component(&dir)?,
            Language::JavaScript => (declared(&dir)?, javascript::component(&dir, debug)?),
            Language::Python => (declared(&dir)?, python::component(&dir, debug)?),
        };
        if debug {
            patchboard_pack::mark_debug(&mut component);
        }
        check(&name, &component)?;
        let output = self.output.clone().unwrap_or_else(|| dir.join(format!("{name}.wasm")));
        files::write(&output, &component).with_context(|| format!("cannot write {}", output.display()))?;
        eprintln!("{name}: {} bytes, no imports", component.len());
        if debug {
            eprintln!("it tells mistakes in its code to callers, so no server loads it; build it without --debug for that");
        }
        Ok(output)
    }
}

/// The plugin's name, by its manifest.
fn declared(dir: &Path) -> anyhow::Result<String> {
    let file = dir.join("manifest.json");
    let text = fs::read_to_string(&file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
    let manifest: Value = serde_json::from_str(&text).map_err(|e| misuse(format!("{}: {e}", file.display())))?;
    let name = manifest.get("name").and_then(Value::as_str).filter(|name| !name.contains(['/', '\\']) && !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| misuse(format!("{} has no name", file.display())))
}

/// Whether the manifest beside the code says what it can: before minutes of building.
fn declarable(dir: &Path) -> anyhow::Result<()> {
    let file = dir.join("manifest.json");
    // A plugin may keep its manifest elsewhere.
    let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
    Manifest::parse(&text).map_err(|e| misuse(format!("{}: {e}", file.display())))?;
    for place in Manifest::unknown_members(&text).unwrap_or_default() {
        eprintln!("{}: nobody reads {place}; is it spelled right?", file.display());
    }
    Ok(())
}

/// Whether a server could take it.
fn check(name: &str, component: &[u8]) -> anyhow::Result<()> {
    if component.len() > MAX_FILE {
        return Err(misuse(format!("{name} has {} bytes; a server takes at most {MAX_FILE}", component.len())));
    }
    let built = patchboard_pack::read(component).and_then(|outside| outside.contract(Drafts::Taken));
    let contract = built.map_err(|e| misuse(format!("{name}: {e}")))?;
    if contract.is_draft() {
        eprintln!(
            "it is built for the contract {}, a draft: only a server with sandbox.draft_contract = true takes it",
            contract.version()
        );
    }
    Ok(())
}

/// The contract and the helpers, where they are not there.
fn vendored(dir: &Path, language: Language) -> anyhow::Result<()> {
    if dir.join(vendor::FOLDER).exists() {
        return Ok(());
    }
    eprintln!("==> write vendor/: the contract and the helpers of this program");
    vendor::write(dir, language)
}
