//! One HTTP exchange with a registry, or with a host that it points to.
//!
//! The registry itself is the operator's choice and may have a private address. Where it
//! points to is the registry's choice: such a host is reached by https and at a public
//! address only, unless the operator named it. The login goes to the registry, and to the
//! service of tokens that this registry names, but not to where it keeps its blobs.

use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use patchboard_gateway::egress::{Origin, Reach};
use patchboard_gateway::upstream::{Outbound, UpstreamError};
use url::Url;

use super::OciError;
use crate::config::{Egress, PluginsPolicy};
use crate::egress::{Clients, Receiving};

/// To open a connection; a registry on another continent takes a second.
const CONNECT_SECONDS: u64 = 10;
/// Between two pieces of an answer.
const READ_SECONDS: u64 = 30;
const AGENT: HeaderValue = HeaderValue::from_static(concat!("patchboard/", env!("CARGO_PKG_VERSION")));
/// A blob may be handed on from a registry to a store and from there to a mirror.
const REDIRECTS: usize = 3;

/// The way to one registry.
#[derive(Debug)]
pub(super) struct Transport {
    /// For messages.
    name: String,
    origin: Origin,
    clients: Clients,
    linked_hosts: Vec<String>,
    seconds: u64,
    deadline: Instant,
}

/// An answer whose body has not been read. It comes as it was stored: what is kept in a
/// registry is compressed by itself, and decoding would change the digest.
#[derive(Debug)]
pub(super) struct Answer {
    /// Who answered.
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Receiving,
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
        let times = Egress { connect_seconds: CONNECT_SECONDS, read_seconds: READ_SECONDS, ..Egress::default() };
        Ok(Self {
            name: name.to_owned(),
            origin: Origin::of(base),
            clients: Clients::new(&times)?,
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
    pub(super) async fn send(&self, what: &str, ask: Ask, authorization: Option<HeaderValue>) -> Result<Answer, OciError> {
        let authorization = authorization.filter(|_| self.is_registry(&ask.url));
        self.exchange(what, ask, authorization).await
    }

    async fn exchange(&self, what: &str, ask: Ask, authorization: Option<HeaderValue>) -> Result<Answer, OciError> {
        let reach = self.reach(what, &ask.url)?;
        let mut headers = HeaderMap::from_iter([(USER_AGENT, AGENT)]);
        headers.extend(ask.accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept))));
        headers.extend(authorization.map(|authorization| (AUTHORIZATION, authorization)));
        headers.extend(ask.body.as_ref().map(|(_, media_type)| (CONTENT_TYPE, HeaderValue::from_static(media_type))));
        let body = ask.body.map(|(body, _)| body).unwrap_or_default();
        let outbound =
            Outbound { method: ask.method, url: ask.url, headers, body: Bytes::new(), reach, deadline: self.deadline, repeatable: false };
        let body = (!body.is_empty()).then(|| Body::from(body));
        let answered = self.clients.for_request(HeaderMap::new()).forward(&outbound, body).await;
        let (head, body) = answered.map_err(|error| self.not_sent(error))?.into_parts();
        Ok(Answer { url: outbound.url, status: head.status, headers: head.headers, body })
    }

    /// Asks the service that gives tokens. Where the registry names another host for it,
    /// as many do, the login goes there: it was given for this registry, which decides.
    pub(super) async fn for_token(&self, what: &str, ask: Ask, login: Option<HeaderValue>) -> Result<Answer, OciError> {
        self.exchange(what, ask, login).await
    }

    /// The same for a blob, which a registry may keep elsewhere.
    pub(super) async fn follow(&self, what: &str, ask: Ask, authorization: Option<HeaderValue>) -> Result<Answer, OciError> {
        let mut answer = self.send(what, ask.clone(), authorization.clone()).await?;
        for _ in 0..REDIRECTS {
            if !answer.status.is_redirection() {
                return Ok(answer);
            }
            let url = self.location(what, &answer)?;
            answer = self.send(what, Ask { url, ..ask.clone() }, authorization.clone()).await?;
        }
        if answer.status.is_redirection() {
            let to = answer.url.to_string();
            return Err(OciError::Elsewhere { what: what.to_owned(), to, why: "and from there on and on" });
        }
        Ok(answer)
    }

    /// Where an answer points to.
    pub(super) fn location(&self, what: &str, answer: &Answer) -> Result<Url, OciError> {
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| answer.url.join(location).ok());
        url.ok_or_else(|| OciError::Elsewhere { what: what.to_owned(), to: "nowhere".to_owned(), why: "its Location is missing or no URL" })
    }

    /// Reads an answer to its end, which must come within `limit` bytes.
    pub(super) async fn collect(&self, what: &str, mut answer: Answer, limit: usize, by: &'static str) -> Result<Bytes, OciError> {
        let too_large = || OciError::TooLarge { what: what.to_owned(), limit, by };
        let length: Option<usize> = answer.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut whole = BytesMut::new();
        loop {
            match answer.body.piece(self.deadline).await.map_err(|error| self.broke_off(what, &error))? {
                None => return Ok(whole.freeze()),
                Some(piece) if whole.len() + piece.len() > limit => return Err(too_large()),
                Some(piece) => whole.extend_from_slice(&piece),
            }
        }
    }

    /// Which addresses a URL may lead to.
    fn reach(&self, what: &str, url: &Url) -> Result<Reach, OciError> {
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
        Ok(reach)
    }

    fn late(&self) -> OciError {
        OciError::Late { registry: self.name.clone(), seconds: self.seconds }
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn not_sent(&self, error: UpstreamError) -> OciError {
        if self.is_late() {
            return self.late();
        }
        OciError::Unreachable { registry: self.name.clone(), why: error.to_string() }
    }

    fn broke_off(&self, what: &str, error: &UpstreamError) -> OciError {
        if self.is_late() {
            return self.late();
        }
        OciError::BrokeOff { what: what.to_owned(), why: error.to_string() }
    }
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
