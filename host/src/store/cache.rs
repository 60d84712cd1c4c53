//! What requests read: tokens and accounts, kept in memory until somebody writes.
//!
//! SQLite counts the commits of other connections (`PRAGMA data_version`), those of
//! other processes too. Asking for the count costs some system calls, a tenth of a whole
//! request: so it is asked for at most once a millisecond, and at once after a write of
//! this process. What is not in memory is read whenever it is asked for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use patchboard_gateway::access::Access;
use patchboard_gateway::contract::Provider;
use patchboard_gateway::egress::EgressPolicy;
use patchboard_gateway::{Account, Problem, token};
use rusqlite::Connection;
use semver::VersionReq;

use super::{StoreError, accounts, tokens};
use crate::vault::Vault;

/// How long another process's write may go unseen.
const UNSEEN: Duration = Duration::from_millis(1);
/// Accounts and tokens kept at most; beyond it, memory is emptied.
const MAX_KEPT: usize = 10_000;

/// An account as requests use it.
#[derive(Debug)]
pub struct Ready {
    /// The customer it belongs to.
    pub tenant_id: String,
    /// Which versions of its provider's plugin it follows; the newest where it is none.
    pub follows: Option<VersionReq>,
    /// The account.
    pub account: Account,
    /// For the plugin that it was last used with.
    access: ArcSwapOption<Prepared>,
}

/// What an account gives the requests of one plugin.
#[derive(Debug)]
struct Prepared {
    digest: String,
    access: Result<Arc<Access>, Box<Problem>>,
}

impl Ready {
    /// What the account gives a request; prepared once for each plugin.
    ///
    /// # Errors
    /// The problem that keeps the account from being used.
    pub fn access(&self, plugin: &impl Provider, policy: &EgressPolicy) -> Result<Arc<Access>, Problem> {
        let digest = &plugin.identity().digest;
        let kept = self.access.load_full().filter(|kept| kept.digest == *digest);
        let prepared = kept.unwrap_or_else(|| {
            let access = Access::prepare(&self.account, plugin.manifest(), policy).map(Arc::new).map_err(Box::new);
            let prepared = Arc::new(Prepared { digest: digest.clone(), access });
            self.access.store(Some(prepared.clone()));
            prepared
        });
        prepared.access.clone().map_err(|problem| *problem)
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
    /// Set by the store of this process when it may have written.
    used: Arc<AtomicBool>,
    vault: Vault,
}

struct Inner {
    connection: Connection,
    version: i64,
    /// When it was last asked for.
    asked: Option<Instant>,
    accounts: HashMap<String, Arc<Ready>>,
    tokens: HashMap<String, tokens::Known>,
}

impl Inner {
    /// Empties the memory when anybody has written since it was filled.
    fn look(&mut self) -> Result<(), StoreError> {
        self.asked = Some(Instant::now());
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
    pub(super) fn new(connection: Connection, used: Arc<AtomicBool>, vault: Vault) -> Self {
        let inner = Inner { connection, version: -1, asked: None, accounts: HashMap::new(), tokens: HashMap::new() };
        Self { inner: Mutex::new(inner), used, vault }
    }

    /// The memory, as fresh as it has to be.
    fn fresh(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let mut inner = self.lock();
        let written = self.used.load(Ordering::Relaxed) && self.used.swap(false, Ordering::Acquire);
        if written || inner.asked.is_none_or(|asked| asked.elapsed() >= UNSEEN) {
            inner.look()?;
        }
        Ok(inner)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose token this is; none for one that is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn caller(&self, token: &str) -> Result<Option<Caller>, StoreError> {
        let Some((id, secret)) = token::split(token) else { return Ok(None) };
        let mut inner = self.fresh()?;
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
        let mut inner = self.fresh()?;
        if let Some(ready) = inner.accounts.get(id) {
            return Ok(Some(ready.clone()));
        }
        let Some(accounts::Whole { tenant_id, follows, account }) = accounts::load(&inner.connection, &self.vault, id)? else {
            return Ok(None);
        };
        let ready = Arc::new(Ready { tenant_id, follows, account, access: ArcSwapOption::empty() });
        inner.accounts.insert(id.to_owned(), ready.clone());
        Ok(Some(ready))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ping(&self) -> Result<(), StoreError> {
        self.lock().look()
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
            plugin_version: None,
            credential: BTreeMap::from([("access_token".to_owned(), SecretString::from("tok-plain"))]),
        }
    }

    #[test]
    fn what_this_process_writes_counts_at_once_and_what_another_does_from_the_next_look() {
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
        reader.ping().unwrap();
        assert_eq!((updated.status.as_str(), updated.last_error), ("active", None));
        assert_eq!(reader.account(&id).unwrap().unwrap().account.status.as_str(), "active");
        assert!(command.remove_account(&id).unwrap());
        reader.ping().unwrap();
        assert!(reader.account(&id).unwrap().is_none());
        assert!(!command.remove_account(&id).unwrap());
    }

    #[test]
    fn the_version_that_an_account_follows_changes_only_where_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let reader = store.reader().unwrap();
        let pinned = NewAccount { plugin_version: Some("=0.1.0".parse().unwrap()), ..new_account() };
        let id = store.add_account(&pinned).unwrap().id;
        let follows = || reader.account(&id).unwrap().unwrap().follows.clone().map(|follows| follows.to_string());
        assert_eq!(follows().as_deref(), Some("=0.1.0"));
        store.update_account(&id, &AccountChange::default()).unwrap();
        assert_eq!(follows().as_deref(), Some("=0.1.0"));
        let range = AccountChange { plugin_version: Some(Some("^0.1".parse().unwrap())), ..AccountChange::default() };
        assert_eq!(store.update_account(&id, &range).unwrap().unwrap().plugin_version.as_deref(), Some("^0.1"));
        let newest = AccountChange { plugin_version: Some(None), ..AccountChange::default() };
        assert_eq!(store.update_account(&id, &newest).unwrap().unwrap().plugin_version, None);
        assert_eq!(follows(), None);
    }

    #[test]
    fn a_database_of_the_first_version_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let first = rusqlite::Connection::open(folder.path().join("patchboard.db")).unwrap();
        first.execute_batch(include_str!("schema.sql")).unwrap();
        first.pragma_update(None, "user_version", 1).unwrap();
        drop(first);
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.add_account(&new_account()).unwrap().plugin_version, None);
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
