//! `patchboard plugin install --locked`: exactly what the lock file names.

use std::process::ExitCode;

use anyhow::bail;
use patchboard_gateway::contract::Provider as _;
use serde_json::json;

use super::super::{misuse, print_json};
use super::install::{Arguments, Bench};
use super::source::{fetch, policy};
use crate::installed::{Folder, Locked, Policy, Proof, ready};

/// What became of one plugin.
enum Restored {
    WasThere,
    Again,
}

pub(super) fn restore(bench: &Bench, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = Folder::of(&bench.config.data_dir);
    let policy = policy(&bench.config.plugins_policy)?;
    // Nobody is kept out during the downloads.
    let lock = if folder.exists() { folder.enter()?.lock().clone() } else { folder.lock()? };
    if lock.plugins().is_empty() {
        return Err(misuse("plugins.lock names no plugin; install one with: patchboard plugin install oci://registry/name:version"));
    }
    let outcomes: Vec<(String, anyhow::Result<Restored>)> =
        lock.plugins().iter().map(|plugin| (plugin.id(), one(bench, arguments, &folder, &policy, plugin))).collect();
    if arguments.json {
        let value = |(id, outcome): &(String, anyhow::Result<Restored>)| match outcome {
            Ok(Restored::WasThere) => json!({"plugin": id, "state": "was_there"}),
            Ok(Restored::Again) => json!({"plugin": id, "state": "restored"}),
            Err(error) => json!({"plugin": id, "state": "failed", "why": format!("{error:#}")}),
        };
        print_json(&outcomes.iter().map(value).collect::<Vec<_>>())?;
    } else {
        outcomes.iter().for_each(|(id, outcome)| match outcome {
            Ok(Restored::WasThere) => println!("{id} is there"),
            Ok(Restored::Again) => println!("{id} is restored"),
            Err(error) => eprintln!("patchboard: {id}: {error:#}"),
        });
    }
    Ok(if outcomes.iter().all(|(_, outcome)| outcome.is_ok()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(bench: &Bench, arguments: &Arguments, folder: &Folder, policy: &Policy, plugin: &Locked) -> anyhow::Result<Restored> {
    let is_there = folder.read(plugin).is_ok() && folder.proof(plugin).is_ok();
    if !is_there {
        download(bench, arguments, folder, policy, plugin)?;
    }
    let ready = ready(folder, plugin, policy).map_err(anyhow::Error::msg)?;
    let admitted = bench.admit(plugin.id(), &ready.bytes)?;
    ready.admits(admitted.manifest(), policy).map_err(anyhow::Error::msg)?;
    Ok(if is_there { Restored::WasThere } else { Restored::Again })
}

fn download(bench: &Bench, arguments: &Arguments, folder: &Folder, policy: &Policy, plugin: &Locked) -> anyhow::Result<()> {
    let source = plugin.source.with_digest(plugin.manifest.clone());
    let settings = arguments.way.policy(&bench.config, &source);
    let (fetched, _) = fetch(&source, &settings, policy)?;
    if fetched.resolved.layout.component.digest != plugin.digest {
        bail!("its manifest names another component than plugins.lock");
    }
    let entered = folder.enter()?;
    if entered.lock().find(&plugin.name, &plugin.version) != Some(plugin) {
        bail!("plugins.lock was changed meanwhile");
    }
    Ok(entered.restore(&fetched.component, plugin, &Proof::of(&fetched))?)
}
