//! `patchboard account`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anyhow::Context as _;
use patchboard_gateway::{Code, Problem, json};
use semver::VersionReq;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Common, misuse, print_json, print_table, refused};
use crate::accounts::{self, DEFAULT_TENANT};
use crate::registry::Registry;
use crate::service;
use crate::store::{AccountChange, AccountRecord, NewAccount, Store};

/// Nesting of a credential file: an object of strings.
const CREDENTIAL_DEPTH: usize = 2;
/// Bytes of one: ten times a service account with its key.
const CREDENTIAL_BYTES: u64 = 64 << 10;

/// Add, list, show, update and remove integrated accounts
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add an account and print its id
    Add {
        /// The provider, as `patchboard plugin list` names it
        #[arg(long)]
        provider: String,
        /// The customer that the account belongs to
        #[arg(long, default_value = DEFAULT_TENANT)]
        tenant: String,
        #[command(flatten)]
        given: Given,
    },
    /// List the accounts
    List {
        /// Of this customer alone
        #[arg(long)]
        tenant: Option<String>,
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Show an account, without its credential
    Show {
        /// The account's id
        id: String,
    },
    /// Change settings or the credential, and set the account active again
    Update {
        /// The account's id
        id: String,
        #[command(flatten)]
        given: Given,
    },
    /// Remove an account with its credential
    Remove {
        /// The account's id
        id: String,
    },
}

/// What an account is made of.
#[derive(Debug, clap::Args)]
pub(super) struct Given {
    /// A setting; repeatable. An empty value takes the setting away
    #[arg(long = "setting", value_name = "NAME=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
    /// Use only versions of the plugin that fit this, such as =0.1.0 or ^0.1 [default: the newest that is loaded];
    /// an empty value means the newest again
    #[arg(long, value_name = "REQ")]
    plugin_version: Option<String>,
    /// The credential as a JSON object, such as {"access_token":"…"}; - reads standard input
    #[arg(long, value_name = "FILE")]
    credential_file: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Given {
    /// The versions that the account is to follow, where that is said.
    fn follows(&self) -> anyhow::Result<Option<Option<VersionReq>>> {
        let Some(text) = &self.plugin_version else { return Ok(None) };
        let follows = (!text.is_empty()).then(|| accounts::follows(text)).transpose();
        follows.map(Some).map_err(|problem| refused(&problem))
    }
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    let (config, store) = common.store()?;
    let plugins = || service::plugins(&config, &store);
    match command {
        Command::Add { provider, tenant, given } => println!("{}", add(&store, &plugins()?, provider, tenant, &given)?),
        Command::List { tenant, json: true } => print_json(&store.accounts(tenant.as_deref())?)?,
        Command::List { tenant, json: false } => list(&store.accounts(tenant.as_deref())?),
        Command::Show { id } => print_json(&find(&store, &id)?)?,
        Command::Update { id, given } => {
            update(&store, &plugins()?, &id, &given)?;
            eprintln!("account {id} was updated and is active");
        }
        Command::Remove { id } => {
            if !store.remove_account(&id)? {
                return Err(unknown(&id));
            }
            eprintln!("account {id} was removed");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn add(store: &Store, plugins: &Registry, provider: String, tenant_id: String, given: &Given) -> anyhow::Result<String> {
    accounts::tenant(&tenant_id).map_err(|p| refused(&p))?;
    let plugin_version = given.follows()?.flatten();
    let plugin = accounts::plugin(plugins, &provider, plugin_version.as_ref()).map_err(|p| not_loaded(&p))?;
    let settings = laid_over(BTreeMap::new(), given);
    accounts::settings(plugin, &settings).map_err(|p| refused(&p))?;
    let Some(file) = &given.credential_file else {
        return Err(misuse("a credential is needed: --credential-file FILE, or - for standard input"));
    };
    let credential = accounts::credential(plugin, read_credential(file)?).map_err(|p| refused(&p))?;
    Ok(store.add_account(&NewAccount { tenant_id, provider, settings, plugin_version, credential })?.id)
}

fn update(store: &Store, plugins: &Registry, id: &str, given: &Given) -> anyhow::Result<()> {
    let record = find(store, id)?;
    let changed = given.follows()?;
    let kept = record.plugin_version.as_deref().map(accounts::follows).transpose().map_err(|p| refused(&p))?;
    let plugin = accounts::plugin(plugins, &record.provider, changed.as_ref().unwrap_or(&kept).as_ref()).map_err(|p| not_loaded(&p))?;
    let settings = laid_over(record.settings, given);
    accounts::settings(plugin, &settings).map_err(|p| refused(&p))?;
    let credential = match &given.credential_file {
        Some(file) => Some(accounts::credential(plugin, read_credential(file)?).map_err(|p| refused(&p))?),
        None => None,
    };
    let change = AccountChange { settings: Some(settings), plugin_version: changed, credential };
    store.update_account(id, &change)?.map(|_| ()).ok_or_else(|| unknown(id))
}

fn laid_over(mut settings: BTreeMap<String, String>, given: &Given) -> BTreeMap<String, String> {
    for (name, value) in &given.settings {
        if value.is_empty() {
            settings.remove(name);
        } else {
            settings.insert(name.clone(), value.clone());
        }
    }
    settings
}

fn find(store: &Store, id: &str) -> anyhow::Result<AccountRecord> {
    store.account(id)?.ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> anyhow::Error {
    misuse(format!("no account has the id {id:?}; `patchboard account list` shows the ids"))
}

/// This command loads plugins of its own, whatever a running server has.
fn not_loaded(problem: &Problem) -> anyhow::Error {
    match problem.code {
        Code::ProviderNotLoaded => misuse(format!("{}; --plugins DIR adds those of a folder, as for the server", problem.detail)),
        _ => refused(problem),
    }
}

/// A credential never stands in the process list, so it comes from a file or a pipe.
fn read_credential(file: &Path) -> anyhow::Result<Value> {
    let mut bytes = Zeroizing::new(Vec::new());
    if file == Path::new("-") {
        io::stdin().lock().take(CREDENTIAL_BYTES + 1).read_to_end(&mut bytes).context("cannot read the credential from standard input")?;
    } else {
        let opened = fs::File::open(file).and_then(|opened| opened.take(CREDENTIAL_BYTES + 1).read_to_end(&mut bytes));
        opened.map_err(|e| misuse(format!("cannot read the credential file {}: {e}", file.display())))?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > CREDENTIAL_BYTES) {
        return Err(misuse(format!("the credential has more than {CREDENTIAL_BYTES} bytes; is {} the right file?", file.display())));
    }
    // The reason names a place, never what stands there.
    json::parse(&bytes, CREDENTIAL_DEPTH)
        .map_err(|_| misuse("the credential is not a JSON object of strings, such as {\"access_token\":\"…\"}"))
}

fn list(records: &[AccountRecord]) {
    let row = |a: &AccountRecord| {
        let version = a.plugin_version.clone().unwrap_or_else(|| "(newest)".to_owned());
        vec![a.id.clone(), a.provider.clone(), version, a.tenant_id.clone(), a.status.clone(), a.updated_at.clone()]
    };
    print_table(&["ID", "PROVIDER", "VERSION", "TENANT", "STATUS", "UPDATED"], &records.iter().map(row).collect::<Vec<_>>());
}
