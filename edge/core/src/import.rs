//! From an export into the store. Done twice it is done once.

use patchboard_gateway::AccountStatus;
use serde::Serialize;
use thiserror::Error;

use crate::export::{Export, ExportError};
use crate::records::{ACCOUNTS, AccountRecord, TOKENS};
use crate::store::{KeyValue, Records, StoreError};

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Imported {
    /// Records that were written.
    pub written: usize,
    /// Records that stood there already.
    pub unchanged: usize,
    /// Records that the export does not hold and that were removed.
    pub removed: usize,
    /// Accounts that stay `needs_reauth`: the provider has refused them since the host last
    /// changed them.
    pub needs_reauth: usize,
}

/// Why an import stops. What was written by then stays, and doing it again is safe.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Nothing was written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Nothing was written.
    #[error("the export is of one tenant, and prune would remove all others'; export without --tenant")]
    Partial,
    /// It may be done again.
    #[error("{0}; what was written stays, do it again")]
    Store(#[from] StoreError),
}

/// Imports a file. `prune` removes what it does not hold.
///
/// # Errors
/// [`ImportError`].
pub fn import<S: KeyValue>(records: &Records<S>, file: &[u8], prune: bool) -> Result<Imported, ImportError> {
    let export = Export::read(file)?;
    if prune && !export.complete {
        return Err(ImportError::Partial);
    }
    let mut done = Imported::default();
    // A token counts only when the accounts are there, and is gone before they are.
    for (key, account) in &export.accounts {
        let (account, kept) = merged(records, key, account)?;
        done.needs_reauth += usize::from(kept);
        done.put(records, key, &account)?;
    }
    for (key, token) in &export.tokens {
        done.put(records, key, token)?;
    }
    if prune {
        for key in gone(records, &export)? {
            records.0.delete(&key)?;
            done.removed += 1;
        }
    }
    Ok(done)
}

impl Imported {
    fn put<S: KeyValue>(&mut self, records: &Records<S>, key: &str, record: &impl Serialize) -> Result<(), StoreError> {
        let value = crate::store::encode(key, record)?;
        if records.0.get(key)?.as_deref() == Some(&value) {
            self.unchanged += 1;
        } else {
            records.0.set(key, &value)?;
            self.written += 1;
        }
        Ok(())
    }
}

/// An account as the host has it; but where its provider has refused it here since the
/// host changed it, it stays refused. A damaged record is replaced.
fn merged<S: KeyValue>(records: &Records<S>, key: &str, account: &AccountRecord) -> Result<(AccountRecord, bool), StoreError> {
    let mut account = account.clone();
    let stored: Option<AccountRecord> = match records.read(key) {
        Err(StoreError::Damaged { .. }) => None,
        read => read?,
    };
    let refused = AccountStatus::NeedsReauth.as_str();
    match stored {
        // Both are RFC 3339 in UTC, which compares as text, to the second.
        Some(stored) if stored.status == refused && account.status != refused && stored.updated_at >= account.updated_at => {
            (account.status, account.last_error, account.updated_at) = (stored.status, stored.last_error, stored.updated_at);
            Ok((account, true))
        }
        _ => Ok((account, false)),
    }
}

/// Our keys that an export does not hold, tokens first.
fn gone<S: KeyValue>(records: &Records<S>, export: &Export) -> Result<Vec<String>, StoreError> {
    let mut gone = records.0.keys()?;
    gone.retain(|key| match (key.starts_with(TOKENS), key.starts_with(ACCOUNTS)) {
        (true, _) => !export.tokens.contains_key(key),
        (_, true) => !export.accounts.contains_key(key),
        _ => false,
    });
    gone.sort_by_key(|key| !key.starts_with(TOKENS));
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::tests::export;
    use crate::store::tests::Memory;

    fn counts(done: Imported) -> (usize, usize, usize, usize) {
        (done.written, done.unchanged, done.removed, done.needs_reauth)
    }

    #[test]
    fn done_twice_it_is_done_once() {
        let records = Records(Memory::default());
        let file = export().write().unwrap();
        assert_eq!(counts(import(&records, &file, false).unwrap()), (3, 0, 0, 0));
        assert_eq!(counts(import(&records, &file, true).unwrap()), (0, 3, 0, 0));
        assert_eq!(*records.0.writes.borrow(), 3);
    }

    #[test]
    fn what_the_export_lacks_is_removed_only_where_it_is_asked_for() {
        let records = Records(Memory::default());
        records.0.set("account:old", b"{}").unwrap();
        records.0.set("of-another-component", b"x").unwrap();
        let file = export().write().unwrap();
        assert_eq!(import(&records, &file, false).unwrap().removed, 0);
        assert_eq!(import(&records, &file, true).unwrap().removed, 1);
        assert!(records.0.get("of-another-component").unwrap().is_some());
        let partial = Export { complete: false, ..export() }.write().unwrap();
        assert_eq!(import(&records, &partial, true), Err(ImportError::Partial));
        assert_eq!(import(&records, &partial, false).unwrap().unchanged, 3);
    }

    #[test]
    fn an_account_that_was_refused_here_stays_so_until_the_host_changes_it() {
        let records = Records(Memory::default());
        let mut export = export();
        import(&records, &export.write().unwrap(), false).unwrap();
        records.needs_reauth("a", "expired", "2026-02-01T00:00:00Z".to_owned()).unwrap();
        assert_eq!(counts(import(&records, &export.write().unwrap(), false).unwrap()), (0, 3, 0, 1));
        export.accounts.get_mut("account:a").unwrap().updated_at = "2026-03-01T00:00:00Z".to_owned();
        assert_eq!(counts(import(&records, &export.write().unwrap(), false).unwrap()), (1, 2, 0, 0));
    }

    #[test]
    fn a_damaged_record_is_replaced_and_a_fault_writes_nothing() {
        let records = Records(Memory::default());
        records.0.set("account:a", b"damaged").unwrap();
        let file = export().write().unwrap();
        assert!(import(&records, &file[..file.len() - 9], false).is_err());
        assert_eq!(records.0.get("account:a").unwrap().as_deref(), Some(&b"damaged"[..]));
        assert_eq!(import(&records, &file, false).unwrap().written, 3);
        let broken = Records(Memory { broken: true, ..Memory::default() });
        assert!(import(&broken, &file, false).unwrap_err().to_string().contains("do it again"));
    }
}
