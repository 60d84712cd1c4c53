//! The exchanges with providers: kept connections to public addresses, and others to
//! the origins that the operator has consented to.

mod connect;
mod failed;
mod receive;
mod resolve;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body as Received;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{Either, Full};
use patchboard_gateway::Upstream;
use patchboard_gateway::egress::Reach;
use patchboard_gateway::upstream::{Opened, Outbound, UpstreamError, no_body};
use rustls::ClientConfig;
use tokio::time::timeout_at;
use tower::Service as _;
use tower_http::decompression::Decompression;

use crate::config::Egress;
use connect::{Body, Connections};
use failed::not_sent;
pub use receive::Receiving;

/// The connections of one thread.
#[derive(Debug, Clone)]
pub struct Clients {
    public: Connections,
    consented: Connections,
    /// Between two pieces of an answer.
    read: Duration,
    tls: Arc<ClientConfig>,
}

impl Clients {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(egress: &Egress) -> Result<Self, rustls::Error> {
        Ok(Self::over(Arc::new(connect::tls()?), egress))
    }

    /// The same for another thread, with connections of its own.
    #[must_use]
    pub fn apart(&self, egress: &Egress) -> Self {
        Self::over(self.tls.clone(), egress)
    }

    fn over(tls: Arc<ClientConfig>, egress: &Egress) -> Self {
        let connections = |reach| connect::connections(&tls, reach, Duration::from_secs(egress.connect_seconds), egress.idle_per_host);
        Self {
            public: connections(Reach::Public),
            consented: connections(Reach::Consented),
            read: Duration::from_secs(egress.read_seconds),
            tls,
        }
    }

    /// For one request: `headers` carry its trace to the provider.
    #[must_use]
    pub fn for_request(&self, headers: HeaderMap) -> Exchanges<'_> {
        Exchanges { clients: self, headers }
    }
}

/// The exchanges of one request.
#[derive(Debug)]
pub struct Exchanges<'a> {
    clients: &'a Clients,
    headers: HeaderMap,
}

impl Exchanges<'_> {
    /// Sends a request with a body that is being received, and waits for the head of the
    /// answer. Neither body is held or decoded.
    ///
    /// # Errors
    /// [`UpstreamError`].
    pub async fn forward(&self, request: &Outbound, body: Option<Received>) -> Result<Response<Receiving>, UpstreamError> {
        self.send(request, body.map(Either::Right), Coding::AsItIs).await
    }

    async fn send(&self, outbound: &Outbound, body: Option<Body>, coding: Coding) -> Result<Response<Receiving>, UpstreamError> {
        outbound.reach.check_literal(&outbound.url)?;
        let uri = Uri::try_from(outbound.url.as_str()).map_err(|error| UpstreamError::Unreachable(error.to_string()))?;
        let mut headers = outbound.headers.clone();
        if body.is_none() {
            no_body(&outbound.method, &mut headers);
        }
        headers.extend(self.headers.clone());
        let mut request = Request::new(body.unwrap_or_else(|| Either::Left(Full::default())));
        *request.method_mut() = outbound.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let connections = match outbound.reach {
            Reach::Public => &self.clients.public,
            Reach::Consented => &self.clients.consented,
        };
        let mut decoding = Decompression::new(connections).gzip(coding == Coding::Decoded);
        // Nothing of a head comes piece by piece: it has the time of one.
        let read = self.clients.read;
        let until = outbound.deadline.min(Instant::now() + read);
        let answered = timeout_at(until.into(), decoding.call(request)).await.map_err(|_| UpstreamError::Timeout)?;
        answered.map(|answer| answer.map(|body| Receiving::new(body, read))).map_err(|error| not_sent(&error))
    }
}

/// What is done with the content encoding of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Decoded,
    AsItIs,
}

impl Upstream for Exchanges<'_> {
    type Stream = Receiving;

    async fn open(&self, request: &Outbound) -> Result<Opened<Receiving>, UpstreamError> {
        let body = (!request.body.is_empty()).then(|| Either::Left(Full::new(request.body.clone())));
        let (head, body) = self.send(request, body, Coding::Decoded).await?.into_parts();
        Ok(Opened { status: head.status.as_u16(), headers: head.headers, body })
    }

    async fn collect(&self, mut body: Receiving, limit: usize, deadline: Instant) -> Result<Bytes, UpstreamError> {
        let Some(first) = body.piece(deadline).await? else { return Ok(Bytes::new()) };
        if body.is_whole() && first.len() <= limit {
            return Ok(first);
        }
        let mut whole = BytesMut::from(first);
        while whole.len() <= limit {
            match body.piece(deadline).await? {
                Some(piece) => whole.extend_from_slice(&piece),
                None => return Ok(whole.freeze()),
            }
        }
        Err(UpstreamError::too_large(limit))
    }
}
