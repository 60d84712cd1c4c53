//! Integrated accounts.

use std::collections::BTreeMap;

use patchboard_gateway::{Account, AccountStatus};
use rusqlite::{OptionalExtension as _, Row};
use secrecy::SecretString;
use uuid::Uuid;

use super::{Store, StoreError, now};
use crate::vault::Vault;

/// An account as it may be shown: everything but the credential.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AccountRecord {
    /// A UUID.
    pub id: String,
    /// The customer it belongs to.
    pub tenant_id: String,
    /// The provider's name.
    pub provider: String,
    /// Whether it can be used.
    pub status: String,
    /// The settings as they were given.
    pub settings: BTreeMap<String, String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Why it cannot be used, in the provider's words.
    pub last_error: Option<String>,
}

/// An account to be added; what is in it has been checked.
pub struct NewAccount {
    /// The customer it belongs to.
    pub tenant_id: String,
    /// The provider's name.
    pub provider: String,
    /// Its settings.
    pub settings: BTreeMap<String, String>,
    /// Its secrets by name.
    pub credential: BTreeMap<String, SecretString>,
}

/// What an update changes; it sets the account active again.
#[derive(Default)]
pub struct AccountChange {
    /// All settings, where they change.
    pub settings: Option<BTreeMap<String, String>>,
    /// All secrets, where they change.
    pub credential: Option<BTreeMap<String, SecretString>>,
}

const COLUMNS: &str = "id, tenant_id, provider, status, settings, created_at, updated_at, last_error";

impl Store {
    /// Adds an account and answers its id.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is stored then.
    pub fn add_account(&self, account: &NewAccount) -> Result<AccountRecord, StoreError> {
        let id = Uuid::new_v4().to_string();
        let sealed = self.vault.seal_credential(&id, &account.provider, &account.credential)?;
        let settings = serde_json::to_string(&account.settings).map_err(|e| StoreError::Unreadable(e.to_string()))?;
        let now = now();
        self.connection().execute(
            "INSERT INTO accounts (id, tenant_id, provider, status, settings, credential, created_at, updated_at) VALUES (?1, ?2, ?3, 'active', ?4, ?5, ?6, ?6)",
            (&id, &account.tenant_id, &account.provider, settings, sealed, &now),
        )?;
        self.account(&id)?.ok_or_else(|| StoreError::Unreadable(format!("the account {id} that was just added")))
    }

    /// Changes an account and sets it active. Answers none where there is no such account.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub fn update_account(&self, id: &str, change: &AccountChange) -> Result<Option<AccountRecord>, StoreError> {
        let Some(record) = self.account(id)? else { return Ok(None) };
        let sealed = change.credential.as_ref().map(|c| self.vault.seal_credential(id, &record.provider, c)).transpose()?;
        let settings =
            change.settings.as_ref().map(serde_json::to_string).transpose().map_err(|e| StoreError::Unreadable(e.to_string()))?;
        self.connection().execute(
            "UPDATE accounts SET status = 'active', last_error = NULL, settings = coalesce(?2, settings), credential = coalesce(?3, credential), updated_at = ?4 WHERE id = ?1",
            (id, settings, sealed, now()),
        )?;
        self.account(id)
    }

    /// Marks an account as refused by its provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn needs_reauth(&self, id: &str, why: &str) -> Result<(), StoreError> {
        self.connection().execute(
            "UPDATE accounts SET status = 'needs_reauth', last_error = ?2, updated_at = ?3 WHERE id = ?1 AND status = 'active'",
            (id, why, now()),
        )?;
        Ok(())
    }

    /// Removes an account; says whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_account(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.connection().execute("DELETE FROM accounts WHERE id = ?1", [id])? > 0)
    }

    /// One account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn account(&self, id: &str) -> Result<Option<AccountRecord>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1"))?;
        query.query_row([id], record).optional()?.transpose()
    }

    /// The accounts of a tenant, or all, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accounts(&self, tenant: Option<&str>) -> Result<Vec<AccountRecord>, StoreError> {
        let connection = self.connection();
        let mut query = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE ?1 IS NULL OR tenant_id = ?1 ORDER BY created_at, id"))?;
        let rows = query.query_map([tenant], record)?;
        rows.map(|row| row?).collect()
    }
}

/// An account with its secrets, for a request; its tenant beside it.
pub(super) fn load(connection: &rusqlite::Connection, vault: &Vault, id: &str) -> Result<Option<(String, Account)>, StoreError> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS}, credential FROM accounts WHERE id = ?1"))?;
    let row = query.query_row([id], |row| Ok((record(row)?, row.get::<_, Vec<u8>>(8)?))).optional()?;
    let Some((record, sealed)) = row else { return Ok(None) };
    let record = record?;
    let status: AccountStatus =
        record.status.parse().map_err(|e: patchboard_gateway::account::UnknownStatus| StoreError::Unreadable(e.to_string()))?;
    let credential = vault.unseal_credential(&record.id, &record.provider, &sealed)?;
    let account = Account { id: record.id, provider: record.provider, status, settings: record.settings, credential };
    Ok(Some((record.tenant_id, account)))
}

fn record(row: &Row<'_>) -> rusqlite::Result<Result<AccountRecord, StoreError>> {
    let settings: String = row.get(4)?;
    let settings = serde_json::from_str(&settings).map_err(|e| StoreError::Unreadable(format!("an account's settings: {e}")));
    let (id, tenant_id, provider, status) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (created_at, updated_at, last_error) = (row.get(5)?, row.get(6)?, row.get(7)?);
    Ok(settings.map(|settings| AccountRecord { id, tenant_id, provider, status, settings, created_at, updated_at, last_error }))
}
