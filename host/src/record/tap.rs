//! Between the engine and its two sides: writes down what passes, and changes nothing.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{SET_COOKIE, USER_AGENT};
use patchboard_gateway::access::Access;
use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginIdentity, Step, UnifiedRequest};
use patchboard_gateway::manifest::Scheme;
use patchboard_gateway::redact::{REDACTED, Redactor};
use patchboard_gateway::upstream::{Opened, Outbound, UpstreamError};
use patchboard_gateway::{Manifest, Provider, Upstream};

use super::file::{Body, Sent, headers};

/// One exchange as it happened; its bodies are not read yet.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) call: String,
    pub(super) request: Option<Wanted>,
    pub(super) status: Option<u16>,
    pub(super) headers: Vec<Pair>,
    pub(super) body: Bytes,
    pub(super) fails: Option<UpstreamError>,
    pub(super) received: Option<SystemTime>,
}

/// What left, with its body as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) head: Sent,
    pub(super) body: Bytes,
}

#[derive(Debug, Default)]
struct Log {
    /// The calls that the plugin has asked for.
    asked: Vec<String>,
    /// The exchanges that were made, or answered out of memory.
    made: Vec<Made>,
}

/// A plugin and an upstream that are listened to.
pub(super) struct Tap<'a, P, U> {
    provider: &'a P,
    upstream: &'a U,
    redactor: &'a Redactor,
    log: Mutex<Log>,
}

impl<'a, P: Provider, U> Tap<'a, P, U> {
    pub(super) fn new(provider: &'a P, upstream: &'a U, access: &'a Access) -> Self {
        Self { provider, upstream, redactor: &access.redactor, log: Mutex::default() }
    }

    /// What has passed.
    pub(super) fn made(self) -> Vec<Made> {
        self.log.into_inner().unwrap_or_else(PoisonError::into_inner).made
    }

    fn write<T>(&self, write: impl FnOnce(&mut Log) -> T) -> T {
        write(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<P: Provider, U> Provider for Tap<'_, P, U> {
    fn manifest(&self) -> &Manifest {
        self.provider.manifest()
    }

    fn identity(&self) -> &PluginIdentity {
        self.provider.identity()
    }

    async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let mapped = self.provider.map_request(settings, request).await;
        if let Ok(Ok(exchange)) = &mapped {
            self.write(|log| log.asked.push(exchange.call.clone()));
        }
        mapped
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        self.write(|log| log.kept(response));
        let step = self.provider.map_response(settings, request, state, response).await;
        if let Ok(Ok(Step::Send(exchange))) = &step {
            self.write(|log| log.asked.push(exchange.call.clone()));
        }
        step
    }
}

impl Log {
    fn call(&self) -> String {
        self.asked.last().cloned().unwrap_or_default()
    }

    /// An answer to an exchange that was never made was used again.
    fn kept(&mut self, response: &NativeResponse) {
        if self.made.len() < self.asked.len() {
            let NativeResponse { status, headers, body } = response.clone();
            let call = self.call();
            self.made.push(Made { call, request: None, status: Some(status), headers, body, fails: None, received: None });
        }
    }
}

impl<P: Provider, U: Upstream> Upstream for Tap<'_, P, U> {
    type Stream = U::Stream;

    async fn open(&self, request: &Outbound) -> Result<Opened<U::Stream>, UpstreamError> {
        let wanted = Wanted { head: sent(request, self.provider.manifest(), self.redactor), body: request.body.clone() };
        let opened = self.upstream.open(request).await;
        let received = Some(SystemTime::now());
        let (status, headers, fails) = match &opened {
            Ok(opened) => (Some(opened.status), answered(&opened.headers, self.redactor), None),
            Err(error) => (None, Vec::new(), Some(error.clone())),
        };
        self.write(|log| {
            let call = log.call();
            log.made.push(Made { call, request: Some(wanted), status, headers, body: Bytes::new(), fails, received });
        });
        opened
    }

    async fn collect(&self, body: U::Stream, limit: usize, deadline: Instant) -> Result<Bytes, UpstreamError> {
        let collected = self.upstream.collect(body, limit, deadline).await;
        self.write(|log| {
            if let Some(last) = log.made.last_mut() {
                match &collected {
                    Ok(body) => last.body = body.clone(),
                    Err(error) => last.fails = Some(error.clone()),
                }
            }
        });
        collected
    }

    fn now(&self) -> SystemTime {
        let last = self.write(|log| log.made.last().and_then(|made| made.received));
        last.unwrap_or_else(SystemTime::now)
    }
}

/// The head of an answer as the plugin sees it.
fn answered(headers: &http::HeaderMap, redactor: &Redactor) -> Vec<Pair> {
    let shown = headers.iter().filter(|(name, _)| **name != SET_COOKIE);
    shown.map(|(name, value)| (name.to_string(), redactor.text(String::from_utf8_lossy(value.as_bytes()).into_owned()))).collect()
}

/// A request that leaves, without its body and without a secret. The user agent names
/// this program's version and is left out.
pub(super) fn sent(request: &Outbound, manifest: &Manifest, redactor: &Redactor) -> Sent {
    let mut url = request.url.clone();
    if let Some(query) = request.url.query() {
        let names: Vec<&str> = manifest.authentication.iter().filter_map(by_query).collect();
        let pairs: Vec<String> = query.split('&').map(|pair| without_secret(pair, &names)).collect();
        url.set_query(Some(&pairs.join("&")));
    }
    let mut shown = headers(&request.headers);
    shown.retain(|(name, _)| name != USER_AGENT.as_str());
    for (_, value) in &mut shown {
        *value = redactor.text(std::mem::take(value));
    }
    Sent { method: request.method.to_string(), url: redactor.text(url.to_string()), headers: shown, body: None }
}

fn by_query(scheme: &Scheme) -> Option<&str> {
    match scheme {
        Scheme::Query { name, .. } => Some(name),
        _ => None,
    }
}

/// A credential can be too short to be found by its value.
fn without_secret(pair: &str, names: &[&str]) -> String {
    match pair.split_once('=') {
        Some((name, _)) if names.contains(&name) => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    }
}

impl Wanted {
    /// The request with its body.
    pub(super) fn whole(self, redactor: &Redactor) -> Sent {
        Sent { body: Body::of(&redactor.bytes(self.body)), ..self.head }
    }
}
