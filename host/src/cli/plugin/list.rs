//! `patchboard plugin list` and `patchboard plugin reload`: which plugins there are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::super::{Common, misuse, print_json, print_table};
use crate::control::{self, Command, ControlError};
use crate::plugins::Report;
use crate::registry::{Refused, Shown};
use crate::service;

#[derive(Debug, clap::Args)]
pub(in super::super) struct List {
    /// Those of the server that is running on the data folder, which may have been started with other folders
    #[arg(long)]
    running: bool,
    /// For machines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "A component that is refused does not replace the one that was loaded from the same file before, and a model that \
                  cannot be used leaves everything as it was. The command ends with 1 when something was refused. SIGHUP to the server does the same.")]
pub(in super::super) struct Reload {
    /// Load this component above all others of its name and version, until the next reload; repeatable
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn list(common: &Common, arguments: &List) -> anyhow::Result<ExitCode> {
    let (loaded, refused) = if arguments.running {
        let report = ask(&common.config()?.data_dir, &Command::Plugins)?;
        (report.loaded, report.refused)
    } else {
        let (config, store) = common.store()?;
        let registry = service::plugins(&config, &store)?;
        (registry.shown(), registry.refused)
    };
    if arguments.json {
        print_json(&json!({"loaded": loaded, "refused": refused}))?;
    } else {
        print_table(&["NAME", "VERSION", "DEFAULT", "DIGEST", "SIGNER", "SOURCE"], &loaded.iter().map(row).collect::<Vec<_>>());
        say_refused(&refused);
    }
    Ok(code(&refused))
}

pub(super) fn reload(common: &Common, arguments: &Reload) -> anyhow::Result<ExitCode> {
    let with = arguments.with.iter().map(|file| absolute(file)).collect::<anyhow::Result<_>>()?;
    let report = ask(&common.config()?.data_dir, &Command::Reload { with })?;
    if arguments.json {
        print_json(&report)?;
    } else {
        say(&report);
    }
    Ok(code(&report.refused))
}

/// Gives a command to the running server.
pub(in super::super) fn ask(data_dir: &Path, command: &Command) -> anyhow::Result<Report> {
    control::ask(data_dir, command).map_err(|error| match error {
        ControlError::NoServer(_) => misuse(error.to_string()),
        other => other.into(),
    })
}

/// The server has another working folder.
pub(super) fn absolute(file: &Path) -> anyhow::Result<PathBuf> {
    std::fs::canonicalize(file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))
}

fn row(shown: &Shown) -> Vec<String> {
    let default = if shown.default { "yes" } else { "" };
    let digest = shown.digest.chars().take(19).collect();
    vec![
        shown.name.clone(),
        shown.version.clone(),
        default.to_owned(),
        digest,
        shown.signer.clone().unwrap_or_default(),
        shown.source.clone(),
    ]
}

fn say(report: &Report) {
    for (what, plugins) in [("added", &report.added), ("removed", &report.removed)] {
        plugins.iter().for_each(|plugin| println!("{what} {plugin} from {}", plugin.source));
    }
    report.changed_models.iter().for_each(|change| println!("model {change}"));
    if report.added.is_empty() && report.removed.is_empty() && report.changed_models.is_empty() {
        println!("nothing changed; {} plugins are loaded", report.loaded.len());
    }
    say_refused(&report.refused);
}

fn say_refused(refused: &[Refused]) {
    for refused in refused {
        let stays = refused.stays.iter().map(|version| format!("; version {version}, loaded from there before, stays"));
        eprintln!("refused {}: {}{}", refused.source, refused.why, stays.collect::<String>());
    }
}

fn code(refused: &[Refused]) -> ExitCode {
    if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
