//! A client of one repository: the parts of the distribution specification that plugins
//! need (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md>).

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use patchboard_gateway::redact::Redactor;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use url::Url;

use super::artifact::{MANIFEST_BYTES, media};
use super::credentials::{self, Credential};
use super::token::{self, Challenge, TOKEN_BYTES};
use super::transport::{Answer, Ask, Transport, is_absent};
use super::{OciError, Reference};
use crate::config::PluginsPolicy;
use crate::digest::Digest;
use crate::text::brief;

/// What a registry says about an error; more of it is left unread.
const ERROR_BYTES: usize = 16 << 10;
/// Characters of it that are shown.
const SAID: usize = 200;
const DIGEST_HEADER: &str = "docker-content-digest";
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

/// What is to be done with a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Pull,
    /// Reading and writing.
    Push,
}

/// A client of one repository.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    base: Url,
    reference: Reference,
    access: Access,
    credential: Option<Credential>,
    authorization: Mutex<Option<HeaderValue>>,
    redactor: Mutex<Redactor>,
}

/// A manifest as it came.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) bytes: Bytes,
    pub(super) digest: Digest,
    pub(super) media_type: String,
}

/// Whether a registry is spoken to without TLS: on this machine, and where the operator
/// said so.
fn plain_http(reference: &Reference, policy: &PluginsPolicy) -> bool {
    let registry = reference.registry();
    let host = registry.split(':').next().unwrap_or(registry);
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback || policy.plain_http.iter().any(|named| named.eq_ignore_ascii_case(registry))
}

impl Client {
    /// A client for the repository of a reference.
    ///
    /// # Errors
    /// When the operator's login is there and cannot be used.
    pub fn new(reference: &Reference, access: Access, policy: &PluginsPolicy) -> Result<Self, OciError> {
        let scheme = if plain_http(reference, policy) { "http" } else { "https" };
        let refuse = |_| OciError::Reference { text: reference.to_string(), why: "the registry is no host" };
        let base = Url::parse(&format!("{scheme}://{}/v2/{}/", reference.host(), reference.repository())).map_err(refuse)?;
        let credential = credentials::find(reference.registry())?;
        Ok(Self {
            transport: Transport::new(reference.registry(), &base, policy)?,
            base,
            reference: reference.clone(),
            access,
            redactor: Mutex::new(redactor(credential.as_ref(), None)),
            credential,
            authorization: Mutex::default(),
        })
    }

