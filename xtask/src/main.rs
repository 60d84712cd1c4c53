//! `cargo xtask`: everything the project does with itself.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

mod bench;
mod build;
mod demo;
mod edge;
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
        Command::Edge(options) => edge::run(&options),
        Command::Bench(options) => bench::run(&options),
    }
}
