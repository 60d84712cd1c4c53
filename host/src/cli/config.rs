//! `patchboard config`.

use std::process::ExitCode;

use super::{Common, print_json};

/// Show the configuration
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print what file, environment and defaults give together; there is no secret in it
    Show {
        /// As JSON; else as TOML, ready for a configuration file
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    let config = common.config()?;
    match command {
        Command::Show { json: true } => print_json(&config)?,
        Command::Show { json: false } => print!("{}", toml::to_string(&config)?),
    }
    Ok(ExitCode::SUCCESS)
}
