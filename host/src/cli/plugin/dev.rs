//! `patchboard plugin dev`: from a saved file to a verdict.
//!
//! Each round builds the component, tests it, shows what its cases send otherwise than
//! in the last round that passed, and hands it to a running server.

pub(super) mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use patchboard_gateway::contract::Provider as _;
use patchboard_kit::compare::{between, wires};
use patchboard_kit::{Options, Report, Subject, Wire};
use tokio::runtime::Runtime;

use super::super::{Common, misuse};
use super::list::{absolute, ask};
use super::test::{cases, default_cases, read, served};
use crate::config::Config;
use crate::control::Command;
use crate::runtime::Machine;
use crate::service;
use watch::Watch;

/// Generated requests of a round; `plugin test` generates more.
const QUICK: u32 = 100;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Ctrl-C ends it. What is below build, target, node_modules and folders with a leading dot is not watched; the folders of --models are, too."
)]
pub(in super::super) struct Arguments {
    /// The plugin's folder, as for `plugin build`
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The folder with the cases [default: cases in DIR, else plugins/NAME/cases]
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Generate as many requests as `plugin test` does, in every round
    #[arg(long)]
    full: bool,
    /// Hand every component that passes to the server that runs on this data folder
    #[arg(long, value_name = "DATA_DIR")]
    server: Option<PathBuf>,
    /// Make one round and end with 0 where it passes, with 1 where it does not
    #[arg(long)]
    once: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let dir = absolute(&arguments.dir)?;
    let config = common.config()?;
    let machine = Arc::new(Machine::new(config.bounds())?);
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let mut dev = Dev { arguments, dir, config, machine, runtime, good: None, component: None };
    // Whoever writes a plugin for a model of their own writes both at once.
    let mut watch = Watch::start([&dev.dir].into_iter().chain(&dev.config.models).cloned().collect())?;
    loop {
        let seen = watch.look()?;
        let start = Instant::now();
        let passed = dev.round().unwrap_or_else(|error| {
            println!("FAILED: {error:#}");
            false
        });
        println!("{} in {:.1} s", if passed { "passed" } else { "not passed" }, start.elapsed().as_secs_f64());
        if let Err(error) = dev.reload() {
            println!("the server was not reloaded: {error:#}");
        }
        if arguments.once {
            return Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let seen = watch.after_build(seen)?;
        println!("waiting for a change below {}", dev.dir.display());
        watch.wait_for_change(&seen)?;
    }
}

struct Dev<'a> {
    arguments: &'a Arguments,
    dir: PathBuf,
    config: Config,
    machine: Arc<Machine>,
    runtime: Runtime,
    /// What the cases led to in the last round that passed.
    good: Option<Vec<(String, Wire)>>,
    /// The component of this round, where it has passed.
    component: Option<PathBuf>,
}

impl Dev<'_> {
    /// Builds and tests; says whether it passes.
    fn round(&mut self) -> anyhow::Result<bool> {
        self.component = None;
        let file = super::build::built(&self.dir)?;
        let bytes = read(&file)?;
        let imports = patchboard_pack::read(&bytes).map_err(|e| misuse(e.to_string()))?.imports;
        let models = service::models(&self.config)?;
        let plugin = served(&self.machine, models.all(), &bytes).map_err(|e| misuse(format!("a server would not load it: {e}")))?;
        let cases = match &self.arguments.cases {
            Some(folder) => cases(folder)?,
            None => default_cases(&file, &plugin.identity().name)?,
        };
        let made = self.runtime.block_on(wires(&plugin, models.all(), &cases));
        self.show_changes(&made);
        let requests = if self.arguments.full { Options::default().requests } else { QUICK };
        let options = Options { requests, ..Options::default() };
        let subject = Subject {
            provider: &plugin,
            models: models.all(),
            described: plugin.described(),
            imports: &imports,
            cases: &cases,
            descriptions: &[],
            options,
        };
        let report = self.runtime.block_on(patchboard_kit::test(&subject));
        say(&report);
        if report.ok {
            self.good = Some(made);
            self.component = Some(file);
        }
        Ok(report.ok)
    }

    /// What the cases send and get otherwise than in the last round that passed.
    fn show_changes(&self, made: &[(String, Wire)]) {
        let Some(good) = &self.good else { return };
        for (name, wire) in made {
            let before = good.iter().find(|(other, _)| other == name);
            let differences = before.map(|(_, before)| between(before, wire)).unwrap_or_default();
            if before.is_none() {
                println!("case: {name}: new, with {} native requests", wire.requests.len());
            }
            for difference in differences {
                println!("case: {name}: {}\n{}", difference.what, difference.diff);
            }
        }
        let gone = good.iter().filter(|(name, _)| !made.iter().any(|(other, _)| other == name));
        gone.for_each(|(name, _)| println!("case: {name}: gone"));
    }

    /// Hands what has passed to the server.
    fn reload(&self) -> anyhow::Result<()> {
        let (Some(data_dir), Some(file)) = (&self.arguments.server, &self.component) else { return Ok(()) };
        let report = ask(data_dir, &Command::Reload { with: vec![file.clone()] })?;
        let source = file.display().to_string();
        if let Some(refused) = report.refused.iter().find(|refused| refused.source == source) {
            println!("the server does not load it: {}", refused.why);
            return Ok(());
        }
        match report.loaded.iter().find(|shown| shown.source == source) {
            Some(shown) if shown.default => println!("the server has loaded {shown}"),
            Some(shown) => println!(
                "the server has loaded {shown}; accounts that follow no version use a newer one: set \
                 \"plugin_version\": \"={}\" with PATCH /integrated-account/ID",
                shown.version
            ),
            None => println!("the server has the same component from another place"),
        }
        Ok(())
    }
}

/// A report that is good in a line, another one without what is good in it.
fn say(report: &Report) {
    if report.ok {
        println!("{} {}: {} checks, no difference", report.plugin, report.version, report.checks.len());
    } else {
        print!("{}", report.faults());
    }
}
