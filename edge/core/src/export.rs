//! The file that carries accounts and tokens from a host's store to the edge: JSON lines.
//!
//! ```text
//! {"patchboard_edge_export":1,"complete":true,"records":2}
//! {"key":"token:…","value":{…}}
//! {"key":"account:…","value":{…}}
//! ```
//!
//! The first line counts the others, so that a file that was cut off is told. `complete`
//! says that the file holds all of the host's store: only then may what it lacks be
//! removed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::records::{ACCOUNTS, AccountRecord, TOKENS, TokenRecord, account_key};
use crate::store::{StoreError, encode};

/// Bytes of an export: what one request to the import route may carry.
pub const MAX_EXPORT: usize = 10 << 20;
const VERSION: u64 = 1;

/// What a file holds, read whole and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Whether it holds all of the host's store.
    pub complete: bool,
    /// By the token's key.
    pub tokens: BTreeMap<String, TokenRecord>,
    /// By the account's key.
    pub accounts: BTreeMap<String, AccountRecord>,
}

/// Why a file is no export.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExportError {
    /// Its first line is not that of an export.
    #[error("line 1 is not that of an export; make one with `patchboard edge sync`")]
    Head,
    /// Made by a later version.
    #[error("the export is of version {0}, and this app reads version {VERSION}; update the app")]
    Version(u64),
    /// A line that is no record.
    #[error("line {0}: {1}")]
    Line(usize, String),
    /// It was cut off, or changed.
    #[error("the export has {found} records and its first line says {said}; was it cut off?")]
    Count {
        /// Records that are there.
        found: usize,
        /// Records that should be.
        said: usize,
    },
    /// A record that no store takes.
    #[error(transparent)]
    Record(#[from] StoreError),
    /// Beyond what one import takes.
    #[error("the export has {0} bytes and an import takes {MAX_EXPORT}; export one tenant at a time, with --tenant")]
    TooLarge(usize),
}

#[derive(Deserialize)]
struct First {
    patchboard_edge_export: u64,
    complete: bool,
    records: usize,
}

#[derive(Deserialize)]
struct Line {
    key: String,
    value: Value,
}

impl Export {
    /// Writes the file.
    ///
    /// # Errors
    /// [`ExportError`] for a record or a file that is too large.
    pub fn write(&self) -> Result<Vec<u8>, ExportError> {
        let records = self.tokens.len() + self.accounts.len();
        let mut lines = vec![json!({"patchboard_edge_export": VERSION, "complete": self.complete, "records": records}).to_string()];
        for (key, token) in &self.tokens {
            lines.push(line(key, &encode(key, token)?));
        }
        for (key, account) in &self.accounts {
            lines.push(line(key, &encode(key, account)?));
        }
        let file = lines.join("\n") + "\n";
        if file.len() > MAX_EXPORT { Err(ExportError::TooLarge(file.len())) } else { Ok(file.into_bytes()) }
    }

    /// Reads a file. Nothing of one with a fault in it is taken.
    ///
    /// # Errors
    /// [`ExportError`], the first fault.
    pub fn read(file: &[u8]) -> Result<Self, ExportError> {
        let mut lines = file.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
        let first = lines.next().filter(|(index, _)| *index == 0).and_then(|(_, line)| serde_json::from_slice::<First>(line).ok());
        let first = first.ok_or(ExportError::Head)?;
        if first.patchboard_edge_export != VERSION {
            return Err(ExportError::Version(first.patchboard_edge_export));
        }
        let mut export = Self { complete: first.complete, tokens: BTreeMap::new(), accounts: BTreeMap::new() };
        for (index, line) in lines {
            export.take(line).map_err(|why| ExportError::Line(index + 1, why))?;
        }
        let found = export.tokens.len() + export.accounts.len();
        if found == first.records { Ok(export) } else { Err(ExportError::Count { found, said: first.records }) }
    }

    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        let Line { key, value } = serde_json::from_slice(line).map_err(|e| format!("it is no record: {e}"))?;
        encode(&key, &value).map_err(|e| e.to_string())?;
        let hash = key.strip_prefix(TOKENS).filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let twice = if hash.is_some() {
            let record = serde_json::from_value(value).map_err(|e| format!("it is no token: {e}"))?;
            self.tokens.insert(key, record).is_some()
        } else if key.strip_prefix(ACCOUNTS).and_then(account_key).is_some() {
            let record = serde_json::from_value(value).map_err(|e| format!("it is no account: {e}"))?;
            self.accounts.insert(key, record).is_some()
        } else {
            return Err(format!("the key {key:?} is neither a token's nor an account's"));
        };
        if twice { Err("the key is there twice".to_owned()) } else { Ok(()) }
    }
}

fn line(key: &str, value: &[u8]) -> String {
    format!("{{\"key\":{},\"value\":{}}}", Value::from(key), String::from_utf8_lossy(value))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::records::tests::account;
    use crate::records::token_key;

    pub(crate) fn export() -> Export {
        let token = TokenRecord { id: "id".to_owned(), tenant_id: None };
        Export {
            complete: true,
            tokens: BTreeMap::from([(token_key("secret"), token)]),
            accounts: BTreeMap::from([("account:a".to_owned(), account("a")), ("account:b".to_owned(), account("b"))]),
        }
    }

    fn refusal(file: &str) -> String {
        Export::read(file.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_export_is_read_back_and_holds_no_secret() {
        let file = export().write().unwrap();
        assert_eq!(Export::read(&file).unwrap(), export());
        let text = String::from_utf8(file).unwrap();
        assert_eq!(text.lines().count(), 4);
        assert!(!text.contains("t0ken-of-the-account") && !text.contains("secret\""));
    }

    #[test]
    fn a_file_that_is_not_whole_is_told() {
        let file = String::from_utf8(export().write().unwrap()).unwrap();
        let lines: Vec<&str> = file.lines().collect();
        assert!(refusal(&lines[..3].join("\n")).contains("cut off"));
        assert!(refusal(file.get(..file.len() - 20).unwrap()).starts_with("line 4: it is no record"));
        assert!(refusal(&[&lines[..], &lines[3..]].concat().join("\n")).contains("twice"));
        assert!(refusal(&lines[1..].join("\n")).contains("line 1"));
        assert!(refusal("").contains("line 1"));
        assert!(refusal(&file.replacen(":1,", ":2,", 1)).contains("version 2"));
    }

    #[test]
    fn a_key_of_nobodys_is_refused() {
        let head = r#"{"patchboard_edge_export":1,"complete":true,"records":1}"#;
        for key in ["token:abc", "account:a/b", "ping", "account:"] {
            let line = format!(r#"{{"key":"{key}","value":{{}}}}"#);
            assert!(refusal(&format!("{head}\n{line}")).contains("neither"), "{key}");
        }
        assert!(refusal(&format!("{head}\n{}", r#"{"key":"account:a","value":{}}"#)).contains("no account"));
    }

    #[test]
    fn an_export_beyond_an_import_is_refused_with_what_to_do() {
        let wide = AccountRecord { tenant_id: "x".repeat(900_000), ..account("a") };
        let accounts = (0..12).map(|nth| (format!("account:{nth}"), wide.clone())).collect();
        let why = Export { complete: true, tokens: BTreeMap::new(), accounts }.write().unwrap_err().to_string();
        assert!(why.contains("--tenant"), "{why}");
    }
}
