//! Inside a Spin component: HTTP, the clock, variables and the key-value store.
#![allow(clippy::print_stderr, reason = "Spin keeps what a component writes to standard error as its log")]

mod clock;
mod http;
mod store;
mod stream;

use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{Fuse, FusedFuture as _};
use patchboard_gateway::trace::Trace;
use patchboard_gateway::{Problem, door};
use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use wasi::io::poll::Pollable;

pub use clock::{timeout, timeout_in};
pub use http::{Received, Times, answer, head, request, respond, send, start};
pub use spin_sdk::http::{ErrorCode, IncomingRequest, OutgoingRequest, ResponseOutparam};
pub use store::SpinStore;
pub use stream::{BrokenOff, Incoming, Outgoing, gather, pump};

/// What keeps a [`Pollable`] registered until it is ready or no longer waited for.
#[derive(Default)]
struct Wait(Option<CancelOnDropToken>);

impl Wait {
    fn pending<T>(&mut self, pollable: Pollable, context: &Context<'_>) -> Poll<T> {
        self.0 = Some(CancelOnDropToken::from(push_waker_and_get_token(pollable, context.waker().clone())));
        Poll::Pending
    }
}

/// Runs `main` to its end, and `side` beside it as far as it gets by then.
pub async fn beside<T>(main: impl Future<Output = T>, mut side: Pin<&mut Fuse<impl Future<Output = ()>>>) -> T {
    let mut main = std::pin::pin!(main);
    std::future::poll_fn(|context| {
        if !side.is_terminated() {
            let _ = side.as_mut().poll(context);
        }
        main.as_mut().poll(context)
    })
    .await
}

/// A variable of the component; none where it is not set or empty.
///
/// # Errors
/// What Spin says.
pub fn variable(name: &str) -> Result<Option<String>, String> {
    match spin_sdk::variables::get(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(spin_sdk::variables::Error::Undefined(_)) => Ok(None),
        Err(error) => Err(format!("the variable {name}: {error}")),
    }
}

/// A line in the component's log.
pub fn log(trace: &Trace, what: &str, why: impl Display) {
    eprintln!("patchboard request_id={} {what}: {why}", trace.request_id);
}

/// An error of ours: the caller gets the request id, the log gets the cause.
#[must_use]
pub fn internal(trace: &Trace, why: impl Display) -> Problem {
    log(trace, "internal error", why);
    door::internal()
}
