//! The query string, in every spelling that clients use.
//!
//! `a[]=x`, `a[0]=x` and `a=x&a=y` are arrays, `a[b][c]=x` is nesting, brackets
//! may be percent-encoded. No kept crate reads all of them and still hands on
//! `remote_query` exactly as it was written, so this is our own parser; it is
//! bounded, and knows nothing about what the names mean.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use thiserror::Error;

/// How many brackets may follow a name: deeper filters exist at no provider.
pub const MAX_DEPTH: usize = 5;
/// How many values one name may have, and how many names a query may have.
pub const MAX_ELEMENTS: usize = 100;

/// Why a query string cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// A percent-encoded byte sequence is not UTF-8.
    #[error("the query parameter {0:?} is not valid UTF-8")]
    NotUtf8(String),
    /// `a[b=1`, `a]b=1`, `[b]=1`.
    #[error("the brackets of the query parameter {0:?} do not match")]
    Brackets(String),
    /// More than [`MAX_DEPTH`] brackets.
    #[error("the query parameter {0:?} is nested deeper than {MAX_DEPTH} levels")]
    TooDeep(String),
    /// More than [`MAX_ELEMENTS`] values or names, or an index beyond them.
    #[error("the query parameter {0:?} has more than {MAX_ELEMENTS} elements")]
    TooMany(String),
}

/// One `name[key]…=value` of a query, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What stands before the first bracket.
    pub name: String,
    /// What stands in the brackets; empty for `[]`.
    pub keys: Vec<String>,
    /// The value.
    pub value: String,
}

impl Entry {
    /// The name as it was written behind `name`: keys `a`, `b` give `a[b]`.
    #[must_use]
    pub fn inner_name(&self) -> Option<String> {
        let (first, rest) = self.keys.split_first()?;
        let mut name = first.clone();
        for key in rest {
            name.push('[');
            name.push_str(key);
            name.push(']');
        }
        Some(name)
    }
}

/// Reads a query string (what stands behind `?`).
///
/// # Errors
/// [`QueryError`], the first reason met.
pub fn parse(query: &str) -> Result<Vec<Entry>, QueryError> {
    let mut entries: Vec<Entry> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let entry = entry(decode(name)?, decode(value)?)?;
        if entries.iter().filter(|e| e.name == entry.name).count() == MAX_ELEMENTS {
            return Err(QueryError::TooMany(entry.name));
        }
        entries.push(entry);
        if entries.len() > MAX_ELEMENTS * 10 {
            return Err(QueryError::TooMany("?".to_owned()));
        }
    }
    Ok(entries)
}

fn decode(text: &str) -> Result<String, QueryError> {
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| QueryError::NotUtf8(text.to_owned()))
}

fn entry(written: String, value: String) -> Result<Entry, QueryError> {
    let Some((name, brackets)) = written.split_once('[') else {
        if written.contains(']') {
            return Err(QueryError::Brackets(written));
        }
        return Ok(Entry { name: written, keys: Vec::new(), value });
    };
    let inner = brackets.strip_suffix(']').filter(|_| !name.is_empty() && !name.contains(']'));
    let keys: Vec<String> = inner.map(|inner| inner.split("][").map(str::to_owned).collect()).unwrap_or_default();
    if keys.is_empty() || keys.iter().any(|key| key.contains(['[', ']'])) {
        return Err(QueryError::Brackets(written));
    }
    if keys.len() > MAX_DEPTH {
        return Err(QueryError::TooDeep(written));
    }
    Ok(Entry { name: name.to_owned(), keys, value })
}

