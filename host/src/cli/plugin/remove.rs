//! `patchboard plugin remove`: takes an installed plugin away.

use std::process::ExitCode;

use semver::Version;
use serde_json::json;

use super::super::{Common, misuse, print_json};
use super::source::DONE;
use crate::installed::{Folder, Lock};
use crate::registry::bundled;

#[derive(Debug, clap::Args)]
pub(in super::super) struct Arguments {
    /// The plugin, with its version where several are installed
    #[arg(value_name = "NAME[@VERSION]")]
    plugin: String,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = common.config()?;
    let folder = Folder::of(&config.data_dir);
    if !folder.exists() {
        return Err(misuse("no plugin is installed"));
    }
    let mut entered = folder.enter()?;
    let (name, version) = which(entered.lock(), &arguments.plugin)?;
    entered.remove(&name, &version)?;
    if arguments.json {
        print_json(&json!({"name": name, "version": version}))?;
        return DONE;
    }
    eprintln!("{name} {version} is removed; a server that runs keeps it until its next start");
    if entered.lock().versions(&name).is_empty() {
        let then = if bundled(&name).is_some() { "is served by the bundled plugin then" } else { "has no plugin then" };
        eprintln!("the provider {name} {then}");
    }
    DONE
}

fn which(lock: &Lock, text: &str) -> anyhow::Result<(String, Version)> {
    let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
    let installed = lock.versions(name);
    let ids = || installed.iter().map(|plugin| plugin.id()).collect::<Vec<_>>().join(", ");
    match (installed.as_slice(), version) {
        ([], _) => Err(misuse(format!("no plugin {name:?} is installed"))),
        ([one], None) => Ok((one.name.clone(), one.version.clone())),
        (_, None) => Err(misuse(format!("several versions are installed; name one of {}", ids()))),
        (_, Some(version)) => {
            let found = installed.iter().find(|plugin| plugin.version.to_string() == version);
            let found = found.ok_or_else(|| misuse(format!("{text:?} is not installed; installed are {}", ids())))?;
            Ok((found.name.clone(), found.version.clone()))
        }
    }
}
