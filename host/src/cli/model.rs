//! `patchboard model`: which unified models there are, and what is wrong with a new one.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::plugin::ask;
use super::{Common, misuse, print_json, print_table};
use crate::control;
use crate::models::{Field, Shown, Survey};
use crate::service;
use crate::text::plain;

/// List and check unified models, built in and your own
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the models with their fields, where they came from, and the plugins that serve them
    #[command(after_help = LIST)]
    List {
        /// Only this one, such as crm/projects
        name: Option<String>,
        /// Those of the server that is running on the data folder, which may have been started with other folders
        #[arg(long)]
        running: bool,
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Say everything that is wrong with model files, each with its place
    #[command(after_help = CHECK)]
    Check {
        /// A file MODEL/RESOURCE.json, or a folder of models as for --models
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// For machines
        #[arg(long)]
        json: bool,
    },
}

const LIST: &str = "\
A model of your own is a JSON Schema file, DIR/MODEL/RESOURCE.json, which --models DIR adds; docs/models.md has an example.

Examples:
  patchboard model list crm/projects
  patchboard model list --models ./models --plugins ./plugins";

const CHECK: &str = "\
It ends with 0 where the models can be used, with 1 at a fault, and with 2 when it was asked for something wrong. A note
names what is not used and does no harm.

Example:
  patchboard model check ./models";

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { name, running, json } => list(common, name.as_deref(), running, json),
        Command::Check { paths, json } => check(&paths, json),
    }
}

fn list(common: &Common, name: Option<&str>, running: bool, json: bool) -> anyhow::Result<ExitCode> {
    let mut models = if running {
        ask(&common.config()?.data_dir, &control::Command::Plugins)?.models
    } else {
        let (config, store) = common.store()?;
        service::plugins(&config, &store)?.shown_models()
    };
    if let Some(name) = name {
        let there: Vec<String> = models.iter().map(title).collect();
        models.retain(|shown| title(shown) == name);
        if models.is_empty() {
            return Err(misuse(format!("no unified model is called {name:?}; there is {}", there.join(", "))));
        }
    }
    if json {
        print_json(&models)?;
    } else {
        models.iter().enumerate().for_each(|(nth, shown)| print(nth, shown));
    }
    Ok(ExitCode::SUCCESS)
}

fn title(shown: &Shown) -> String {
    format!("{}/{}", shown.model, shown.resource)
}

fn print(nth: usize, shown: &Shown) {
    if nth > 0 {
        println!();
    }
    let served = if shown.served_by.is_empty() { "no plugin".to_owned() } else { shown.served_by.join(", ") };
    println!("{} ({})", title(shown), shown.source);
    println!("served by {served}");
    let row = |field: &Field| {
        let values = field.values.iter().flatten().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let values = plain(&values.collect::<Vec<_>>().join(", "));
        vec![field.name.clone(), field.kind.clone(), values, plain(field.description.as_deref().unwrap_or_default())]
    };
    print_table(&["FIELD", "TYPE", "VALUES", "DESCRIPTION"], &shown.fields.iter().map(row).collect::<Vec<_>>());
}

fn check(paths: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let (mut models, mut faults, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        let found = std::fs::metadata(path).map_err(|e| misuse(format!("cannot read {}: {e}", path.display())))?;
        let survey = if found.is_dir() { Survey::of(std::slice::from_ref(path))? } else { Survey::of_file(path)? };
        let own = survey.known.all().all().filter_map(|(model, resource, read)| {
            let file = survey.known.file(model, resource)?;
            Some((format!("{model}/{resource}"), file.to_owned(), read.fields().count()))
        });
        models.extend(own);
        faults.extend(survey.faults);
        notes.extend(survey.notes);
    }
    if json {
        let model = |(name, file, fields): &(String, PathBuf, usize)| json!({"name": name, "file": file, "fields": fields});
        print_json(&json!({
            "ok": faults.is_empty(), "models": models.iter().map(model).collect::<Vec<_>>(), "faults": faults, "notes": notes
        }))?;
    } else {
        models.iter().for_each(|(name, file, fields)| println!("{name}: {fields} fields ({})", file.display()));
        notes.iter().for_each(|note| println!("note: {note}"));
        faults.iter().for_each(|fault| println!("fault: {fault}"));
        if models.is_empty() && faults.is_empty() {
            println!("there is no model; a model's file is MODEL/RESOURCE.json");
        }
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
