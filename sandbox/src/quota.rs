//! The quota that a provider tells with every answer. It is counted and never enforced.

use time::{Duration, OffsetDateTime};

/// A number of requests in a window of time.
#[derive(Debug)]
pub(crate) struct Quota {
    limit: u32,
    window: Duration,
    used: u32,
    ends: OffsetDateTime,
}

/// What a provider says of its quota.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// When all of them are back.
    pub(crate) ends: OffsetDateTime,
}

impl Quota {
    pub(crate) fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window, used: 0, ends: end_of(window) }
    }

    /// Counts a request.
    pub(crate) fn spend(&mut self) -> Left {
        if OffsetDateTime::now_utc() >= self.ends {
            self.used = 0;
            self.ends = end_of(self.window);
        }
        self.used = self.used.saturating_add(1);
        self.left()
    }

    /// What is left. Never nothing: a request that nothing is left for would be refused, and here none is.
    pub(crate) fn left(&self) -> Left {
        Left { limit: self.limit, remaining: self.limit.saturating_sub(self.used).max(1), ends: self.ends }
    }

    /// What a refusal for the quota says.
    pub(crate) fn exhausted(&self) -> Left {
        Left { remaining: 0, ..self.left() }
    }
}

fn end_of(window: Duration) -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.checked_add(window).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_goes_down_to_one_and_starts_anew_with_its_window() {
        let mut quota = Quota::new(3, Duration::HOUR);
        let left: Vec<u32> = (0..4).map(|_| quota.spend().remaining).collect();
        assert_eq!(left, [2, 1, 1, 1]);
        assert_eq!(quota.exhausted().remaining, 0);
        quota.ends = OffsetDateTime::now_utc();
        assert_eq!(quota.spend().remaining, 2);
    }
}