    /// A manifest by tag or digest; none where there is none.
    pub(super) async fn manifest(&self, at: &str) -> Result<Option<Manifest>, OciError> {
        let what = self.named(at);
        let ask = Ask { accept: Some(MANIFESTS), ..Ask::get(self.url(&format!("manifests/{at}"))?) };
        let answer = self.send(&what, ask).await?;
        if is_absent(answer.status) {
            return Ok(None);
        }
        let answer = self.expect(&what, answer, StatusCode::OK).await?;
        let media_type = header(&answer.headers, CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
        let said: Option<Digest> = header(&answer.headers, DIGEST_HEADER).and_then(|text| text.parse().ok());
        let bytes = self.transport.collect(&what, answer, MANIFEST_BYTES, "a manifest may have").await?;
        let found = Digest::of(&bytes);
        check(&what, "the reference says", at.parse().ok(), &found)?;
        check(&what, "the registry says", said, &found)?;
        Ok(Some(Manifest { bytes, digest: found, media_type }))
    }

    /// A blob of a known size.
    pub(super) async fn blob(&self, what: &str, digest: &Digest, size: usize) -> Result<Bytes, OciError> {
        let url = self.url(&format!("blobs/{digest}"))?;
        let mut answer = self.transport.follow(what, Ask::get(url.clone()), self.authorization()).await?;
        if answer.status == StatusCode::UNAUTHORIZED && self.transport.is_registry(&answer.url) {
            self.log_in(answer).await?;
            answer = self.transport.follow(what, Ask::get(url), self.authorization()).await?;
        }
        let answer = self.expect(what, answer, StatusCode::OK).await?;
        let bytes = self.transport.collect(what, answer, size, "the manifest says").await?;
        if bytes.len() < size {
            return Err(OciError::Truncated { what: what.to_owned(), expected: size, found: bytes.len() });
        }
        check(what, "the manifest says", Some(digest.clone()), &Digest::of(&bytes))?;
        Ok(bytes)
    }

    /// Puts a blob into the repository, unless it is there.
    pub(super) async fn push_blob(&self, what: &str, bytes: Bytes) -> Result<(), OciError> {
        let digest = Digest::of(&bytes);
        let head = Ask { method: Method::HEAD, ..Ask::get(self.url(&format!("blobs/{digest}"))?) };
        if self.send(what, head).await?.status == StatusCode::OK {
            return Ok(());
        }
        let begin = Ask { method: Method::POST, body: Some((Bytes::new(), media::BYTES)), ..Ask::get(self.url("blobs/uploads/")?) };
        let answer = self.send(what, begin).await?;
        let answer = self.expect(what, answer, StatusCode::ACCEPTED).await?;
        let mut url = self.own(what, self.transport.location(what, &answer)?)?;
        url.query_pairs_mut().append_pair("digest", digest.as_str());
        let put = Ask { method: Method::PUT, body: Some((bytes, media::BYTES)), ..Ask::get(url) };
        let answer = self.send(what, put).await?;
        self.expect(what, answer, StatusCode::CREATED).await.map(|_| ())
    }

    /// Puts a manifest into the repository.
    pub(super) async fn push_manifest(&self, tag: &str, bytes: Bytes) -> Result<Digest, OciError> {
        let (what, digest) = (self.named(tag), Digest::of(&bytes));
        let url = self.url(&format!("manifests/{tag}"))?;
        let answer = self.send(&what, Ask { method: Method::PUT, body: Some((bytes, media::MANIFEST)), ..Ask::get(url) }).await?;
        let answer = self.expect(&what, answer, StatusCode::CREATED).await?;
        let said = header(&answer.headers, DIGEST_HEADER).and_then(|text| text.parse().ok());
        check(&what, "the registry says", said, &digest)?;
        Ok(digest)
    }

    /// What is meant by a tag or digest, for messages.
    pub(super) fn named(&self, at: &str) -> String {
        format!("{}{}{at}", self.reference.name(), if at.contains(':') { "@" } else { ":" })
    }

    pub(super) fn reference(&self) -> &Reference {
        &self.reference
    }

    fn url(&self, path: &str) -> Result<Url, OciError> {
        let refuse = |_| OciError::Reference { text: self.reference.to_string(), why: "it makes no URL" };
        // Joining would take a digest's colon for the end of a scheme.
        Url::parse(&format!("{}{path}", self.base)).map_err(refuse)
    }

    /// An upload goes to the registry itself.
    fn own(&self, what: &str, url: Url) -> Result<Url, OciError> {
        if self.transport.is_registry(&url) {
            return Ok(url);
        }
        let to = url.host_str().unwrap_or_default().to_owned();
        Err(OciError::Elsewhere { what: what.to_owned(), to, why: "and an upload goes to the registry itself only" })
    }

    /// Sends a request; where a login is wanted, logs in and sends it once more.
    async fn send(&self, what: &str, ask: Ask) -> Result<Answer, OciError> {
        let answer = self.transport.send(what, ask.clone(), self.authorization()).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.log_in(answer).await?;
        self.transport.send(what, ask, self.authorization()).await
    }

    fn authorization(&self) -> Option<HeaderValue> {
        self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn log_in(&self, refused: Answer) -> Result<(), OciError> {
        let challenge = token::challenge(&refused.headers).ok_or_else(|| self.challenge("it names no scheme that is known here"))?;
        if self.authorization().is_some() {
            return Err(self.unauthorized(refused).await);
        }
        let header = match challenge {
            Challenge::Basic => match self.credential.as_ref() {
                Some(credential) => {
                    token::basic(credential).ok_or_else(|| self.challenge("the login is a token, and it wants a password"))?
                }
                None => return Err(self.unauthorized(refused).await),
            },
            Challenge::Bearer { realm, service } => self.token(&realm, service.as_deref()).await?,
        };
        self.remember(header);
        Ok(())
    }

    async fn token(&self, realm: &str, service: Option<&str>) -> Result<HeaderValue, OciError> {
        let realm = Url::parse(realm).map_err(|_| self.challenge("its realm is no URL"))?;
        let what = format!("a token for {}", self.reference.registry());
        let actions = if self.access == Access::Push { "pull,push" } else { "pull" };
        let scope = format!("repository:{}:{actions}", self.reference.repository());
        let ask = match self.credential.as_ref() {
            Some(Credential::Identity(identity)) => {
                let form = token::exchange(identity, service, &scope);
                Ask { method: Method::POST, body: Some((form.into(), media::FORM)), ..Ask::get(realm) }
            }
            _ => Ask::get(token::address(realm, service, &scope)),
        };
        let basic = self.credential.as_ref().and_then(token::basic);
        let answer = self.transport.for_token(&what, ask, basic).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            return Err(self.unauthorized(answer).await);
        }
        let answer = self.expect(&what, answer, StatusCode::OK).await?;
        let body = self.transport.collect(&what, answer, TOKEN_BYTES, "a token's answer may have").await?;
        let token = token::token(&body).ok_or_else(|| self.challenge("its service answers without a token"))?;
        *self.redactor.lock().unwrap_or_else(PoisonError::into_inner) = redactor(self.credential.as_ref(), Some(token.expose_secret()));
        token::header("Bearer", token.expose_secret()).ok_or_else(|| self.challenge("its token is no header"))
    }

    fn remember(&self, header: HeaderValue) {
        *self.authorization.lock().unwrap_or_else(PoisonError::into_inner) = Some(header);
    }

    fn challenge(&self, why: &str) -> OciError {
        OciError::Challenge { registry: self.reference.registry().to_owned(), why: why.to_owned() }
    }

    async fn unauthorized(&self, answer: Answer) -> OciError {
        let how = if self.credential.is_some() { "the login that it got" } else { "to answer without a login" };
        OciError::Unauthorized { registry: self.reference.registry().to_owned(), how, said: self.said(answer).await }
    }

    /// The answer, where it has the status that it should have.
    async fn expect(&self, what: &str, answer: Answer, status: StatusCode) -> Result<Answer, OciError> {
        let what = what.to_owned();
        match answer.status {
            good if good == status => Ok(answer),
            StatusCode::UNAUTHORIZED => Err(self.unauthorized(answer).await),
            StatusCode::NOT_FOUND => Err(OciError::NotFound { what, said: self.said(answer).await }),
            other if other.is_redirection() => {
                let to = self.transport.location(&what, &answer)?.host_str().unwrap_or_default().to_owned();
                Err(OciError::Elsewhere { what, to, why: "and only what is in a blob may be kept elsewhere" })
            }
            other => Err(OciError::Status { what, status: other.as_u16(), said: self.said(answer).await }),
        }
    }

    /// What a registry says about an error, for a message: `: DENIED: access is denied`.
    async fn said(&self, answer: Answer) -> String {
        #[derive(Deserialize)]
        struct Errors {
            errors: Vec<One>,
        }
        #[derive(Deserialize)]
        struct One {
            #[serde(default)]
            code: String,
            #[serde(default)]
            message: String,
        }
        let Ok(body) = self.transport.collect("an error", answer, ERROR_BYTES, "an error may have").await else { return String::new() };
        let errors = serde_json::from_slice::<Errors>(&body).map(|body| body.errors).unwrap_or_default();
        let Some(first) = errors.into_iter().next() else { return String::new() };
        let redactor = self.redactor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        brief(&redactor.text(format!(": {}: {}", first.code, first.message)), SAID)
    }
}

/// Keeps what was sent to a registry out of what it says.
fn redactor(credential: Option<&Credential>, token: Option<&str>) -> Redactor {
    let login = match credential {
        Some(Credential::Password { password, .. }) => Some(password.expose_secret()),
        Some(Credential::Identity(identity)) => Some(identity.expose_secret()),
        None => None,
    };
    Redactor::new(login.into_iter().chain(token))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn check(what: &str, by: &'static str, expected: Option<Digest>, found: &Digest) -> Result<(), OciError> {
    match expected {
        Some(expected) if expected != *found => Err(OciError::Digest { what: what.to_owned(), by, expected, found: found.clone() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_what_the_operator_names_is_spoken_to_without_tls() {
        let policy = PluginsPolicy { plain_http: vec!["registry.internal:5000".to_owned()], ..PluginsPolicy::default() };
        for (text, plain) in [
            ("oci://localhost/a:1", true),
            ("oci://localhost:5000/a:1", true),
            ("oci://127.0.0.1:5000/a:1", true),
            ("oci://127.8.9.10:5000/a:1", true),
            ("oci://registry.internal:5000/a:1", true),
            ("oci://registry.internal/a:1", false),
            ("oci://registry.internal:5001/a:1", false),
            ("oci://10.0.0.5:5000/a:1", false),
            ("oci://localhost.evil.example/a:1", false),
            ("oci://127.0.0.1.evil.example/a:1", false),
        ] {
            assert_eq!(plain_http(&text.parse().unwrap(), &policy), plain, "{text}");
        }
    }
}
