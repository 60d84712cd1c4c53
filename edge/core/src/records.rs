//! What stands in the key-value store.
//!
//! | key | value |
//! |---|---|
//! | `token:<SHA-256 of the token's secret, hex>` | [`TokenRecord`] |
//! | `account:<id>` | [`AccountRecord`] |
//!
//! No key has a `/`, which Azure Cosmos DB does not take in an id.
//!
//! Values are JSON. A token's secret and an account's credential never stand there in
//! plain: the first as its hash, the second sealed with a key that the store does not have.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_gateway::seal::{SealError, Sealer};
use patchboard_gateway::{Account, AccountStatus, token};
use serde::{Deserialize, Serialize};

/// Bytes of a key: the least that a store of Spin's takes.
pub const MAX_KEY: usize = 256;
/// Bytes of a value: the least that a store of Spin's takes.
pub const MAX_VALUE: usize = 1_000_000;
/// What the keys of tokens begin with.
pub const TOKENS: &str = "token:";
/// What the keys of accounts begin with.
pub const ACCOUNTS: &str = "account:";

/// Characters of an account's id; those of ours are UUIDs.
const MAX_ID: usize = 64;
/// Characters of a provider's words that are kept with an account.
const MAX_ERROR: usize = 2_000;

/// An API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// The token's id, which stands in the token.
    pub id: String,
    /// The only tenant whose accounts it may use; every tenant's where it is none.
    pub tenant_id: Option<String>,
}

/// An integrated account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// The customer it belongs to.
    pub tenant_id: String,
    /// The provider's name.
    pub provider: String,
    /// Whether it can be used.
    pub status: String,
    /// The settings as they were given.
    pub settings: BTreeMap<String, String>,
    /// The secrets, sealed, in base64.
    pub credential: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Why it cannot be used, in the provider's words.
    pub last_error: Option<String>,
}

/// The key of a token's record.
#[must_use]
pub fn token_key(secret: &str) -> String {
    token_key_of(&token::hash(secret))
}

/// The key of a token's record, from the stored hash.
#[must_use]
pub fn token_key_of(hash: &[u8]) -> String {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{TOKENS}{hex}")
}

/// The key of an account's record; none for what cannot be an account's id.
#[must_use]
pub fn account_key(id: &str) -> Option<String> {
    let good = !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    good.then(|| format!("{ACCOUNTS}{id}"))
}

impl AccountRecord {
    /// The credential as it stands in a record.
    #[must_use]
    pub fn encode(sealed: &[u8]) -> String {
        STANDARD.encode(sealed)
    }

    /// The account with its secrets.
    ///
    /// # Errors
    /// What is wrong with the record or the key; never a secret.
    pub fn open(self, id: &str, sealer: &Sealer) -> Result<Account, String> {
        let status: AccountStatus = self.status.parse().map_err(|e: patchboard_gateway::account::UnknownStatus| e.to_string())?;
        let sealed = STANDARD.decode(&self.credential).map_err(|_| "its credential is not base64".to_owned())?;
        let credential = sealer.unseal_credential(id, &self.provider, &sealed).map_err(|e: SealError| e.to_string())?;
        Ok(Account { id: id.to_owned(), provider: self.provider, status, settings: self.settings, credential })
    }

    /// The same as refused by its provider; none where it was not in use.
    #[must_use]
    pub fn refused(mut self, why: &str, now: String) -> Option<Self> {
        if self.status != AccountStatus::Active.as_str() {
            return None;
        }
        AccountStatus::NeedsReauth.as_str().clone_into(&mut self.status);
        self.last_error = Some(why.chars().take(MAX_ERROR).collect());
        self.updated_at = now;
        Some(self)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use secrecy::SecretString;

    use super::*;

    pub(crate) fn sealer() -> Sealer {
        Sealer::decode(&STANDARD.encode([1; 32])).unwrap()
    }

    pub(crate) fn account(id: &str) -> AccountRecord {
        let secrets = BTreeMap::from([("access_token".to_owned(), SecretString::from("t0ken-of-the-account"))]);
        let sealed = sealer().seal_credential([7; 24], id, "wrike", &secrets).unwrap();
        AccountRecord {
            tenant_id: "t1".to_owned(),
            provider: "wrike".to_owned(),
            status: "active".to_owned(),
            settings: BTreeMap::new(),
            credential: AccountRecord::encode(&sealed),
            updated_at: "2026-01-01T00:00:00Z".to_owned(),
            last_error: None,
        }
    }

    #[test]
    fn a_record_opens_with_its_key_for_its_id() {
        assert!(account("a").open("a", &sealer()).unwrap().credential.has("access_token"));
        assert!(account("a").open("b", &sealer()).unwrap_err().contains("does not open"));
        let damaged = AccountRecord { credential: "!".to_owned(), ..account("a") };
        assert_eq!(damaged.open("a", &sealer()).unwrap_err(), "its credential is not base64");
        let odd = AccountRecord { status: "odd".to_owned(), ..account("a") };
        assert!(odd.open("a", &sealer()).unwrap_err().contains("odd"));
    }

    #[test]
    fn keys_fit_every_store_and_come_of_ids_alone() {
        assert_eq!(token_key("s").len(), TOKENS.len() + 64);
        assert_eq!(account_key("1b2c-3").as_deref(), Some("account:1b2c-3"));
        assert!(account_key(&"x".repeat(MAX_ID)).is_some_and(|key| key.len() <= MAX_KEY));
        for id in ["", "a/b", "é", "a b", &"x".repeat(MAX_ID + 1)] {
            assert_eq!(account_key(id), None, "{id}");
        }
    }

    #[test]
    fn an_account_is_refused_once_and_in_few_words() {
        let refused = account("a").refused(&"x".repeat(5_000), "now".to_owned()).unwrap();
        assert_eq!((refused.status.as_str(), refused.updated_at.as_str()), ("needs_reauth", "now"));
        assert_eq!(refused.last_error.as_ref().unwrap().len(), MAX_ERROR);
        assert_eq!(refused.refused("again", "later".to_owned()), None);
    }
}
