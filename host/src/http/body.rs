//! Reading a request's body, within its limits.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use patchboard_gateway::body::too_large;
use patchboard_gateway::{Code, Problem};
use tokio::time::timeout;

use crate::config::Config;

/// What is still read of a body over its limit, so that the client is listening when
/// the answer comes.
const DRAIN: usize = 64 << 20;

/// The limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    bytes: usize,
    time: Duration,
}

impl BodyLimits {
    pub(super) fn of(config: &Config) -> Self {
        Self { bytes: config.limits.body_bytes, time: Duration::from_secs(config.limits.body_seconds) }
    }

    /// Reads a body to its end.
    ///
    /// # Errors
    /// 413, 408, or 400 for one that breaks off.
    pub(super) async fn read(self, body: Body) -> Result<Bytes, Problem> {
        let slow = || Problem::new(Code::RequestTimeout, format!("the body did not arrive within {} s", self.time.as_secs()));
        timeout(self.time, self.collect(body)).await.map_err(|_| slow())?
    }

    async fn collect(self, mut body: Body) -> Result<Bytes, Problem> {
        let mut whole = BytesMut::new();
        let mut total = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| Problem::new(Code::BadRequest, format!("the body broke off: {e}")))?;
            let Ok(data) = frame.into_data() else { continue };
            total += data.len();
            if total <= self.bytes {
                whole.extend_from_slice(&data);
            } else if total > DRAIN {
                break;
            }
        }
        if total > self.bytes { Err(too_large(self.bytes)) } else { Ok(whole.freeze()) }
    }
}
