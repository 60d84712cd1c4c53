//! Why there is no answer, in the words of the engine.

use std::error::Error;
use std::{io, iter};

use hyper_util::client::legacy;
use patchboard_gateway::egress::AddressRefused;
use patchboard_gateway::upstream::UpstreamError;
use tower::BoxError;
use tower::timeout::error::Elapsed;

use super::resolve::NoAddress;

/// No answer. No error here holds the URL, which may hold a credential.
pub(super) fn not_sent(error: &legacy::Error) -> UpstreamError {
    if let Some(refused) = find::<AddressRefused>(error) {
        return UpstreamError::NotAllowed(refused.to_string());
    }
    if let Some(unresolved) = find::<NoAddress>(error) {
        return UpstreamError::no_address(&unresolved.0);
    }
    if find::<Elapsed>(error).is_some() {
        return UpstreamError::Timeout;
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => UpstreamError::Timeout,
        Some(io::ErrorKind::ConnectionRefused) => UpstreamError::refused(),
        _ if error.is_connect() => UpstreamError::Unreachable(cause(error)),
        _ => UpstreamError::no_answer(),
    }
}

/// An answer without an end.
pub(super) fn broke_off(error: &BoxError) -> UpstreamError {
    let timed_out = find::<io::Error>(error.as_ref()).is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
    if timed_out { UpstreamError::Timeout } else { UpstreamError::broke_off() }
}

/// What something broke because of, where it is of a kind that is looked for.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The innermost cause says it best.
fn cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}
