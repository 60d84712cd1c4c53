//! `cargo xtask`: everything the project does with itself.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

mod bench;
mod build;
mod coverage;
mod demo;
mod edge;
mod guide;
mod guided;
mod kit;
mod languages;
mod sh;
mod test;

use clap::{Parser, Subcommand};

/// Patchboard's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job: one unified update through every bundled provider, over HTTP
    Demo(demo::Options),
    /// Run every check: format, lints, tests, documentation, the demo
    Test,
    /// Build the server, the sandbox and every bundled plugin
    Build(build::Options),
    /// Write docs/coverage.md from the manifests of the plugins
    Coverage(coverage::Options),
    /// Build and test the plugins in JavaScript and Python, what `plugin new` makes, and the guide
    Languages(languages::Options),
    /// Build the components of the Spin app and write its manifest, spin.toml
    Edge(edge::Options),
    /// Measure the server beside nginx and beside mappings in Node
    Bench(bench::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Demo(options) => demo::run(options),
        Command::Test => test::run(),
        Command::Build(options) => build::run(&options).map(|_| ()),
        Command::Coverage(options) => coverage::run(options),
        Command::Languages(options) => languages::main(&options),
        Command::Edge(options) => edge::run(&options),
        Command::Bench(options) => bench::run(&options),
    }
}
