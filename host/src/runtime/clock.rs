//! How long a call takes: in time of the processor, because a thread that waits for
//! others is not a plugin that is slow.

use std::time::{Duration, Instant};

/// How often the epoch moves on: deadlines are kept to this precision.
pub(super) const TICK: Duration = Duration::from_millis(5);
/// So many times its deadline may pass until a call ends whatever it took.
const PATIENCE: u32 = 20;

/// The clock of one call. Most calls end before its first tick and never ask for the time.
pub(super) struct Clock {
    deadline: Duration,
    first: Option<(Duration, Instant)>,
}

impl Clock {
    pub(super) fn new(deadline: Duration) -> Self {
        Self { deadline, first: None }
    }

    /// Ticks until the next look at the clock; none when time is up.
    pub(super) fn tick(&mut self) -> Option<u64> {
        let now = (spent(), Instant::now());
        let (spent, since) = *self.first.get_or_insert(now);
        // The first tick comes at any time of its length: it counts as half of one.
        let taken = now.0.saturating_sub(spent) + TICK / 2;
        let left = self.deadline.saturating_sub(taken);
        let over = left.is_zero() || since.elapsed() > self.deadline.saturating_mul(PATIENCE);
        (!over).then(|| ticks(left))
    }
}

fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX)
}

/// The processor time of this thread since some point in the past.
#[cfg(unix)]
fn spent() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// Where a thread's own time cannot be had, all time counts.
#[cfg(not(unix))]
fn spent() -> Duration {
    use std::sync::LazyLock;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(deadline: Duration, since: Instant) -> Clock {
        Clock { deadline, first: Some((Duration::ZERO, since)) }
    }

    #[test]
    fn a_call_ends_when_it_has_taken_its_time() {
        let (deadline, now) = (Duration::from_secs(3600), Instant::now());
        assert_eq!(Clock::new(TICK * 4).tick(), Some(4));
        assert!(begun(deadline, now).tick().is_some_and(|left| left > 1000));
        assert_eq!(begun(TICK / 2, now).tick(), None);
    }

    #[test]
    fn waiting_for_the_processor_is_not_taking_time_but_does_not_last_for_ever() {
        let deadline = Duration::from_millis(100);
        let ago = |times| Instant::now().checked_sub(deadline * times).unwrap();
        let clock = |since| Clock { deadline, first: Some((spent(), since)) };
        assert!(clock(ago(PATIENCE - 1)).tick().is_some());
        assert_eq!(clock(ago(PATIENCE + 1)).tick(), None);
    }
}
