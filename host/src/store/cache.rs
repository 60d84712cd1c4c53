//! What requests read: tokens and accounts, kept in memory until somebody writes.
//!
//! SQLite counts the commits of other connections (`PRAGMA data_version`), those of
//! other processes too. Asking for the count costs a microsecond; reading, unsealing
//! and preparing an account costs thirty.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use patchboard_gateway::access::Access;
use patchboard_gateway::egress::EgressPolicy;
use patchboard_gateway::{Account, Manifest, Problem, token};
use rusqlite::Connection;

use super::{StoreError, accounts, tokens};
use crate::vault::Vault;

/// Accounts and tokens kept at most; beyond it, memory is emptied.
const MAX_KEPT: usize = 10_000;

/// An account as requests use it.
#[derive(Debug)]
pub struct Ready {
    /// The customer it belongs to.
    pub tenant_id: String,
    /// The account.
    pub account: Account,
    access: OnceLock<Result<Access, Box<Problem>>>,
}

impl Ready {
    /// What the account gives a request; prepared once.
    ///
    /// # Errors
    /// The problem that keeps the account from being used.
    pub fn access(&self, manifest: &Manifest, policy: &EgressPolicy) -> Result<&Access, Problem> {
        let prepare = || Access::prepare(&self.account, manifest, policy).map_err(Box::new);
        self.access.get_or_init(prepare).as_ref().map_err(|problem| (**problem).clone())
    }
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The only tenant it may act for; every one where it is none.
    pub tenant: Option<String>,
}

/// Reads for requests.
pub struct Reader {
    inner: Mutex<Inner>,
    vault: Vault,
}

struct Inner {
    connection: Connection,
    version: i64,
    accounts: HashMap<String, Arc<Ready>>,
    tokens: HashMap<String, tokens::Known>,
}

impl Inner {
    /// Empties the memory when anybody has written since it was filled.
    fn fresh(&mut self) -> Result<(), StoreError> {
        let version = self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if version != self.version || self.accounts.len() + self.tokens.len() > MAX_KEPT {
            self.accounts.clear();
            self.tokens.clear();
            self.version = version;
        }
        Ok(())
    }
}

impl Reader {
    pub(super) fn new(connection: Connection, vault: Vault) -> Self {
        let inner = Inner { connection, version: -1, accounts: HashMap::new(), tokens: HashMap::new() };
        Self { inner: Mutex::new(inner), vault }
    }

    /// Whose token this is; none for one that is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn caller(&self, token: &str) -> Result<Option<Caller>, StoreError> {
        let Some((id, secret)) = token::split(token) else { return Ok(None) };
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.fresh()?;
        if !inner.tokens.contains_key(id) {
            let Some(known) = tokens::load(&inner.connection, id)? else { return Ok(None) };
            inner.tokens.insert(id.to_owned(), known);
        }
        let known = inner.tokens.get(id).filter(|known| known.is(secret));
        Ok(known.map(|known| Caller { tenant: known.tenant.clone() }))
    }

    /// An account with its secrets.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn account(&self, id: &str) -> Result<Option<Arc<Ready>>, StoreError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.fresh()?;
        if let Some(ready) = inner.accounts.get(id) {
            return Ok(Some(ready.clone()));
        }
        let Some((tenant_id, account)) = accounts::load(&inner.connection, &self.vault, id)? else { return Ok(None) };
        let ready = Arc::new(Ready { tenant_id, account, access: OnceLock::new() });
        inner.accounts.insert(id.to_owned(), ready.clone());
        Ok(Some(ready))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ping(&self) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.fresh()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::{ExposeSecret as _, SecretString};

    use crate::store::{AccountChange, NewAccount, Store};

    fn new_account() -> NewAccount {
        NewAccount {
            tenant_id: "t1".to_owned(),
            provider: "wrike".to_owned(),
            settings: BTreeMap::from([("host".to_owned(), "www.wrike.com".to_owned())]),
            credential: BTreeMap::from([("access_token".to_owned(), SecretString::from("tok-plain"))]),
        }
    }

    #[test]
    fn what_another_process_writes_counts_from_the_next_read() {
        let folder = tempfile::tempdir().unwrap();
        let server = Store::open(folder.path()).unwrap();
        let reader = server.reader().unwrap();
        let command = Store::open(folder.path()).unwrap();
        let id = command.add_account(&new_account()).unwrap().id;
        let before = reader.account(&id).unwrap().unwrap();
        assert!(std::sync::Arc::ptr_eq(&before, &reader.account(&id).unwrap().unwrap()), "the second read is served from memory");
        server.needs_reauth(&id, "expired").unwrap();
        assert_eq!(reader.account(&id).unwrap().unwrap().account.status.as_str(), "needs_reauth");
        let updated = command.update_account(&id, &AccountChange::default()).unwrap().unwrap();
        assert_eq!((updated.status.as_str(), updated.last_error), ("active", None));
        assert_eq!(reader.account(&id).unwrap().unwrap().account.status.as_str(), "active");
        assert!(command.remove_account(&id).unwrap());
        assert!(reader.account(&id).unwrap().is_none());
        assert!(!command.remove_account(&id).unwrap());
    }

    #[test]
    fn a_token_is_known_until_it_is_revoked_and_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let reader = store.reader().unwrap();
        let new = store.create_token("ci", Some("t1")).unwrap();
        let token = new.token.expose_secret();
        assert_eq!(reader.caller(token).unwrap().unwrap().tenant.as_deref(), Some("t1"));
        for wrong in ["", "pb_", "pb_x_y", token.get(..token.len() - 1).unwrap(), &format!("{token}0"), &token.replace("pb_", "")] {
            assert_eq!(reader.caller(wrong).unwrap(), None, "{wrong}");
        }
        assert!(store.revoke_token(&new.record.id).unwrap());
        assert_eq!(reader.caller(token).unwrap(), None);
    }

    #[test]
    fn no_secret_stands_in_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.add_account(&new_account()).unwrap();
        let token = store.create_token("ci", None).unwrap().token;
        let secret = token.expose_secret().rsplit('_').next().unwrap().to_owned();
        drop(store);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for needle in [&b"tok-plain"[..], secret.as_bytes()] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle));
            }
        }
    }

    #[test]
    fn another_key_is_told_when_the_store_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(folder.path()).unwrap());
        std::fs::remove_file(folder.path().join("key")).unwrap();
        assert!(Store::open(folder.path()).err().unwrap().to_string().contains("does not open"));
    }
}
