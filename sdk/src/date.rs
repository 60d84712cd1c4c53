//! Dates and times.

use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{OffsetDateTime, UtcOffset};

/// A date and time of ISO 8601 as RFC 3339. Fractions of a second are kept; a text
/// without an offset is read as UTC, and a date alone as its first moment there.
#[must_use]
pub fn rfc3339(text: &str) -> Option<String> {
    moment(text)?.format(&Rfc3339).ok()
}

/// The same moment in UTC, as `2025-07-01T07:30:00Z`: its first ten characters are the
/// day there, and a date alone stays the day that it is. Nothing where that is before the
/// year 1 or after 9999, which no provider's date can say.
#[must_use]
pub fn utc(text: &str) -> Option<String> {
    let utc = moment(text)?.checked_to_offset(UtcOffset::UTC)?;
    if utc.year() < 1 { None } else { utc.format(&Rfc3339).ok() }
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    let iso = |text: &str| OffsetDateTime::parse(text, &Iso8601::PARSING);
    let read = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| iso(text));
    read.or_else(|_| iso(&format!("{text}Z"))).or_else(|_| iso(&format!("{text}T00:00:00Z"))).ok()
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
            ("2014-12-01", Some("2014-12-01T00:00:00Z")),
            ("yesterday", None),
            ("2014-02-30", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn a_moment_has_one_day_in_utc_and_a_date_stays_that_day() {
        for (given, expected) in [
            ("2025-06-30", Some("2025-06-30T00:00:00Z")),
            ("2025-06-30T23:30:00-08:00", Some("2025-07-01T07:30:00Z")),
            ("2025-06-30T00:30:00.5+01:00", Some("2025-06-29T23:30:00.5Z")),
            ("2024-12-31t23:59:59z", Some("2024-12-31T23:59:59Z")),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
            ("0000-12-31T23:30:00-01:00", Some("0001-01-01T00:30:00Z")),
            ("0001-01-01T00:30:00+01:00", None),
            ("0000-01-01T00:30:00+02:00", None),
            ("0000-06-30", None),
            ("9999-12-31T23:59:59-01:00", None),
            ("2025-06-31", None),
            ("soon", None),
        ] {
            assert_eq!(utc(given).as_deref(), expected, "{given}");
        }
    }
}
