//! Reading a request's body, within its limits.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use patchboard_gateway::body::{Gather, too_slow};
use patchboard_gateway::{Code, Problem};
use tokio::time::timeout;

use crate::config::Config;

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
        timeout(self.time, self.collect(body)).await.map_err(|_| too_slow(self.time.as_secs()))?
    }

    async fn collect(self, mut body: Body) -> Result<Bytes, Problem> {
        let mut gather = Gather::new(self.bytes);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| Problem::new(Code::BadRequest, format!("the body broke off: {e}")))?;
            let Ok(data) = frame.into_data() else { continue };
            if !gather.push(&data) {
                break;
            }
        }
        gather.finish()
    }
}
