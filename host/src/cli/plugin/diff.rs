//! `patchboard plugin diff`: what would change on the wire from one version to another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::model::Models;
use patchboard_kit::compare::{declarations, wires};
use patchboard_kit::{Case, Comparison};

use super::super::replay::wire;
use super::super::{Common, misuse, print_json};
use super::given::{Given, given};
use super::test::{cases, default_cases, files};
use crate::record::Recording;
use crate::runtime::Plugin;
use crate::service;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "OLD and NEW are component files, folders that a plugin was built into, or NAME or NAME@VERSION of a plugin that a \
                  server would load, such as wrike@0.1.0. The command ends with 0 where nothing differs, with 1 where something does, \
                  and with 2 at an error."
)]
pub(in super::super) struct Arguments {
    /// The one
    old: String,
    /// The other
    new: String,
    /// The folder with the cases [default: cases beside NEW, else beside OLD, else plugins/NAME/cases]
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Play the recordings of this folder, too, those of the provider; see docs/record.md
    #[arg(long, value_name = "DIR")]
    recorded: Option<PathBuf>,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    // 1 says that something differs; whatever goes wrong is 2.
    let comparison = compare(common, arguments).map_err(|e| misuse(format!("{e:#}")))?;
    if arguments.json {
        print_json(&comparison)?;
    } else {
        print!("{}", comparison.text());
    }
    Ok(if comparison.same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn compare(common: &Common, arguments: &Arguments) -> anyhow::Result<Comparison> {
    let (old, new) = (given(common, &arguments.old)?, given(common, &arguments.new)?);
    let (before, after) = (old.plugin.identity(), new.plugin.identity());
    if before.name != after.name {
        return Err(misuse(format!("they are plugins of different providers: {} and {}", before.name, after.name)));
    }
    let mut comparison = Comparison::new(before, after);
    comparison.declare(declarations(&serde_json::from_str(old.plugin.described())?, &serde_json::from_str(new.plugin.described())?));
    let cases = match &arguments.cases {
        Some(folder) => cases(folder)?,
        None => beside(&new, &old)?,
    };
    let recordings = match &arguments.recorded {
        Some(folder) => recordings(folder, &after.name)?,
        None => Vec::new(),
    };
    let models = service::models(&common.config()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    runtime.block_on(async {
        of_cases(&mut comparison, models.all(), &old.plugin, &new.plugin, &cases).await;
        of_recordings(&mut comparison, common, models.all(), &old.plugin, &new.plugin, &recordings).await
    })?;
    Ok(comparison)
}

async fn of_cases(comparison: &mut Comparison, models: &Models, old: &Plugin, new: &Plugin, cases: &[Case]) {
    comparison.cases = cases.len();
    let (before, after) = (wires(old, models, cases).await, wires(new, models, cases).await);
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        comparison.add(&format!("case: {name}"), before, after);
    }
}

async fn of_recordings(
    comparison: &mut Comparison,
    common: &Common,
    models: &Models,
    old: &Plugin,
    new: &Plugin,
    recordings: &[(String, Recording)],
) -> anyhow::Result<()> {
    comparison.recordings = recordings.len();
    let mut player = service::player(&common.config()?);
    for (file, recording) in recordings {
        let (before, after) = (player.play(models, recording, old).await, player.play(models, recording, new).await);
        comparison.add(&format!("recording: {file} ({})", recording.request.operation), &wire(&before), &wire(&after));
    }
    Ok(())
}

/// The cases beside the new component, else beside the old one.
fn beside(new: &Given, old: &Given) -> anyhow::Result<Vec<Case>> {
    let has_cases = |file: &&PathBuf| file.parent().is_some_and(|folder| folder.join("cases").is_dir());
    let file = [&new.file, &old.file].into_iter().flatten().find(has_cases);
    default_cases(file.map_or_else(|| Path::new("none"), PathBuf::as_path), &new.plugin.identity().name)
}

/// The recordings of a provider, oldest first.
fn recordings(folder: &Path, provider: &str) -> anyhow::Result<Vec<(String, Recording)>> {
    let mut found = Vec::new();
    for file in files(folder, "json")? {
        let bytes = fs::read(&file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
        let recording = Recording::parse(&bytes).map_err(|e| misuse(format!("{}: {e}", file.display())))?;
        if recording.plugin.name == provider {
            found.push((file.file_name().unwrap_or_default().to_string_lossy().into_owned(), recording));
        }
    }
    Ok(found)
}
