//! `cargo xtask`: everything the project does with itself.

mod build;
mod sh;

use clap::{Parser, Subcommand};

/// Patchboard's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the server, the sandbox and every bundled plugin.
    Build(build::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Build(options) => build::run(&options).map(|_| ()),
    }
}
