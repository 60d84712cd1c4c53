//! Insightly's times: `2025-06-30 00:00:00`, in UTC, which they do not say.

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::timestamps::Precision;

/// The present.
pub(super) fn now() -> String {
    native(&Precision::Seconds.now())
}

/// The present, or the second after `previous`.
pub(super) fn after(previous: Option<&Value>) -> String {
    let previous = previous.and_then(Value::as_str).map(|text| Value::from(format!("{}Z", text.replace(' ', "T"))));
    native(&Precision::Seconds.after(previous.as_ref()))
}

/// What is kept of a date in one of the forms that are taken; nothing for what is none.
pub(super) fn kept(text: &str) -> Option<String> {
    let at = parse(text)?.checked_to_offset(UtcOffset::UTC)?;
    Some(native(&Precision::Seconds.write(at)))
}

/// A day, or a day and a time with or without seconds and a zone.
pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    let (day, time) = text.split_at_checked(10)?;
    let time = if time.is_empty() { "00:00" } else { time.strip_prefix(['T', ' '])? };
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(place) => time.split_at_checked(place)?,
        None => (time, "Z"),
    };
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let zone = match zone.split_at_checked(3) {
        Some((hours, minutes)) if minutes.len() == 2 => format!("{hours}:{minutes}"),
        _ => zone.to_owned(),
    };
    OffsetDateTime::parse(&format!("{day}T{clock}{seconds}{zone}"), &Rfc3339).ok()
}

fn native(text: &str) -> String {
    text.trim_end_matches('Z').replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_date_is_kept_in_utc_to_the_second() {
        for (text, expected) in [
            ("2025-06-30", Some("2025-06-30 00:00:00")),
            ("2025-06-30 07:30", Some("2025-06-30 07:30:00")),
            ("2025-06-30 07:30:15", Some("2025-06-30 07:30:15")),
            ("2025-06-30T07:30:15.5Z", Some("2025-06-30 07:30:15")),
            ("2025-06-30T07:30:15+02:00", Some("2025-06-30 05:30:15")),
            ("2025-06-30 00:30:00+0100", Some("2025-06-29 23:30:00")),
            ("9999-12-31 23:59:59-10:00", None),
            ("2025-06-31", None),
            ("2025-06-30x", None),
            ("30.06.2025", None),
            ("2025-06-30 7pm", None),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}-", None),
            ("", None),
        ] {
            assert_eq!(kept(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_time_after_another_is_later() {
        let first = now();
        assert!(after(Some(&Value::from(first.clone()))) > first);
    }
}
