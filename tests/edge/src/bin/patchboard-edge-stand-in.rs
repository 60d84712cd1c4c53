//! The stand-in for Spin as a program: it serves the app of a manifest until it is stopped,
//! for benchmarks and for looking at the edge where there is no Spin.
#![allow(clippy::print_stdout, reason = "this is a command")]

use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

use clap::Parser;
use patchboard_tests_edge::Options;

/// Serve a Spin app on a free port of the loopback address until standard input ends
#[derive(Debug, Parser)]
struct Arguments {
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    manifest: PathBuf,
    /// A variable of the app; repeatable. Spin itself takes them as SPIN_VARIABLE_NAME
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair)]
    variables: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "write NAME=VALUE".to_owned())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let options = Options::of(&arguments.manifest);
    let app = arguments.variables.iter().fold(options, |options, (name, value)| options.variable(name, value)).start()?;
    let mut out = io::stdout().lock();
    writeln!(out, "edge listening on http://{}", app.address())?;
    out.flush()?;
    // It ends with whoever started it.
    io::stdin().lock().read_to_end(&mut Vec::new())?;
    Ok(())
}