/// The values of an array parameter: repeated, `[]` or indexed. Indexed values are
/// put in the order of their indexes, behind those without one.
///
/// # Errors
/// [`QueryError::TooMany`] for an index of [`MAX_ELEMENTS`] or more,
/// [`QueryError::Brackets`] where a key is no index.
pub fn array<'a>(entries: impl Iterator<Item = &'a Entry>) -> Result<Vec<String>, QueryError> {
    let mut plain = Vec::new();
    let mut indexed = Vec::new();
    for entry in entries {
        match entry.keys.as_slice() {
            [] => plain.push(entry.value.clone()),
            [key] if key.is_empty() => plain.push(entry.value.clone()),
            [key] => {
                let index: usize = key.parse().map_err(|_| QueryError::Brackets(format!("{}[{key}]", entry.name)))?;
                if index >= MAX_ELEMENTS {
                    return Err(QueryError::TooMany(entry.name.clone()));
                }
                indexed.push((index, entry.value.clone()));
            }
            _ => return Err(QueryError::Brackets(entry.name.clone())),
        }
    }
    indexed.sort_by_key(|(index, _)| *index);
    plain.extend(indexed.into_iter().map(|(_, value)| value));
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn read(query: &str) -> Vec<(String, Vec<String>, String)> {
        parse(query).unwrap().into_iter().map(|e| (e.name, e.keys, e.value)).collect()
    }

    fn values(query: &str) -> Result<Vec<String>, QueryError> {
        array(parse(query)?.iter())
    }

    #[test]
    fn every_spelling_of_an_array_means_the_same() {
        for query in ["a[]=x&a[]=y", "a[0]=x&a[1]=y", "a[1]=y&a[0]=x", "a=x&a=y", "a%5B%5D=x&a%5B%5D=y", "a=x&a[]=y"] {
            assert_eq!(values(query).unwrap(), ["x", "y"], "{query}");
        }
    }

    #[test]
    fn nesting_is_read_with_raw_and_with_encoded_brackets() {
        let expected = vec![("a".to_owned(), vec!["b".to_owned(), "c d".to_owned()], "x=1".to_owned())];
        assert_eq!(read("a[b][c+d]=x=1"), expected);
        assert_eq!(read("a%5Bb%5D%5Bc%20d%5D=x%3D1"), expected);
        assert_eq!(parse("q[a][b]=x").unwrap()[0].inner_name().unwrap(), "a[b]");
        assert_eq!(parse("q[a][]=x").unwrap()[0].inner_name().unwrap(), "a[]");
        assert_eq!(parse("q=x").unwrap()[0].inner_name(), None);
    }

    #[test]
    fn a_plus_is_a_space_and_an_encoded_plus_is_a_plus() {
        assert_eq!(read("etag=W%2F%22a%2Bb%3D%3D%22")[0].2, "W/\"a+b==\"");
        assert_eq!(read("a=b+c")[0].2, "b c");
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        assert!(matches!(parse("a[b][c][d][e][f]=1"), Ok(e) if e[0].keys.len() == 5));
        assert!(matches!(parse("a[b][c][d][e][f][g]=1"), Err(QueryError::TooDeep(_))));
        assert!(parse(&"a=1&".repeat(100)).is_ok());
        assert!(matches!(parse(&"a=1&".repeat(101)), Err(QueryError::TooMany(_))));
        assert!(matches!(values("a[100]=1"), Err(QueryError::TooMany(_))));
        assert!(matches!(parse("a=%ff"), Err(QueryError::NotUtf8(_))));
        for query in ["a[b=1", "a]b=1", "[b]=1", "a[b]c=1", "a[b]]=1", "a[[b]=1", "a[b][=1"] {
            assert!(matches!(parse(query), Err(QueryError::Brackets(_))), "{query}");
        }
    }

    #[test]
    fn empty_parts_are_passed_over() {
        assert_eq!(read("&&a=&b"), [("a".into(), vec![], String::new()), ("b".into(), vec![], String::new())]);
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "\\PC{0,80}") {
            if let Ok(entries) = parse(&query) {
                let _ = array(entries.iter());
            }
        }

        #[test]
        fn what_is_encoded_comes_back(name in "[a-z]{1,8}", keys in proptest::collection::vec("[^\\[\\]]{0,6}", 0..5), value in "\\PC{0,20}") {
            let enc = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let brackets: String = keys.iter().map(|key| format!("%5B{}%5D", enc(key))).collect();
            let entries = parse(&format!("{name}{brackets}={}", enc(&value))).unwrap();
            prop_assert_eq!(&entries[0], &Entry { name, keys, value });
        }
    }
}
