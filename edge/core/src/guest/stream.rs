//! Bodies, piece by piece.

use std::future::{pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use patchboard_gateway::body::{Gather, too_slow};
use patchboard_gateway::{Code, Problem};
use spin_sdk::wit::wasi::http0_2_0::types::{ErrorCode, IncomingBody, OutgoingBody, http_error_code};
use wasi::io::streams::{InputStream, OutputStream, StreamError};

use super::{Wait, timeout_in};

/// Bytes that are asked for at once.
const PIECE: u64 = 64 << 10;

/// Until what was written has left.
const LEAVE: Duration = Duration::from_millis(100);

/// A body that came to no end.
#[derive(Debug)]
pub struct BrokenOff(pub Option<ErrorCode>);

/// A body that is being received. Its parts are dropped in the order of the fields, as
/// their owner demands.
pub struct Incoming {
    stream: InputStream,
    _body: IncomingBody,
}

impl Incoming {
    /// The body of a request or an answer; none where it was taken before.
    #[must_use]
    pub fn new(body: IncomingBody) -> Option<Self> {
        let stream = body.stream().ok()?;
        Some(Self { stream, _body: body })
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// [`BrokenOff`].
    pub async fn next(&self) -> Result<Option<Vec<u8>>, BrokenOff> {
        let mut wait = Wait::default();
        poll_fn(|context| match self.stream.read(PIECE) {
            Ok(piece) if piece.is_empty() => wait.pending(self.stream.subscribe(), context),
            Ok(piece) => Poll::Ready(Ok(Some(piece))),
            Err(StreamError::Closed) => Poll::Ready(Ok(None)),
            Err(StreamError::LastOperationFailed(error)) => Poll::Ready(Err(BrokenOff(http_error_code(&error)))),
        })
        .await
    }
}

/// A body that is being sent. One that is dropped before its end breaks off.
pub struct Outgoing {
    stream: OutputStream,
    body: OutgoingBody,
}

impl Outgoing {
    /// The body of a request or an answer; none where it was taken before.
    #[must_use]
    pub fn new(body: OutgoingBody) -> Option<Self> {
        let stream = body.write().ok()?;
        Some(Self { stream, body })
    }

    /// Sends a piece.
    ///
    /// # Errors
    /// [`BrokenOff`] where nobody listens any more.
    pub async fn write(&self, mut piece: &[u8]) -> Result<(), BrokenOff> {
        let mut wait = Wait::default();
        poll_fn(|context| {
            while !piece.is_empty() {
                let room = self.stream.check_write().map_err(|_| BrokenOff(None))?;
                let room = usize::try_from(room).unwrap_or(usize::MAX).min(piece.len());
                if room == 0 {
                    return wait.pending(self.stream.subscribe(), context);
                }
                let (now, later) = piece.split_at(room);
                self.stream.write(now).map_err(|_| BrokenOff(None))?;
                piece = later;
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Breaks the body off. What the runtime still holds of it is lost then, the head too,
    /// so it is given the time to leave.
    pub async fn break_off(self) {
        let _ = self.stream.flush();
        let _ = timeout_in(LEAVE, pending::<()>()).await;
    }

    /// Ends the body.
    ///
    /// # Errors
    /// [`BrokenOff`] for one that is not as long as its `content-length`.
    pub fn finish(self) -> Result<(), BrokenOff> {
        drop(self.stream);
        OutgoingBody::finish(self.body, None).map_err(|code| BrokenOff(Some(code)))
    }
}

/// Until a request's body has arrived; as on the native host.
const BODY: Duration = Duration::from_secs(30);

/// Reads the body of a request to its end, within its limits.
///
/// # Errors
/// 413, 408, or 400 for one that breaks off.
pub async fn gather(body: &Incoming, limit: usize) -> Result<Bytes, Problem> {
    let mut gather = Gather::new(limit);
    let reading = async {
        loop {
            match body.next().await {
                Ok(Some(piece)) if gather.push(&piece) => {}
                Ok(_) => return Ok(()),
                Err(_) => return Err(Problem::new(Code::BadRequest, "the body broke off")),
            }
        }
    };
    timeout_in(BODY, reading).await.ok_or_else(|| too_slow(BODY.as_secs()))??;
    gather.finish()
}

/// From one to the other, to the end. A body that breaks off is broken off.
pub async fn pump(first: Option<Vec<u8>>, from: Incoming, to: Outgoing) {
    let mut piece = first;
    loop {
        if let Some(piece) = &piece
            && to.write(piece).await.is_err()
        {
            return;
        }
        match from.next().await {
            Ok(Some(next)) => piece = Some(next),
            Ok(None) => break,
            Err(_) => return to.break_off().await,
        }
    }
    let _ = to.finish();
}
