//! Finds an account's secrets in what a provider answers, in every spelling that a
//! provider may echo them in, and replaces them before anybody sees them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// A secret shorter than this occurs by chance; replacing it would garble answers.
const MIN_SECRET: usize = 4;

/// Replaces the secrets of one account.
#[derive(Clone, Default)]
pub struct Redactor(Option<Finder>);

#[derive(Clone)]
struct Finder {
    spellings: Arc<[String]>,
    automaton: AhoCorasick,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Finder {
    fn replacements(&self) -> Vec<&'static str> {
        vec![REDACTED; self.automaton.patterns_len()]
    }

    /// How many bytes at the end may be the beginning of a secret.
    fn open_end(&self, bytes: &[u8]) -> usize {
        let begins =
            |tail: &[u8]| self.spellings.iter().any(|spelling| spelling.len() > tail.len() && spelling.as_bytes().starts_with(tail));
        let longest = self.spellings.iter().map(String::len).max().unwrap_or_default().saturating_sub(1).min(bytes.len());
        (1..=longest).rev().find(|length| bytes.get(bytes.len() - length..).is_some_and(begins)).unwrap_or_default()
    }
}

impl Redactor {
    /// A redactor of these secrets. Each is also found in base64, at any offset, in
    /// hexadecimal, percent-encoded, and escaped as in JSON, whatever a server escapes.
    #[must_use]
    pub fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let spellings: BTreeSet<String> = secrets.filter(|s| s.len() >= MIN_SECRET).flat_map(spellings).collect();
        if spellings.is_empty() {
            return Self(None);
        }
        let spellings: Arc<[String]> = spellings.into_iter().collect();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(spellings.iter());
        Self(automaton.ok().map(|automaton| Finder { spellings, automaton }))
    }

    /// The bytes without secrets; the very same bytes where there are none.
    #[must_use]
    pub fn bytes(&self, bytes: Bytes) -> Bytes {
        match &self.0 {
            Some(finder) if finder.automaton.is_match(&bytes[..]) => {
                finder.automaton.replace_all_bytes(&bytes, &finder.replacements()).into()
            }
            _ => bytes,
        }
    }

    /// The text without secrets.
    #[must_use]
    pub fn text(&self, text: String) -> String {
        match &self.0 {
            Some(finder) if finder.automaton.is_match(&text) => finder.automaton.replace_all(&text, &finder.replacements()),
            _ => text,
        }
    }

    /// For a body that comes in pieces.
    #[must_use]
    pub fn stream(&self) -> StreamRedactor {
        StreamRedactor { redactor: self.clone(), held: Vec::new() }
    }
}

/// Replaces secrets in a body that is handed on piece by piece. It holds back only what
/// may be the beginning of a secret, which is almost always nothing.
#[derive(Debug)]
pub struct StreamRedactor {
    redactor: Redactor,
    held: Vec<u8>,
}

impl StreamRedactor {
    /// What may be handed on after this piece.
    #[must_use]
    pub fn push(&mut self, piece: Bytes) -> Bytes {
        let Some(finder) = &self.redactor.0 else { return piece };
        let joined = if self.held.is_empty() { piece } else { [&self.held[..], &piece].concat().into() };
        let mut ready = self.redactor.bytes(joined);
        let held = ready.split_off(ready.len() - finder.open_end(&ready));
        self.held = held.to_vec();
        ready
    }

    /// What is left at the end.
    #[must_use]
    pub fn finish(&mut self) -> Bytes {
        std::mem::take(&mut self.held).into()
    }
}

/// What most encoders leave as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn percent_encode_in_lower_case(secret: &str) -> String {
    let encode = |part: &str| if part.starts_with('%') { part.to_ascii_lowercase() } else { part.to_owned() };
    utf8_percent_encode(secret, RESERVED).map(encode).collect()
}

