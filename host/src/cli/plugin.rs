//! `patchboard plugin`.

mod build;
mod inspect;
mod language;
mod new;
mod test;
mod vendor;

use std::process::ExitCode;

use patchboard_gateway::contract::Provider as _;
use serde_json::{Value, json};

use super::{Common, misuse, print_json, print_table};
use crate::registry::Registry;
use crate::service;

/// Make, build, test, inspect and list plugins
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the plugins that a server would load, and those it would refuse
    List {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Make the folder of a new plugin, in Rust, JavaScript or Python
    New(new::Arguments),
    /// Build the plugin of a folder into an import-free component
    Build(build::Arguments),
    /// Admit a component as a server would, and show what it declares, needs and gets
    Inspect(inspect::Arguments),
    /// Test a component: its cases, its declaration against its behaviour, the laws of the
    /// contract, generated requests and broken answers
    Test(test::Arguments),
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { json } => {
            let (config, store) = common.store()?;
            list(&service::plugins(&config, &store)?, json)
        }
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Inspect(arguments) => inspect::run(common, &arguments),
        Command::Test(arguments) => test::run(common, &arguments),
    }
}

fn list(registry: &Registry, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        let loaded: Vec<Value> = registry.loaded.values().map(|l| json!({"name": l.plugin.identity().name, "version": l.plugin.identity().version, "digest": l.plugin.identity().digest, "source": l.source})).collect();
        let refused: Vec<Value> = registry.refused.iter().map(|r| json!({"source": r.source, "why": r.why})).collect();
        print_json(&json!({"loaded": loaded, "refused": refused}))?;
    } else {
        let row = |l: &crate::registry::Loaded| {
            let identity = l.plugin.identity();
            vec![identity.name.clone(), identity.version.clone(), identity.digest.chars().take(19).collect(), l.source.clone()]
        };
        print_table(&["NAME", "VERSION", "DIGEST", "SOURCE"], &registry.loaded.values().map(row).collect::<Vec<_>>());
        registry.refused.iter().for_each(|r| eprintln!("refused {}: {}", r.source, r.why));
    }
    Ok(if registry.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
