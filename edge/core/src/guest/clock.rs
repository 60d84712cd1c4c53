//! Waiting no longer than until.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use wasi::clocks::monotonic_clock::subscribe_duration;

use super::Wait;

/// The result of a future, or none where it is not there in time.
pub async fn timeout<T>(deadline: Instant, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut wait = Wait::default();
    poll_fn(|context| {
        if let Poll::Ready(done) = future.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match u64::try_from(left.as_nanos()).unwrap_or(u64::MAX) {
            0 => Poll::Ready(None),
            left => wait.pending(subscribe_duration(left), context),
        }
    })
    .await
}

/// The same, from now.
pub async fn timeout_in<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    timeout(Instant::now() + time, future).await
}
