//! The `patchboard` command. What it answers goes to standard output, everything else
//! to standard error. It ends with 2 when it was asked for something wrong, and with 1
//! when something else failed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command")]

mod account;
mod call;
mod config;
mod edge;
mod model;
mod plugin;
mod replay;
mod serve;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use patchboard_gateway::Problem;
use serde::Serialize;

use crate::config::{Config, Flags};
use crate::logs;
use crate::store::Store;

/// A self-hosted unified API gateway: one request, mapped to each provider's own API by
/// a sandboxed plugin.
#[derive(Debug, Parser)]
#[command(name = "patchboard", version, max_term_width = 100, after_help = START)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const START: &str = "\
To begin:
  patchboard serve &
  patchboard token create
  echo '{\"access_token\":\"…\"}' | patchboard account add --provider wrike --credential-file -
  curl -X PATCH 'http://127.0.0.1:8080/unified/ticketing/workspaces/ID?integrated_account_id=ACCOUNT' \\
    -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' -d '{\"name\":\"New name\"}'";

/// What every command takes, before or after its name.
#[derive(Debug, Clone, Args)]
struct Common {
    /// Read the configuration from this TOML file [env: PATCHBOARD_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep accounts, tokens and the key here [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Load the plugins (*.wasm) of this folder too; repeatable
    #[arg(long, global = true, value_name = "DIR")]
    plugins: Vec<PathBuf>,
    /// Add the unified models (MODEL/RESOURCE.json) of this folder to those that are built in; repeatable
    #[arg(long, global = true, value_name = "DIR")]
    models: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Add, list, show, update and remove integrated accounts
    #[command(subcommand)]
    Account(account::Command),
    /// List, inspect, test, build, publish and install plugins
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// List and check unified models, built in and your own
    #[command(subcommand)]
    Model(model::Command),
    /// Make one unified request from the shell, without a server
    Call(call::Arguments),
    /// Answer a recorded request again, offline, with the same plugin or with another
    Replay(replay::Arguments),
    /// Prepare the Spin app: add providers, export accounts
    #[command(subcommand)]
    Edge(edge::Command),
    /// Show the configuration
    #[command(subcommand)]
    Config(config::Command),
}

impl Common {
    fn flags(&self) -> Flags {
        Flags {
            file: self.config.clone(),
            data_dir: self.data_dir.clone(),
            plugins: self.plugins.clone(),
            models: self.models.clone(),
            ..Flags::default()
        }
    }

    fn config(&self) -> anyhow::Result<Config> {
        load(&self.flags())
    }

    fn store(&self) -> anyhow::Result<(Config, Store)> {
        let config = self.config()?;
        let store = Store::open(&config.data_dir)?;
        Ok((config, store))
    }
}

/// Asked for something wrong: the command ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misuse(String);

fn misuse(why: impl Into<String>) -> anyhow::Error {
    Misuse(why.into()).into()
}

/// A refusal of the engine's, as the command says it.
fn refused(problem: &Problem) -> anyhow::Error {
    misuse(problem.detail.clone())
}

fn load(flags: &Flags) -> anyhow::Result<Config> {
    Config::load(flags).map_err(|e| misuse(e.to_string()))
}

/// Parses the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("patchboard: {error:#}");
            ExitCode::from(if error.is::<Misuse>() { 2 } else { 1 })
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let common = arguments.common;
    if !matches!(arguments.command, Command::Serve(_)) {
        end_when_nobody_reads();
        // Commands answer; only what needs attention is logged.
        let log = crate::config::Log { filter: "warn".to_owned(), ..crate::config::Log::default() };
        logs::start(&log)?;
    }
    match arguments.command {
        Command::Serve(arguments) => serve::run(&common, arguments),
        Command::Token(command) => token::run(&common, command),
        Command::Account(command) => account::run(&common, command),
        Command::Plugin(command) => plugin::run(&common, command),
        Command::Model(command) => model::run(&common, command),
        Command::Call(arguments) => call::run(&common, arguments),
        Command::Replay(arguments) => replay::run(&common, &arguments),
        Command::Edge(command) => edge::run(&common, command),
        Command::Config(command) => config::run(&common, command),
    }
}

/// Whoever reads an answer may stop before its end (`| head`). That is no fault of the
/// command's, and the standard library would make a panic of it.
fn end_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some_and(|said| said.starts_with("failed printing to stdout")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// For machines: one JSON value.
fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// For people: columns as wide as their widest cell.
fn print_table(head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|name| name.len())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        println!("{}", padded.join("  ").trim_end());
    };
    print(&mut head.iter().copied());
    rows.iter().for_each(|row| print(&mut row.iter().map(String::as_str)));
}