/// As in the JSON of servers that escape what HTML gives a meaning.
fn escaped(secret: &str, lower: bool) -> String {
    let escape = |c: char| match c {
        '"' | '&' | '\'' | '+' | '<' | '=' | '>' | '`' | '/' if lower => format!("\\u{:04x}", u32::from(c)),
        '"' | '&' | '\'' | '+' | '<' | '>' | '`' => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    };
    secret.chars().map(escape).collect()
}

fn spellings(secret: &str) -> Vec<String> {
    let mut spellings = vec![secret.to_owned(), utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()];
    let in_json = serde_json::Value::from(secret).to_string();
    spellings.push(in_json.trim_matches('"').to_owned());
    spellings.push(secret.replace('/', "\\/"));
    spellings.push(utf8_percent_encode(secret, RESERVED).to_string());
    spellings.push(percent_encode_in_lower_case(secret));
    spellings.extend([false, true].map(|lower| escaped(secret, lower)));
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    spellings.push(hex.to_ascii_uppercase());
    spellings.push(hex);
    // In a longer text a secret starts at any of three offsets of a base64 group; the
    // first and last characters then depend on its neighbours and are left out.
    for offset in 0..3_usize {
        let shifted = [&vec![0; offset][..], secret.as_bytes()].concat();
        let whole = shifted.len() * 8 / 6;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted);
            let own = encoded.get((offset * 8).div_ceil(6)..whole).unwrap_or_default();
            if own.len() >= MIN_SECRET {
                spellings.push(own.to_owned());
            }
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn redact(secret: &str, text: &str) -> String {
        Redactor::new(std::iter::once(secret)).text(text.to_owned())
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secret = "tok/en+1=é\"x";
        for text in [
            "Bearer tok/en+1=é\"x.".to_owned(),
            serde_json::json!({"a": secret}).to_string(),
            STANDARD.encode(secret),
            STANDARD.encode(format!("user:{secret}")),
            URL_SAFE_NO_PAD.encode(format!("us:{secret}:tail")),
            format!("a={}", utf8_percent_encode(secret, NON_ALPHANUMERIC)),
            "tok%2Fen%2B1%3D%C3%A9%22x".to_owned(),
            "tok%2fen%2b1%3d%c3%a9%22x".to_owned(),
            r"tok/en\u002B1=é\u0022x".to_owned(),
            r"tok\u002fen\u002b1\u003dé\u0022x".to_owned(),
            "746F6B2F656E2B313DC3A92278".to_owned(),
            "746f6b2f656e2b313dc3a92278".to_owned(),
        ] {
            let redacted = redact(secret, &text);
            assert!(redacted.contains(REDACTED), "{text}: {redacted}");
        }
    }

    #[test]
    fn what_holds_no_secret_is_left_as_it_is() {
        assert_eq!(redact("secret-token", "nothing here"), "nothing here");
        assert_eq!(redact("abc", "abc abc"), "abc abc");
        assert_eq!(Redactor::default().bytes(Bytes::from_static(b"\xff")), Bytes::from_static(b"\xff"));
    }

    proptest! {
        #[test]
        fn pieces_give_the_same_as_the_whole(secret in "[ab]{4,8}", text in "[abc]{0,60}", cut in 1_usize..7) {
            let redactor = Redactor::new(std::iter::once(secret.as_str()));
            let mut stream = redactor.stream();
            let mut out: Vec<u8> = text.as_bytes().chunks(cut).flat_map(|piece| stream.push(Bytes::copy_from_slice(piece))).collect();
            out.extend(stream.finish());
            let out = String::from_utf8(out).unwrap();
            prop_assert!(!out.replace(REDACTED, "#").contains(&secret));
            if !text.contains(&secret) {
                prop_assert_eq!(out, text);
            }
        }

        #[test]
        fn no_secret_survives_in_plain(secret in "[a-zA-Z0-9/+=_.-]{4,40}", before in ".{0,10}", after in ".{0,10}") {
            let redacted = redact(&secret, &format!("{before}{secret}{after}"));
            prop_assert!(!redacted.replace(REDACTED, "").contains(&secret));
        }
    }
}
