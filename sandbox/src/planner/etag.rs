//! Planner's etags: weak, opaque, quotes included. This one writes them as the documentation's examples decode:
//! `W/"` + base64 of `'1-Plan  ` + sixteen characters from `@` on that count the versions + `'`.
//!
//! Newer etags of a resource are greater when compared as text, says
//! <https://learn.microsoft.com/en-us/graph/api/resources/planner-overview>. That holds here for the first
//! thousands of versions; base64 is not in the order of what it encodes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::refusal::Refusal;
use crate::exchange::NativeRequest;

const BEFORE: &[u8] = b"'1-Plan  ";
const AFTER: &[u8] = b"'";

/// The etag of a version.
pub(super) fn write(version: u64) -> String {
    let mut bytes = BEFORE.to_vec();
    let digits = (0..16).rev().map(|place| (version >> (place * 4)) & 0xf);
    bytes.extend(digits.map(|digit| b'@' | (digit as u8)));
    bytes.extend(AFTER);
    format!("W/\"{}\"", STANDARD.encode(bytes))
}

/// The one etag of `If-Match`. A plan's etag has the form of a plan's, so that of a task is as wrong as no etag.
pub(super) fn if_match(request: &NativeRequest) -> Result<&str, Refusal> {
    let mut values = request.headers.get_all("if-match").iter();
    let value = values.next().ok_or(Refusal::IfMatchMissing)?;
    if values.next().is_some() {
        return Err(Refusal::IfMatchInvalid);
    }
    let value = value.to_str().map_err(|_| Refusal::IfMatchInvalid)?.trim();
    if value.is_empty() {
        return Err(Refusal::IfMatchMissing);
    }
    if is_plan_etag(value) { Ok(value) } else { Err(Refusal::IfMatchInvalid) }
}

fn is_plan_etag(value: &str) -> bool {
    value
        .strip_prefix("W/\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .is_some_and(|bytes| bytes.starts_with(BEFORE) && bytes.ends_with(AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_version_has_the_etag_of_the_documentation() {
        assert_eq!(write(4), "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"");
    }

    #[test]
    fn later_etags_are_greater_as_text() {
        for version in 1..3_000 {
            assert!(write(version) < write(version + 1), "at {version}");
        }
    }

    #[test]
    fn only_a_weak_quoted_etag_of_a_plan_is_well_formed() {
        assert!(is_plan_etag(&write(77)));
        for value in [
            "*",
            "x",
            "\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"",
            "W/JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=",
            "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc\"",
            "W/\"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBAWCc=\"",
            "W/\"\"",
        ] {
            assert!(!is_plan_etag(value), "{value}");
        }
    }
}
