//! `cargo xtask languages`: the plugins that are not built with the workspace. The
//! examples in JavaScript and Python are built and pass the kit; so does the folder that
//! `patchboard plugin new` makes, in each language; and the guides are followed word by word.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sh::{self, has, root, step, target_dir};
use crate::{build, guide};

/// The examples, each with the language that it needs.
const EXAMPLES: [(&str, &str); 2] = [("examples/javascript-quayside", "javascript"), ("examples/python-ledgerline", "python")];

/// What to try.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Only this language
    #[arg(long, value_parser = guide::LANGUAGES)]
    only: Option<String>,
    /// Try this program, and build none
    #[arg(long, value_name = "PATCHBOARD")]
    program: Option<PathBuf>,
}

impl Options {
    /// Every language.
    pub const ALL: Self = Self { only: None, program: None };
}

/// Builds the program, unless there is one, and tries the languages.
pub fn main(options: &Options) -> anyhow::Result<()> {
    let program = match &options.program {
        Some(program) => std::fs::canonicalize(program)?,
        None => build::run(&build::Options::default())?.patchboard,
    };
    run(options, &program)
}

/// Tries every language whose tools are on this machine.
pub fn run(options: &Options, patchboard: &Path) -> anyhow::Result<()> {
    let wanted = |language: &&str| options.only.as_deref().is_none_or(|only| only == *language);
    for language in guide::LANGUAGES.into_iter().filter(wanted) {
        match missing(language) {
            Some(how) => eprintln!("    skipped: plugins in {language}; {how}"),
            None => try_language(language, patchboard)?,
        }
    }
    Ok(())
}

/// What a language needs and this machine does not have.
fn missing(language: &str) -> Option<&'static str> {
    match language {
        "javascript" if !has("node") || !has("npm") => Some("node and npm are not here; install Node 20 or later from https://nodejs.org"),
        "python" if !has("python3") => Some("python3 is not here; install Python 3.9 or later with venv"),
        _ => None,
    }
}

fn try_language(language: &str, patchboard: &Path) -> anyhow::Result<()> {
    if language == "javascript" {
        let tests = root().join("sdk/javascript/patchboard.test.js");
        step("the helpers in JavaScript", || sh::run(Command::new("node").args(["--test", "--test-reporter=dot"]).arg(&tests)))?;
    }
    if language == "python" {
        let tests = root().join("sdk/python/patchboard_test.py");
        step("the helpers in Python", || sh::run(Command::new("python3").arg(&tests)))?;
    }
    for (example, _) in EXAMPLES.iter().filter(|(_, of)| *of == language) {
        let folder = root().join(example);
        step(&format!("{example}: build and test"), || build_and_test(patchboard, &folder))?;
    }
    let place = tempfile::tempdir()?;
    let scaffold = place.path().join("made-up");
    step(&format!("what `plugin new --language {language}` makes: build and test"), || {
        let mut new = command(patchboard);
        new.args(["plugin", "new", "made-up", "--language", language, "--dir"]).arg(&scaffold);
        sh::run(&mut new)?;
        build_and_test(patchboard, &scaffold)
    })?;
    let programs = patchboard.parent().map_or_else(PathBuf::new, Path::to_owned);
    let reader = place.path().join("reader");
    std::fs::create_dir(&reader)?;
    step(&format!("docs/write-a-plugin.md, word by word, in {language}"), || {
        guide::follow(&root().join("docs/write-a-plugin.md"), language, &reader, &programs)
    })?;
    // It shows one language.
    if language != "rust" {
        return Ok(());
    }
    let reader = place.path().join("reader-of-models");
    std::fs::create_dir(&reader)?;
    step("docs/models.md, word by word", || guide::follow(&root().join("docs/models.md"), language, &reader, &programs))
}

/// Where plugins outside of the workspace are compiled.
pub fn cargo_target() -> PathBuf {
    target_dir().join("languages")
}

fn build_and_test(patchboard: &Path, folder: &Path) -> anyhow::Result<()> {
    sh::run(command(patchboard).args(["plugin", "build"]).arg(folder))?;
    sh::run(command(patchboard).args(["plugin", "test"]).arg(folder))
}

fn command(patchboard: &Path) -> Command {
    let mut command = Command::new(patchboard);
    // A machine that is busy with builds may let a plugin wait for its processor.
    command.env("PATCHBOARD_SANDBOX__DEADLINE_MS", "5000");
    // What a new plugin in Rust depends on is compiled once.
    command.env("CARGO_TARGET_DIR", cargo_target());
    command
}
