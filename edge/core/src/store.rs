//! The records, read and written through whatever store Spin gives.

use http::HeaderMap;
use patchboard_gateway::{Problem, door, token};
use thiserror::Error;

use crate::records::{self, AccountRecord, MAX_KEY, MAX_VALUE, TokenRecord};

/// A key-value store.
pub trait KeyValue {
    /// A value, if the key has one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets a value.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Removes a key; one that is not there is no error.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Every key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    fn keys(&self) -> Result<Vec<String>, StoreError>;
}

/// Why the store does not give or take a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It cannot be reached, is full, or is not this component's.
    #[error("the key-value store: {0}")]
    Unavailable(String),
    /// A value that nobody here has written.
    #[error("the key-value store holds something unreadable under {key}: {why}; import it again")]
    Damaged {
        /// Its key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// A value beyond what every store takes.
    #[error("the record {key} has {bytes} bytes and a key-value store takes {MAX_VALUE}")]
    TooLarge {
        /// Its key.
        key: String,
        /// Its size.
        bytes: usize,
    },
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The only tenant it may act for; every one where it is none.
    pub tenant: Option<String>,
}

/// Why a caller gets no further: a refusal, or a store that does not answer.
#[derive(Debug)]
pub enum Refused {
    /// The caller's.
    Problem(Problem),
    /// Ours.
    Store(StoreError),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The records of a store.
#[derive(Debug, Clone)]
pub struct Records<S>(pub S);

impl<S: KeyValue> Records<S> {
    /// Whose token a request carries.
    ///
    /// # Errors
    /// 401 for none, and for one that is not known.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refused> {
        let (id, secret) = token::split(door::bearer(headers)?).ok_or_else(door::unknown_token)?;
        let record: Option<TokenRecord> = self.read(&records::token_key(secret))?;
        let record = record.filter(|record| record.id == id).ok_or_else(door::unknown_token)?;
        Ok(Caller { tenant: record.tenant_id })
    }

    /// An account.
    ///
    /// # Errors
    /// 404 for one that is not there.
    pub fn account(&self, id: &str) -> Result<AccountRecord, Refused> {
        let record = match records::account_key(id) {
            Some(key) => self.read(&key)?,
            None => None,
        };
        Ok(record.ok_or_else(|| door::unknown_account(id))?)
    }

    /// Marks an account as refused by its provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn needs_reauth(&self, id: &str, why: &str, now: String) -> Result<(), StoreError> {
        let Some(key) = records::account_key(id) else { return Ok(()) };
        let record: Option<AccountRecord> = self.read(&key)?;
        match record.and_then(|record| record.refused(why, now)) {
            Some(refused) => self.write(&key, &refused),
            None => Ok(()),
        }
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn ping(&self) -> Result<(), StoreError> {
        self.0.get("ping").map(|_| ())
    }

    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let Some(value) = self.0.get(key)? else { return Ok(None) };
        serde_json::from_slice(&value).map(Some).map_err(|e| StoreError::Damaged { key: key.to_owned(), why: e.to_string() })
    }

    pub(crate) fn write(&self, key: &str, record: &impl serde::Serialize) -> Result<(), StoreError> {
        self.0.set(key, &encode(key, record)?)
    }
}

/// A record as it stands in a store, where every store takes it.
///
/// # Errors
/// [`StoreError::TooLarge`].
pub fn encode(key: &str, record: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    let value = serde_json::to_vec(record).map_err(|e| StoreError::Damaged { key: key.to_owned(), why: e.to_string() })?;
    let bytes = value.len();
    if bytes > MAX_VALUE || key.len() > MAX_KEY { Err(StoreError::TooLarge { key: key.to_owned(), bytes }) } else { Ok(value) }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use http::HeaderValue;
    use http::header::AUTHORIZATION;

    use super::*;
    use crate::records::tests::account;

    #[derive(Default)]
    pub(crate) struct Memory {
        pub(crate) values: RefCell<BTreeMap<String, Vec<u8>>>,
        pub(crate) writes: RefCell<usize>,
        pub(crate) broken: bool,
    }

    impl Memory {
        fn ready(&self) -> Result<(), StoreError> {
            if self.broken { Err(StoreError::Unavailable("gone".to_owned())) } else { Ok(()) }
        }
    }

    impl KeyValue for Memory {
        fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
            self.ready().map(|()| self.values.borrow().get(key).cloned())
        }

        fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
            *self.writes.borrow_mut() += 1;
            self.ready().map(|()| drop(self.values.borrow_mut().insert(key.to_owned(), value.to_owned())))
        }

        fn delete(&self, key: &str) -> Result<(), StoreError> {
            self.ready().map(|()| drop(self.values.borrow_mut().remove(key)))
        }

        fn keys(&self) -> Result<Vec<String>, StoreError> {
            self.ready().map(|()| self.values.borrow().keys().cloned().collect())
        }
    }

    fn records() -> Records<Memory> {
        let records = Records(Memory::default());
        let token = TokenRecord { id: "id".to_owned(), tenant_id: Some("t1".to_owned()) };
        records.write(&records::token_key("secret"), &token).unwrap();
        records.write("account:a", &account("a")).unwrap();
        records
    }

    fn caller(records: &Records<Memory>, token: &str) -> Result<Option<String>, u16> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap())]);
        records.caller(&headers).map(|caller| caller.tenant).map_err(|refused| match refused {
            Refused::Problem(problem) => problem.status.as_u16(),
            Refused::Store(_) => 500,
        })
    }

    #[test]
    fn a_token_counts_whole_and_under_its_own_id() {
        assert_eq!(caller(&records(), "pb_id_secret"), Ok(Some("t1".to_owned())));
        for wrong in ["pb_other_secret", "pb_id_secre", "id_secret", "pb_id", ""] {
            assert_eq!(caller(&records(), wrong), Err(401), "{wrong}");
        }
        assert_eq!(caller(&Records(Memory { broken: true, ..Memory::default() }), "pb_id_secret"), Err(500));
    }

    #[test]
    fn an_account_is_marked_once() {
        let records = records();
        records.needs_reauth("a", "expired", "now".to_owned()).unwrap();
        let account = records.account("a").unwrap();
        assert_eq!((account.status.as_str(), account.last_error.as_deref()), ("needs_reauth", Some("expired")));
        let writes = *records.0.writes.borrow();
        records.needs_reauth("a", "again", "later".to_owned()).unwrap();
        records.needs_reauth("none", "again", "later".to_owned()).unwrap();
        assert_eq!(*records.0.writes.borrow(), writes);
    }

    #[test]
    fn a_damaged_record_is_told_with_its_key() {
        let records = records();
        records.0.set("account:a", b"{\"tenant_id\":7}").unwrap();
        let Err(Refused::Store(error)) = records.account("a") else { panic!("a damaged record was read") };
        assert!(error.to_string().contains("account:a"), "{error}");
    }

    #[test]
    fn a_record_that_no_store_takes_is_refused_before() {
        let large = AccountRecord { tenant_id: "x".repeat(MAX_VALUE), ..account("a") };
        assert!(matches!(records().write("account:a", &large), Err(StoreError::TooLarge { .. })));
    }
}
