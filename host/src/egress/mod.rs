//! The exchanges with providers: pooled clients for public addresses, and others for
//! the origins that the operator has consented to.

mod resolve;

use std::error::Error as _;
use std::io;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use patchboard_gateway::Upstream;
use patchboard_gateway::egress::{AddressRefused, Reach};
use patchboard_gateway::upstream::{Opened, Outbound, UpstreamError, no_body};
use reqwest::{Body, Client, ClientBuilder, Response};
use tokio::time::timeout_at;

use crate::config::Egress;
use resolve::{CheckedResolver, NoAddress};

/// The clients.
#[derive(Debug, Clone)]
pub struct Clients {
    public: Client,
    consented: Client,
    /// The same two for what is handed through as it comes, still encoded.
    public_as_is: Client,
    consented_as_is: Client,
}

impl Clients {
    /// Builds the clients.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(egress: &Egress) -> reqwest::Result<Self> {
        use_ring();
        Ok(Self {
            public: client(egress, Reach::Public).build()?,
            consented: client(egress, Reach::Consented).build()?,
            public_as_is: client(egress, Reach::Public).no_gzip().build()?,
            consented_as_is: client(egress, Reach::Consented).no_gzip().build()?,
        })
    }

    /// For one request: `headers` carry its trace to the provider.
    #[must_use]
    pub fn for_request(&self, headers: HeaderMap) -> Exchanges<'_> {
        Exchanges { clients: self, headers }
    }
}

/// The one TLS of the process.
pub(crate) fn use_ring() {
    // Set by whoever comes first; a second attempt changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client that asks no proxy, follows no redirect, repeats nothing, and connects to
/// checked addresses only.
pub(crate) fn builder(reach: Reach) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .dns_resolver(CheckedResolver { reach })
}

fn client(egress: &Egress, reach: Reach) -> ClientBuilder {
    builder(reach)
        .connect_timeout(Duration::from_secs(egress.connect_seconds))
        .read_timeout(Duration::from_secs(egress.read_seconds))
        .pool_max_idle_per_host(egress.idle_per_host)
        .tcp_nodelay(true)
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
    pub async fn forward(&self, request: Outbound, body: Option<Body>) -> Result<Response, UpstreamError> {
        request.reach.check_literal(&request.url)?;
        let client = match request.reach {
            Reach::Public => &self.clients.public_as_is,
            Reach::Consented => &self.clients.consented_as_is,
        };
        let mut headers = request.headers;
        if body.is_none() {
            no_body(&request.method, &mut headers);
        }
        let mut builder = client.request(request.method, request.url).headers(headers).headers(self.headers.clone());
        if let Some(body) = body {
            builder = builder.body(body);
        }
        match timeout_at(request.deadline.into(), builder.send()).await {
            Ok(sent) => sent.map_err(not_sent),
            Err(_) => Err(UpstreamError::Timeout),
        }
    }

    async fn send(&self, request: &Outbound) -> Result<Response, UpstreamError> {
        let client = match request.reach {
            Reach::Public => &self.clients.public,
            Reach::Consented => &self.clients.consented,
        };
        let mut headers = request.headers.clone();
        if request.body.is_empty() {
            no_body(&request.method, &mut headers);
        }
        let mut builder = client.request(request.method.clone(), request.url.clone()).headers(headers).headers(self.headers.clone());
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        }
        match timeout_at(request.deadline.into(), builder.send()).await {
            Ok(sent) => sent.map_err(not_sent),
            Err(_) => Err(UpstreamError::Timeout),
        }
    }
}

impl Upstream for Exchanges<'_> {
    type Stream = Response;

    async fn open(&self, request: &Outbound) -> Result<Opened<Response>, UpstreamError> {
        request.reach.check_literal(&request.url)?;
        let mut response = self.send(request).await?;
        let headers = std::mem::take(response.headers_mut());
        Ok(Opened { status: response.status().as_u16(), headers, body: response })
    }

    async fn collect(&self, mut body: Response, limit: usize, deadline: Instant) -> Result<Bytes, UpstreamError> {
        let mut whole = BytesMut::new();
        loop {
            let piece = timeout_at(deadline.into(), body.chunk()).await.map_err(|_| UpstreamError::Timeout)?;
            match piece.map_err(broke_off)? {
                None => return Ok(whole.freeze()),
                Some(piece) if whole.len() + piece.len() > limit => {
                    return Err(UpstreamError::too_large(limit));
                }
                Some(piece) => whole.extend_from_slice(&piece),
            }
        }
    }
}

/// No answer. The URL may hold a credential and is left out.
fn not_sent(error: reqwest::Error) -> UpstreamError {
    let error = error.without_url();
    if let Some(refused) = refused(&error) {
        return UpstreamError::NotAllowed(refused);
    }
    if error.is_timeout() {
        return UpstreamError::Timeout;
    }
    if let Some(unresolved) = find::<NoAddress>(&error) {
        return UpstreamError::no_address(&unresolved.0);
    }
    match find::<io::Error>(&error) {
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => UpstreamError::refused(),
        _ if error.is_connect() => UpstreamError::Unreachable(cause(&error)),
        _ => UpstreamError::no_answer(),
    }
}

fn broke_off(error: reqwest::Error) -> UpstreamError {
    if error.is_timeout() { UpstreamError::Timeout } else { UpstreamError::broke_off() }
}

/// Why no address of a host may be reached, where that is what went wrong.
pub(crate) fn refused(error: &reqwest::Error) -> Option<String> {
    find::<AddressRefused>(error).map(ToString::to_string)
}

fn find<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        source = error.source();
    }
    None
}

/// The innermost cause says it best.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
