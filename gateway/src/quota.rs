//! The provider's quota, under the same three names whatever the provider calls them.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use time::format_description::well_known::{Iso8601, Rfc3339};

use crate::manifest::{Quota, ResetUnit};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// A reset beyond this is a point in time and not a number of seconds: it is 2001 as
/// the one and thirty years as the other.
const EPOCH_FROM: u64 = 1_000_000_000;

/// Copies the quota of an answer. A provider whose manifest names no headers is read by
/// the names that most use. Of several exchanges the last counts.
pub(crate) fn copy(answer: &HeaderMap, quota: Option<&Quota>, now: SystemTime, into: &mut HeaderMap) {
    let find = |declared: Option<&String>, usual: [&str; 2]| {
        let found =
            declared.and_then(|name| answer.get(name.to_ascii_lowercase())).or_else(|| usual.into_iter().find_map(|name| answer.get(name)));
        found.and_then(|value| value.to_str().ok())
    };
    let mut put = |name: HeaderName, number: Option<u64>| {
        if let Some(number) = number {
            into.insert(name, HeaderValue::from(number));
        }
    };
    put(LIMIT, find(quota.and_then(|quota| quota.limit.as_ref()), ["ratelimit-limit", "x-ratelimit-limit"]).and_then(number));
    put(
        REMAINING,
        find(quota.and_then(|quota| quota.remaining.as_ref()), ["ratelimit-remaining", "x-ratelimit-remaining"]).and_then(number),
    );
    let unit = quota.map(|quota| quota.reset_unit).unwrap_or_default();
    let reset = find(quota.and_then(|quota| quota.reset.as_ref()), ["ratelimit-reset", "x-ratelimit-reset"]);
    put(RESET, reset.and_then(|value| seconds(value, unit, now)));
}

fn number(value: &str) -> Option<u64> {
    value.split([',', ';', '.']).next()?.trim().parse().ok()
}

fn seconds(value: &str, unit: ResetUnit, now: SystemTime) -> Option<u64> {
    let epoch = now.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    match unit {
        ResetUnit::Date => Some(httpdate::parse_http_date(value).ok()?.duration_since(now).map_or(0, |left| left.as_secs())),
        ResetUnit::Iso => {
            let at = OffsetDateTime::parse(value, &Rfc3339).or_else(|_| OffsetDateTime::parse(value, &Iso8601::PARSING)).ok()?;
            u64::try_from(at.unix_timestamp()).ok().map(|at| at.saturating_sub(epoch))
        }
        ResetUnit::EpochSeconds => Some(number(value)?.saturating_sub(epoch)),
        ResetUnit::EpochMilliseconds => Some((number(value)? / 1000).saturating_sub(epoch)),
        ResetUnit::Seconds => number(value).map(|n| if n > EPOCH_FROM { n.saturating_sub(epoch) } else { n }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn copied(answer: &[(&'static str, &str)], quota: Option<Quota>) -> Vec<(String, String)> {
        let answer: HeaderMap = answer.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect();
        let mut into = HeaderMap::new();
        copy(&answer, quota.as_ref(), SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000), &mut into);
        into.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect()
    }

    fn pairs(limit: &str, remaining: &str, reset: &str) -> Vec<(String, String)> {
        [("ratelimit-limit", limit), ("ratelimit-remaining", remaining), ("ratelimit-reset", reset)]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .to_vec()
    }

    #[test]
    fn the_usual_names_are_read_without_a_declaration() {
        assert_eq!(
            copied(&[("x-ratelimit-limit", "400"), ("x-ratelimit-remaining", "12"), ("x-ratelimit-reset", "2000000030")], None),
            pairs("400", "12", "30")
        );
        assert_eq!(
            copied(&[("ratelimit-limit", "10, 10;w=1"), ("ratelimit-remaining", "5"), ("ratelimit-reset", "3")], None),
            pairs("10", "5", "3")
        );
        assert_eq!(copied(&[("x-ratelimit-limit", "many")], None), []);
    }

    #[test]
    fn a_later_answer_replaces_what_an_earlier_one_said() {
        let mut into = HeaderMap::new();
        for left in ["9", "8"] {
            let answer = HeaderMap::from_iter([(HeaderName::from_static("x-ratelimit-remaining"), left.parse().unwrap())]);
            copy(&answer, None, SystemTime::now(), &mut into);
        }
        assert_eq!(into.get_all(REMAINING).iter().collect::<Vec<_>>(), ["8"]);
    }

    #[test]
    fn declared_names_and_units_are_read() {
        let quota = |unit| {
            Some(Quota { limit: Some("X-Max".into()), remaining: Some("X-Left".into()), reset: Some("X-End".into()), reset_unit: unit })
        };
        let answer = |end: &'static str| [("x-max", "9"), ("x-left", "1"), ("x-end", end)];
        assert_eq!(copied(&answer("2000000060000"), quota(ResetUnit::EpochMilliseconds)), pairs("9", "1", "60"));
        assert_eq!(copied(&answer("2000000005"), quota(ResetUnit::EpochSeconds)), pairs("9", "1", "5"));
        assert_eq!(copied(&answer("Wed, 18 May 2033 03:33:30 GMT"), quota(ResetUnit::Date)), pairs("9", "1", "10"));
        assert_eq!(copied(&answer("2033-05-18T05:33:40+02:00"), quota(ResetUnit::Iso)), pairs("9", "1", "20"));
        assert_eq!(copied(&answer("2033-05-18T05:33:40.5+0200"), quota(ResetUnit::Iso)), pairs("9", "1", "20"));
    }
}
