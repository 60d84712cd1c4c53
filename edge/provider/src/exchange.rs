//! One HTTP exchange with the provider, over Spin's outbound HTTP. Redirects are not
//! followed and nothing is kept: neither does Spin.

use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue};
use patchboard_edge::guest::{self, BrokenOff, ErrorCode, Incoming, Outgoing, OutgoingRequest, Received, Times};
use patchboard_gateway::Upstream;
use patchboard_gateway::egress::{AddressRefused, Origin};
use patchboard_gateway::upstream::{Opened, Outbound, UpstreamError, no_body};

use crate::decoder::{self, Decoder};

/// As on the native host.
pub(crate) const TIMES: Times = Times { connect: Duration::from_secs(5), read: Duration::from_secs(30) };

/// The exchanges of one request; `trace` carries it to the provider.
pub(crate) struct Exchanges {
    pub(crate) trace: HeaderMap,
}

/// A body that is being received and decoded.
pub(crate) struct Body {
    incoming: Incoming,
    decoder: Decoder,
    ended: bool,
}

impl Body {
    /// The next piece, decoded; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, UpstreamError> {
        if self.ended {
            return Ok(None);
        }
        match self.incoming.next().await.map_err(broke_off)? {
            Some(piece) => self.decoder.push(piece).map(Some),
            None => {
                self.ended = true;
                self.decoder.finish().map(Some)
            }
        }
    }
}

impl Exchanges {
    fn request(&self, outbound: &Outbound, mut headers: HeaderMap) -> Result<OutgoingRequest, UpstreamError> {
        outbound.reach.check_literal(&outbound.url)?;
        headers.extend(self.trace.clone());
        let url = &outbound.url;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let request = guest::request(&outbound.method, url.scheme() == "https", &authority, &format!("{}{query}", url.path()), &headers);
        request.ok_or_else(|| UpstreamError::Unreachable("the request cannot be written".to_owned()))
    }

    /// A request whose body is still to be written, where it has one. What comes back is
    /// not to be decoded.
    pub(crate) fn forward(&self, outbound: &Outbound, has_body: bool) -> Result<(OutgoingRequest, Option<Outgoing>), UpstreamError> {
        let mut headers = outbound.headers.clone();
        if !has_body {
            no_body(&outbound.method, &mut headers);
        }
        let request = self.request(outbound, headers)?;
        let body = if has_body { request.body().ok().and_then(Outgoing::new) } else { None };
        Ok((request, body))
    }

    async fn send(&self, outbound: &Outbound) -> Result<Received, UpstreamError> {
        let mut headers = outbound.headers.clone();
        decoder::ask(&mut headers);
        match outbound.body.len() {
            0 => no_body(&outbound.method, &mut headers),
            length => drop(headers.insert(CONTENT_LENGTH, HeaderValue::from(length))),
        }
        let request = self.request(outbound, headers)?;
        let outgoing = if outbound.body.is_empty() { None } else { request.body().ok().and_then(Outgoing::new) };
        let up = async {
            if let Some(outgoing) = outgoing
                && outgoing.write(&outbound.body).await.is_ok()
            {
                let _ = outgoing.finish();
            }
        };
        let up = pin!(up.fuse());
        answered(outbound, guest::beside(guest::send(request, TIMES), up)).await
    }
}

/// The head of an answer, in time.
pub(crate) async fn answered(
    outbound: &Outbound,
    sent: impl Future<Output = Result<Received, ErrorCode>>,
) -> Result<Received, UpstreamError> {
    let answer = guest::timeout(outbound.deadline, sent).await.ok_or(UpstreamError::Timeout)?;
    answer.map_err(|code| not_sent(code, outbound))
}

impl Upstream for Exchanges {
    type Stream = Body;

    async fn open(&self, request: &Outbound) -> Result<Opened<Body>, UpstreamError> {
        let Received { status, mut headers, body } = self.send(request).await?;
        let decoder = Decoder::of(&mut headers);
        Ok(Opened { status: status.as_u16(), headers, body: Body { incoming: body, decoder, ended: false } })
    }

    async fn collect(&self, mut body: Body, limit: usize, deadline: Instant) -> Result<Bytes, UpstreamError> {
        let mut whole = BytesMut::new();
        loop {
            let piece = guest::timeout(deadline, body.next()).await.ok_or(UpstreamError::Timeout)?;
            match piece? {
                None => return Ok(whole.freeze()),
                Some(piece) if whole.len() + piece.len() > limit => return Err(UpstreamError::too_large(limit)),
                Some(piece) => whole.extend_from_slice(&piece),
            }
        }
    }
}

/// No answer. The URL may hold a credential and is left out.
fn not_sent(code: ErrorCode, outbound: &Outbound) -> UpstreamError {
    let host = || outbound.url.host_str().unwrap_or_default().to_owned();
    match code {
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::DnsTimeout => UpstreamError::Timeout,
        ErrorCode::ConnectionRefused => UpstreamError::refused(),
        ErrorCode::DnsError(_) => UpstreamError::no_address(&host()),
        ErrorCode::DestinationIpProhibited | ErrorCode::DestinationIpUnroutable => AddressRefused(host()).into(),
        ErrorCode::HttpRequestDenied => {
            let origin = Origin::of(&outbound.url);
            UpstreamError::NotAllowed(format!(
                "the app does not let this component reach {}; see allowed_outbound_hosts in its spin.toml",
                origin.as_str()
            ))
        }
        ErrorCode::HttpProtocolError | ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => UpstreamError::no_answer(),
        other => UpstreamError::Unreachable(format!("the exchange failed: {other:?}")),
    }
}

fn broke_off(BrokenOff(code): BrokenOff) -> UpstreamError {
    match code {
        Some(ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout) => UpstreamError::Timeout,
        _ => UpstreamError::broke_off(),
    }
}
