//! `patchboard plugin test`: the conformance kit on a component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::model::Models;
use patchboard_gateway::serves;
use patchboard_kit::{Case, Description, Options, Report, Subject};
use patchboard_pack::{Contract, Drafts};

use super::super::{Common, misuse, print_json};
use super::dev::watch;
use crate::models;
use crate::runtime::{Bounds, Machine, Plugin, admit};
use crate::service;

#[derive(Debug, clap::Args)]
#[command(after_help = "It ends with 0 where nothing differs, with 1 at a difference, and with 2 when it was asked for something wrong.")]
pub(in super::super) struct Arguments {
    /// The component file, or the folder that it was built into
    file: PathBuf,
    /// The folder with the cases [default: cases beside the file, else plugins/NAME/cases]
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// The provider's own description of its API (OpenAPI 3, JSON or YAML); repeatable
    #[arg(long, value_name = "SPEC")]
    openapi: Vec<PathBuf>,
    /// How many unified requests are generated
    #[arg(long, value_name = "N", default_value_t = Options::default().requests)]
    requests: u32,
    /// Where their generator starts
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// For machines: the whole report as JSON
    #[arg(long)]
    json: bool,
    /// Write the report as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let report = report(common, arguments)?;
    if let Some(file) = &arguments.junit {
        fs::write(file, report.junit()?).map_err(|e| misuse(format!("cannot write {}: {e}", file.display())))?;
    }
    if arguments.json {
        print_json(&report)?;
    } else {
        print!("{}", report.table());
    }
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(common: &Common, arguments: &Arguments) -> anyhow::Result<Report> {
    let file = component(&arguments.file)?;
    if arguments.file.is_dir()
        && let Some(newer) = watch::newer(&arguments.file, &file)
    {
        let (file, newer, folder) = (file.display(), newer.display(), arguments.file.display());
        eprintln!("{file} is older than {newer}: what is tested was built before it; `patchboard plugin build {folder}` builds it anew");
    }
    let descriptions = descriptions(&arguments.openapi)?;
    let bytes = read(&file)?;
    let imports = patchboard_pack::read(&bytes).map_err(|e| misuse(format!("{}: {e}", file.display())))?.imports;
    let config = common.config()?;
    let models = service::models(&config)?;
    let machine = Arc::new(Machine::new(config.bounds())?);
    let plugin = match served(&machine, models.all(), &bytes) {
        Ok(plugin) => plugin,
        Err(why) => return Ok(Report::refused(&stem(&file), &imports, &why)),
    };
    let cases = match &arguments.cases {
        Some(folder) => cases(folder)?,
        None => default_cases(&file, &plugin.identity().name)?,
    };
    let options = Options { requests: arguments.requests, seed: arguments.seed };
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let subject = Subject {
        provider: &plugin,
        models: models.all(),
        described: plugin.described(),
        imports: &imports,
        cases: &cases,
        descriptions: &descriptions,
        options,
    };
    Ok(runtime.block_on(patchboard_kit::test(&subject)))
}

/// Admits a component as a server with these models would.
///
/// # Errors
/// Why a server would not load it.
pub(super) fn served(machine: &Arc<Machine>, models: &Models, bytes: &[u8]) -> Result<Plugin, String> {
    let plugin = Plugin::admit(machine, bytes, None).map_err(|e| e.to_string())?;
    models::served(plugin.manifest(), models)?;
    Ok(plugin)
}

/// What `provider.wasm` imports.
const EDGE_CONTRACT: Contract = Contract::V0_1;

/// A plugin that is admitted, and what its cases say of it.
pub(in super::super) struct Tested {
    pub(in super::super) plugin: Plugin,
    /// None where there are no cases.
    pub(in super::super) report: Option<Report>,
}

/// Admits a component for an edge app, which has the built-in models and no other, and
/// tests it where it has cases.
pub(in super::super) fn for_edge(common: &Common, file: &Path, folder: Option<PathBuf>) -> anyhow::Result<Tested> {
    let models = Models::built_in()?;
    let bytes = read(file)?;
    let outside = patchboard_pack::read(&bytes).map_err(|e| misuse(format!("{} is not admitted: {e}", file.display())))?;
    if let Ok(contract) = outside.contract(Drafts::Taken)
        && !outside.speaks(EDGE_CONTRACT)
    {
        let (its, ours) = (contract.version(), EDGE_CONTRACT.version());
        return Err(misuse(format!(
            "{} is not added: it is built for the contract {its}, and an edge app speaks {ours} alone",
            file.display()
        )));
    }
    let machine = Arc::new(Machine::new(Bounds { drafts: Drafts::Refused, ..common.config()?.bounds() })?);
    let plugin = Plugin::admit_to_serve(&machine, &bytes, None).map_err(|e| misuse(format!("{} is not admitted: {e}", file.display())))?;
    serves::check(plugin.manifest(), &models).map_err(|e| {
        misuse(format!("{} is not added: {e}; an edge app has the built-in models alone, as docs/edge.md says", file.display()))
    })?;
    let cases = match folder {
        Some(folder) => cases(&folder)?,
        None => default_cases(file, &plugin.identity().name)?,
    };
    if cases.is_empty() {
        return Ok(Tested { plugin, report: None });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let options = Options::default();
    let subject = Subject {
        provider: &plugin,
        models: &models,
        described: plugin.described(),
        imports: &[],
        cases: &cases,
        descriptions: &[],
        options,
    };
    let report = runtime.block_on(patchboard_kit::test(&subject));
    Ok(Tested { plugin, report: Some(report) })
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    admit::read(file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))
}

/// The files of a folder with an extension, by name.
pub(super) fn files(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|e| misuse(format!("the folder {}: {e}", folder.display())))?;
    let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    Ok(files)
}

/// The component: the file itself, or the one of its folder.
pub(super) fn component(file: &Path) -> anyhow::Result<PathBuf> {
    if !file.is_dir() {
        return Ok(file.to_owned());
    }
    let folder = fs::canonicalize(file).map_err(|e| misuse(format!("the folder {}: {e}", file.display())))?;
    let named = folder.join(folder.file_name().unwrap_or_default()).with_extension("wasm");
    let mut built = files(&folder, "wasm")?;
    match built.len() {
        _ if named.is_file() => Ok(named),
        1 => Ok(built.remove(0)),
        0 => Err(misuse(format!("{0} holds no component; run `patchboard plugin build {0}` first", file.display()))),
        _ => Err(misuse(format!("{} holds several components; name one", file.display()))),
    }
}

pub(super) fn default_cases(file: &Path, name: &str) -> anyhow::Result<Vec<Case>> {
    let beside = file.parent().unwrap_or_else(|| Path::new("")).join("cases");
    let of_checkout = Path::new("plugins").join(name).join("cases");
    match [beside, of_checkout].into_iter().find(|folder| folder.is_dir()) {
        Some(folder) => cases(&folder),
        None => Ok(Vec::new()),
    }
}

/// Every case of a folder.
pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for file in files(folder, "json")? {
        let text = fs::read_to_string(&file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
        cases.extend(Case::parse(&file.display().to_string(), &text).map_err(|e| misuse(e.to_string()))?);
    }
    Case::unique(&cases).map_err(|e| misuse(e.to_string()))?;
    Ok(cases)
}

fn descriptions(files: &[PathBuf]) -> anyhow::Result<Vec<Description>> {
    let parse = |file: &PathBuf| {
        let text = fs::read_to_string(file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Description::parse(&name, &text).map_err(|e| misuse(e.to_string()))
    };
    files.iter().map(parse).collect()
}
