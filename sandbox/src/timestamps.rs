//! Times as the providers write them. They differ in precision, and a client has to read all of them.

use serde_json::Value;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, Duration, OffsetDateTime};

/// How many digits a provider writes after the seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Precision {
    /// `2021-07-14T08:03:02Z`
    Seconds,
    /// `2021-05-12T09:00:00.000Z`
    Milliseconds,
    /// `2025-03-24T20:01:59.408382Z`
    Microseconds,
    /// `2015-03-30T18:36:49.2407981Z`: seven digits, which RFC 3339 allows and many parsers do not expect.
    HundredNanoseconds,
    /// `2022-11-21T13:22:49.061281000Z`
    Nanoseconds,
}

impl Precision {
    fn step(self) -> Duration {
        match self {
            Self::Seconds => Duration::SECOND,
            Self::Milliseconds => Duration::MILLISECOND,
            Self::Microseconds => Duration::MICROSECOND,
            Self::HundredNanoseconds => Duration::nanoseconds(100),
            Self::Nanoseconds => Duration::NANOSECOND,
        }
    }

    /// `at`, which is a time in UTC.
    pub(crate) fn write(self, at: OffsetDateTime) -> String {
        let nanos = at.nanosecond();
        let fraction = match self {
            Self::Seconds => String::new(),
            Self::Milliseconds => format!(".{:03}", nanos / 1_000_000),
            Self::Microseconds => format!(".{:06}", nanos / 1_000),
            Self::HundredNanoseconds => format!(".{:07}", nanos / 100),
            Self::Nanoseconds => format!(".{nanos:09}"),
        };
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", u8::from(month))
    }

    /// The present.
    pub(crate) fn now(self) -> String {
        self.write(OffsetDateTime::now_utc())
    }

    /// The present, or one step past `previous` when the clock has not moved on that far: a second write within
    /// the same second must still be seen to be later.
    pub(crate) fn after(self, previous: Option<&Value>) -> String {
        let now = OffsetDateTime::now_utc();
        let earliest = previous
            .and_then(Value::as_str)
            .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
            .and_then(|previous| previous.checked_add(self.step()));
        self.write(earliest.map_or(now, |earliest| earliest.max(now)))
    }
}

/// Today in UTC, as `2025-03-24`.
pub(crate) fn today() -> String {
    let (year, month, day) = OffsetDateTime::now_utc().to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

/// True for a day that the calendar has, as `2025-03-24`.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') && Date::parse(text, &Iso8601::DATE).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        assert!(is_date(&today()));
        for (text, is) in [
            ("2024-02-29", true),
            ("2025-02-29", false),
            ("2025-13-01", false),
            ("2025-3-1", false),
            ("20250301", false),
            ("2025-060-1", false),
            ("2025-03-01T00:00:00Z", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), is, "{text}");
        }
    }

    #[test]
    fn each_precision_writes_its_own_number_of_digits() {
        let at = OffsetDateTime::parse("2015-03-30T18:36:49.2407981Z", &Rfc3339).unwrap();
        assert_eq!(Precision::Seconds.write(at), "2015-03-30T18:36:49Z");
        assert_eq!(Precision::Milliseconds.write(at), "2015-03-30T18:36:49.240Z");
        assert_eq!(Precision::Microseconds.write(at), "2015-03-30T18:36:49.240798Z");
        assert_eq!(Precision::HundredNanoseconds.write(at), "2015-03-30T18:36:49.2407981Z");
        assert_eq!(Precision::Nanoseconds.write(at), "2015-03-30T18:36:49.240798100Z");
    }

    #[test]
    fn a_time_after_another_is_later_even_within_its_step() {
        for precision in
            [Precision::Seconds, Precision::Milliseconds, Precision::Microseconds, Precision::HundredNanoseconds, Precision::Nanoseconds]
        {
            let mut last = precision.now();
            for _ in 0..20 {
                let next = precision.after(Some(&Value::from(last.clone())));
                assert!(next > last, "{next} is not after {last}");
                last = next;
            }
        }
    }
}
