//! `patchboard token`.

use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use super::{Common, misuse, print_json, print_table};
use crate::accounts;

/// Make, list and revoke API tokens
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a token and print it, once
    Create {
        /// What to call it
        #[arg(long, default_value = "unnamed")]
        name: String,
        /// The only tenant whose accounts it may use; without, it may use every account
        #[arg(long)]
        tenant: Option<String>,
    },
    /// List the tokens, without the tokens themselves
    List {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token; it counts a millisecond later
    Revoke {
        /// The token's id, as `list` shows it
        id: String,
    },
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    let (_, store) = common.store()?;
    match command {
        Command::Create { name, tenant } => {
            if let Some(tenant) = &tenant {
                accounts::tenant(tenant).map_err(|problem| super::refused(&problem))?;
            }
            let new = store.create_token(&name, tenant.as_deref())?;
            println!("{}", new.token.expose_secret());
            eprintln!("token {} ({name}) was made; it is not shown again", new.record.id);
        }
        Command::List { json: true } => print_json(&store.tokens()?)?,
        Command::List { json: false } => {
            let row =
                |t: crate::store::TokenRecord| vec![t.id, t.name, t.tenant_id.unwrap_or_else(|| "(every tenant)".to_owned()), t.created_at];
            let rows: Vec<_> = store.tokens()?.into_iter().map(row).collect();
            print_table(&["ID", "NAME", "TENANT", "CREATED"], &rows);
        }
        Command::Revoke { id } => {
            if !store.revoke_token(&id)? {
                return Err(misuse(format!("no token has the id {id:?}; `patchboard token list` shows the ids")));
            }
            eprintln!("token {id} was revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}
