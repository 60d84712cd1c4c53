//! API tokens. Only a hash of a token is kept.

use patchboard_gateway::token;
use rusqlite::OptionalExtension as _;
use secrecy::SecretString;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{Store, StoreError, now};
use crate::vault::VaultError;

const SECRET_BYTES: usize = 32;

/// A token as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TokenRecord {
    /// What `revoke` takes.
    pub id: String,
    /// What the operator called it.
    pub name: String,
    /// The only tenant whose accounts it may use; every tenant's where it is none.
    pub tenant_id: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

/// A token that was just made. It cannot be shown again.
pub struct NewToken {
    /// Its record.
    pub record: TokenRecord,
    /// The token itself.
    pub token: SecretString,
}

impl Store {
    /// Makes a token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn create_token(&self, name: &str, tenant: Option<&str>) -> Result<NewToken, StoreError> {
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(VaultError::Random)?;
        let id = Uuid::new_v4().simple().to_string();
        let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let token = SecretString::from(format!("{}{id}_{secret}", token::PREFIX));
        let record = TokenRecord { id, name: name.to_owned(), tenant_id: tenant.map(str::to_owned), created_at: now() };
        self.connection().execute(
            "INSERT INTO tokens (id, name, tenant_id, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (&record.id, &record.name, &record.tenant_id, token::hash(&secret), &record.created_at),
        )?;
        Ok(NewToken { record, token })
    }

    /// Every token, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT id, name, tenant_id, created_at FROM tokens ORDER BY created_at, id")?;
        let rows = query
            .query_map([], |row| Ok(TokenRecord { id: row.get(0)?, name: row.get(1)?, tenant_id: row.get(2)?, created_at: row.get(3)? }))?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// Revokes a token; says whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revoke_token(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.connection().execute("DELETE FROM tokens WHERE id = ?1", [id])? > 0)
    }
}

/// A token of the store, for checking what a caller sends.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) tenant: Option<String>,
    hash: Vec<u8>,
}

impl Known {
    /// Compares in constant time.
    pub(super) fn is(&self, secret: &str) -> bool {
        self.hash.ct_eq(&token::hash(secret)).into()
    }
}

pub(super) fn load(connection: &rusqlite::Connection, id: &str) -> Result<Option<Known>, StoreError> {
    let mut query = connection.prepare_cached("SELECT tenant_id, hash FROM tokens WHERE id = ?1")?;
    Ok(query.query_row([id], |row| Ok(Known { tenant: row.get(0)?, hash: row.get(1)? })).optional()?)
}
