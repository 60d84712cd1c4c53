//! One HTTP exchange with a provider, as the engine asks a home for it.

use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method};
use thiserror::Error;
use url::Url;

use crate::egress::{AddressRefused, Reach};

/// A request that leaves, complete with its credential.
#[derive(Clone)]
pub struct Outbound {
    /// HTTP method.
    pub method: Method,
    /// Where to; its host has passed the policy, its addresses have not yet.
    pub url: Url,
    /// All headers but those of the connection; those with a credential are marked
    /// sensitive.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// Which addresses may be connected to.
    pub reach: Reach,
    /// When the answer must be complete.
    pub deadline: Instant,
    /// Whether it may be sent once more when nothing is known to have arrived.
    pub repeatable: bool,
}

/// Says of a write without a body that it has none: some servers wait for one, or refuse
/// with 411, until they are told.
pub fn no_body(method: &Method, headers: &mut HeaderMap) {
    headers.remove(CONTENT_LENGTH);
    if [Method::POST, Method::PUT, Method::PATCH].contains(method) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

/// An answer whose body has not been read.
#[derive(Debug)]
pub struct Opened<S> {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, decoded from its content encoding.
    pub body: S,
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UpstreamError {
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or one that broke before an answer.
    #[error("{0}")]
    Unreachable(String),
    /// Every address of the host is refused by the egress policy.
    #[error("{0}")]
    NotAllowed(String),
    /// The answer broke off, is larger than the limit, or is encoded wrongly.
    #[error("{0}")]
    Unreadable(String),
}

/// What a home says of a broken exchange, in the same words as the other homes.
impl UpstreamError {
    /// The host is there and nobody listens.
    #[must_use]
    pub fn refused() -> Self {
        Self::Unreachable("the connection was refused".to_owned())
    }

    /// The host has no address.
    #[must_use]
    pub fn no_address(host: &str) -> Self {
        Self::Unreachable(format!("the name {host} has no address"))
    }

    /// There was a connection, and no answer that is HTTP.
    #[must_use]
    pub fn no_answer() -> Self {
        Self::Unreachable("the connection was closed before there was an answer in HTTP".to_owned())
    }

    /// The body came to no end, or cannot be decoded.
    #[must_use]
    pub fn broke_off() -> Self {
        Self::Unreadable("it broke off before its end, or its content encoding is broken".to_owned())
    }

    /// The body is too large to be mapped.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::Unreadable(format!("it is larger than {limit} bytes"))
    }
}

impl From<AddressRefused> for UpstreamError {
    fn from(refused: AddressRefused) -> Self {
        Self::NotAllowed(refused.to_string())
    }
}

/// Makes exchanges. Redirects are not followed; nothing is cached.
pub trait Upstream {
    /// A body that is being received.
    type Stream;

    /// Sends a request and waits for the head of the answer.
    fn open(&self, request: &Outbound) -> impl Future<Output = Result<Opened<Self::Stream>, UpstreamError>>;

    /// Reads a body to its end, at most `limit` decoded bytes, until `deadline`.
    fn collect(&self, body: Self::Stream, limit: usize, deadline: Instant) -> impl Future<Output = Result<Bytes, UpstreamError>>;

    /// The time at which the last answer came; quotas that end at a point in time are
    /// counted from it.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
