//! A body of a provider's that is being received.

use std::fmt;
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use patchboard_gateway::upstream::UpstreamError;
use tokio::time::timeout_at;
use tower_http::decompression::DecompressionBody;
use tower_http::timeout::TimeoutBody;

/// The body.
pub struct Receiving {
    body: DecompressionBody<Incoming>,
    /// Until the next piece.
    read: Duration,
}

impl fmt::Debug for Receiving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiving").finish_non_exhaustive()
    }
}

impl Receiving {
    pub(super) fn new(body: DecompressionBody<Incoming>, read: Duration) -> Self {
        Self { body, read }
    }

    /// To be handed on as it comes.
    pub fn into_body(self) -> Body {
        Body::new(TimeoutBody::new(self.read, self.body))
    }

    /// The next piece; none at the end.
    pub(crate) async fn piece(&mut self, deadline: Instant) -> Result<Option<Bytes>, UpstreamError> {
        loop {
            let until = deadline.min(Instant::now() + self.read);
            let frame = timeout_at(until.into(), self.body.frame()).await.map_err(|_| UpstreamError::Timeout)?;
            match frame.transpose().map_err(|error| super::failed::broke_off(&error))? {
                None => return Ok(None),
                // Trailers are not read.
                Some(frame) => match frame.into_data() {
                    Ok(piece) => return Ok(Some(piece)),
                    Err(_) => continue,
                },
            }
        }
    }

    /// Whether it is known that no piece is left.
    pub(super) fn is_whole(&self) -> bool {
        self.body.size_hint().exact() == Some(0)
    }
}
