//! One HTTP exchange with a registry, or with a host that it points to.
//!
//! The registry itself is the operator's choice and may have a private address. Where it
//! points to is the registry's choice: such a host is reached by https and at a public
//! address only, unless the operator named it. The login goes to the registry, and to the
//! service of tokens that this registry names, but not to where it keeps its blobs.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use patchboard_gateway::egress::{Origin, Reach};
use reqwest::{ClientBuilder, Response};
use tokio::time::timeout_at;
use url::Url;

use super::OciError;
use crate::config::PluginsPolicy;
use crate::egress;

/// To open a connection; a registry on another continent takes a second.
const CONNECT: Duration = Duration::from_secs(10);
/// Between two pieces of an answer.
const READ: Duration = Duration::from_secs(30);
/// A blob may be handed on from a registry to a store and from there to a mirror.
const REDIRECTS: usize = 3;

/// The way to one registry.
#[derive(Debug)]
pub(super) struct Transport {
    /// For messages.
    name: String,
    origin: Origin,
    /// For the registry, and for hosts that the operator named.
    named: reqwest::Client,
    /// For hosts that the registry named.
    linked: reqwest::Client,
    linked_hosts: Vec<String>,
    seconds: u64,
    deadline: Instant,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) accept: Option<&'static str>,
    pub(super) body: Option<(Bytes, &'static str)>,
}

impl Ask {
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, accept: None, body: None }
    }
}

impl Transport {
    pub(super) fn new(name: &str, base: &Url, policy: &PluginsPolicy) -> Result<Self, OciError> {
        egress::use_ring();
        Ok(Self {
            name: name.to_owned(),
            origin: Origin::of(base),
            named: client(Reach::Consented).build()?,
            linked: client(Reach::Public).build()?,
            linked_hosts: policy.linked_hosts.clone(),
            seconds: policy.download_seconds,
            deadline: Instant::now() + Duration::from_secs(policy.download_seconds),
        })
    }

    /// Whether a URL is the registry's own.
    pub(super) fn is_registry(&self, url: &Url) -> bool {
        Origin::of(url) == self.origin
    }

    /// Sends a request and waits for the head of the answer. The credential goes with it
    /// where the registry itself is asked.
    pub(super) async fn send(&self, what: &str, ask: Ask, authorization: Option<HeaderValue>) -> Result<Response, OciError> {
        let authorization = authorization.filter(|_| self.is_registry(&ask.url));
        self.exchange(what, ask, authorization).await
    }

    async fn exchange(&self, what: &str, ask: Ask, authorization: Option<HeaderValue>) -> Result<Response, OciError> {
        let client = self.client_for(what, &ask.url)?;
        let mut request = client.request(ask.method, ask.url);
        if let Some(accept) = ask.accept {
            request = request.header(ACCEPT, accept);
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some((body, media_type)) = ask.body {
            request = request.header(CONTENT_TYPE, media_type).body(body);
        }
        match timeout_at(self.deadline.into(), request.send()).await {
            Ok(sent) => sent.map_err(|error| self.not_sent(&error)),
            Err(_) => Err(self.late()),
        }
    }

    /// Asks the service that gives tokens. Where the registry names another host for it,
    /// as many do, the login goes there: it was given for this registry, which decides.
    pub(super) async fn for_token(&self, what: &str, ask: Ask, login: Option<HeaderValue>) -> Result<Response, OciError> {
        self.exchange(what, ask, login).await
    }

    /// The same for a blob, which a registry may keep elsewhere.
    pub(super) async fn follow(&self, what: &str, ask: Ask, authorization: Option<HeaderValue>) -> Result<Response, OciError> {
        let mut answer = self.send(what, ask.clone(), authorization.clone()).await?;
        for _ in 0..REDIRECTS {
            if !answer.status().is_redirection() {
                return Ok(answer);
            }
            let url = self.location(what, &answer)?;
            answer = self.send(what, Ask { url, ..ask.clone() }, authorization.clone()).await?;
        }
        if answer.status().is_redirection() {
            let to = answer.url().to_string();
            return Err(OciError::Elsewhere { what: what.to_owned(), to, why: "and from there on and on" });
        }
        Ok(answer)
    }

    /// Where an answer points to.
    pub(super) fn location(&self, what: &str, answer: &Response) -> Result<Url, OciError> {
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| answer.url().join(location).ok());
        url.ok_or_else(|| OciError::Elsewhere { what: what.to_owned(), to: "nowhere".to_owned(), why: "its Location is missing or no URL" })
    }

    /// Reads an answer to its end, which must come within `limit` bytes.
    pub(super) async fn collect(&self, what: &str, mut answer: Response, limit: usize, by: &'static str) -> Result<Bytes, OciError> {
        let too_large = || OciError::TooLarge { what: what.to_owned(), limit, by };
        if answer.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut whole = BytesMut::new();
        loop {
            let piece = timeout_at(self.deadline.into(), answer.chunk()).await.map_err(|_| self.late())?;
            match piece.map_err(|error| OciError::BrokeOff { what: what.to_owned(), why: egress::cause(&error) })? {
                None => return Ok(whole.freeze()),
                Some(piece) if whole.len() + piece.len() > limit => return Err(too_large()),
                Some(piece) => whole.extend_from_slice(&piece),
            }
        }
    }

    fn client_for(&self, what: &str, url: &Url) -> Result<&reqwest::Client, OciError> {
        let refuse = |why| OciError::Elsewhere { what: what.to_owned(), to: bare(url), why };
        let host = url.host_str().unwrap_or_default();
        let by_operator = self.is_registry(url) || self.linked_hosts.iter().any(|named| named == host);
        if !self.is_registry(url) && url.scheme() != "https" {
            return Err(refuse("which is another host without TLS"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("with a user name in it"));
        }
        let reach = if by_operator { Reach::Consented } else { Reach::Public };
        if reach.check_literal(url).is_err() {
            return Err(refuse("which is a private address; plugins_policy.linked_hosts can allow it"));
        }
        Ok(if by_operator { &self.named } else { &self.linked })
    }

    fn late(&self) -> OciError {
        OciError::Late { registry: self.name.clone(), seconds: self.seconds }
    }

    fn not_sent(&self, error: &reqwest::Error) -> OciError {
        let why = egress::refused(error).unwrap_or_else(|| egress::cause(error));
        OciError::Unreachable { registry: self.name.clone(), why }
    }
}

fn client(reach: Reach) -> ClientBuilder {
    // What is kept in a registry is compressed by itself; decoding would change the digest.
    egress::builder(reach)
        .no_gzip()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .user_agent(concat!("patchboard/", env!("CARGO_PKG_VERSION")))
}

/// Scheme, host and path: a query may hold a signature of the store's.
fn bare(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    crate::text::brief(url.as_str(), 200)
}

/// Whether something is not there.
pub(super) fn is_absent(status: StatusCode) -> bool {
    status == StatusCode::NOT_FOUND
}
