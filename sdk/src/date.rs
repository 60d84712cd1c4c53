//! Dates and times.

use time::OffsetDateTime;
use time::format_description::well_known::{Iso8601, Rfc3339};

/// A date and time of ISO 8601 as RFC 3339. Fractions of a second are kept; a text
/// without an offset is read as UTC.
#[must_use]
pub fn rfc3339(text: &str) -> Option<String> {
    let read = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, &Iso8601::PARSING));
    let read = read.or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Iso8601::PARSING)).ok()?;
    read.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_any_length_and_offsets_are_kept() {
        for (given, expected) in [
            ("2015-03-30T18:36:49.2407981Z", Some("2015-03-30T18:36:49.2407981Z")),
            ("2025-03-24T15:12:49.186202Z", Some("2025-03-24T15:12:49.186202Z")),
            ("2014-12-01T15:03:27Z", Some("2014-12-01T15:03:27Z")),
            ("2014-12-01T15:03:27+02:00", Some("2014-12-01T15:03:27+02:00")),
            ("2014-12-01T15:03:27", Some("2014-12-01T15:03:27Z")),
            ("20141201T150327Z", Some("2014-12-01T15:03:27Z")),
            ("yesterday", None),
        ] {
            assert_eq!(rfc3339(given).as_deref(), expected, "{given}");
        }
    }
}
