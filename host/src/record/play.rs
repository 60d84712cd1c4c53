//! A recording, played through the engine again: without a network, without a credential,
//! with the plugin that it was made with or with another.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use patchboard_gateway::access::Access;
use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginIdentity, Step, UnifiedRequest};
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::egress::{EgressPolicy, Origin};
use patchboard_gateway::engine::{ReplyBody, bound_to};
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::manifest::BASE_URL;
use patchboard_gateway::model::Models;
use patchboard_gateway::redact::Redactor;
use patchboard_gateway::upstream::{Opened, Outbound, UpstreamError};
use patchboard_gateway::{Account, AccountStatus, Credential, Gateway, Limits, Manifest, Problem, Provider, Reply, Upstream, route};
use patchboard_kit::steadily;
use secrecy::SecretString;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::file::{self, Body, Came, Recording};
use super::redact::Chosen;
use super::tap;

/// Plays recordings.
pub struct Player {
    gateway: Gateway,
}

/// What a recording led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The exchanges, in order.
    pub exchanges: Vec<file::Exchange>,
    /// What the caller would have got.
    pub answer: file::Answer,
}

impl Played {
    /// What a recording says about the same.
    #[must_use]
    pub fn recorded(recording: &Recording) -> Self {
        Self { exchanges: recording.exchanges.clone(), answer: recording.answer.clone() }
    }

    /// What would be sent: each call with its request.
    pub fn sent(&self) -> impl Iterator<Item = (&str, &file::Sent)> {
        self.exchanges.iter().filter_map(|made| Some((made.call.as_str(), made.request.as_ref()?)))
    }
}

impl Player {
    /// With these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        // Its cursors leave it only as those of the recording.
        let cursors = Cursors::new(b"a recording that is played");
        Self { gateway: Gateway { limits, cursors, kept: KeptAnswers::default() } }
    }

    /// Plays a recording with these models. Where values of it were redacted, so are those of what is played.
    pub async fn play<P: Provider>(&mut self, models: &Models, recording: &Recording, provider: &P) -> Played {
        self.gateway.kept = KeptAnswers::default();
        let script = Script::new(recording, provider);
        let reply = self.reply(models, recording, &script).await;
        let answer = self.answer(recording, reply);
        let mut played = Played { exchanges: script.played.into_inner().unwrap_or_else(PoisonError::into_inner), answer };
        Chosen::new(&recording.redacted).played(&mut played);
        played
    }

    async fn reply<P: Provider>(
        &self,
        models: &Models,
        recording: &Recording,
        script: &Script<'_, P>,
    ) -> Result<Reply<Result<Bytes, UpstreamError>>, Problem> {
        let access = access(recording, script.provider.manifest())?;
        let request = &recording.request;
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let body = Body::bytes_of(request.body.as_ref());
        let parsed = self.gateway.parse(models, &method, &request.path, &self.query(recording), &header_map(&request.headers), &body)?;
        self.gateway.run(parsed, &access, script, script).await.reply
    }

    fn answer(&self, recording: &Recording, reply: Result<Reply<Result<Bytes, UpstreamError>>, Problem>) -> file::Answer {
        let (status, headers, body) = match reply {
            Err(problem) => problem.into_http(&recording.request_id),
            Ok(Reply { status, headers, body: ReplyBody::Bytes(body) }) => (status, headers, body.to_vec()),
            Ok(Reply { status, headers, body: ReplyBody::Stream(..) }) => {
                return file::Answer { status: status.as_u16(), headers: file::headers(&headers), body: None, streamed: true };
            }
        };
        let body = self.cursors(recording).into_iter().fold(body, |body, (ours, theirs)| replaced(&body, &ours, &theirs));
        file::Answer { status: status.as_u16(), headers: file::headers(&headers), body: Body::of(&body), streamed: false }
    }

    /// Every cursor as this player seals it, and as it was sealed.
    fn cursors(&self, recording: &Recording) -> Vec<(String, String)> {
        let method = Method::from_bytes(recording.request.method.as_bytes()).unwrap_or_default();
        let Ok(route) = route::parse(&method, &recording.request.path) else { return Vec::new() };
        let bound_to = bound_to(&recording.account.id, &route.model, &route.resource);
        let cursors = recording.cursors.iter();
        cursors.map(|cursor| (self.gateway.cursors.seal(&cursor.own, &bound_to), cursor.sealed.clone())).collect()
    }

    fn query(&self, recording: &Recording) -> String {
        let query = recording.request.query.clone();
        self.cursors(recording).into_iter().fold(query, |query, (ours, theirs)| query.replace(&theirs, &ours))
    }
}

/// Replaces a text that stands in bytes.
fn replaced(body: &[u8], from: &str, to: &str) -> Vec<u8> {
    match std::str::from_utf8(body) {
        Ok(text) => text.replace(from, to).into_bytes(),
        Err(_) => body.to_vec(),
    }
}

fn header_map<'h>(headers: impl IntoIterator<Item = (&'h String, &'h String)>) -> HeaderMap {
    let pair =
        |(name, value): (&String, &String)| Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?));
    headers.into_iter().filter_map(pair).collect()
}

/// The account with made-up secrets. What it was allowed to reach, it may reach.
fn access(recording: &Recording, manifest: &Manifest) -> Result<Access, Problem> {
    let account = &recording.account;
    let secret = |name: &String| (name.clone(), SecretString::from(format!("made-up-secret-of-a-replay-{name}")));
    let own = account.settings.get(BASE_URL).and_then(|text| Url::parse(text).ok());
    let policy = EgressPolicy { allow_hosts: None, allow_upstreams: own.iter().map(Origin::of).collect() };
    let account = Account {
        id: account.id.clone(),
        provider: recording.plugin.name.clone(),
        status: AccountStatus::Active,
        settings: account.settings.clone(),
        credential: Credential::new(account.secrets.iter().map(secret).collect::<BTreeMap<_, _>>()),
    };
    Access::prepare(&account, manifest, &policy)
}

/// The plugin, and the recorded answers in place of its provider.
struct Script<'a, P> {
    provider: &'a P,
    recording: &'a Recording,
    /// The call that was asked for last.
    call: Mutex<String>,
    /// Exchanges whose answer has been given.
    used: Mutex<Vec<usize>>,
    played: Mutex<Vec<file::Exchange>>,
}

impl<'a, P: Provider> Script<'a, P> {
    fn new(recording: &'a Recording, provider: &'a P) -> Self {
        Self { provider, recording, call: Mutex::default(), used: Mutex::default(), played: Mutex::default() }
    }

    fn asks(&self, exchange: &Exchange) {
        self.call.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&exchange.call);
    }

    /// The recorded exchange that an exchange stands for: one of the same method and
    /// path, else one of the same call, in their order.
    fn recorded(&self, request: &Outbound, call: &str) -> Option<usize> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let left = || self.recording.exchanges.iter().enumerate().filter(|(nth, _)| !used.contains(nth));
        let path = |url: &str| Url::parse(url).ok().map(|url| url.path().to_owned());
        let same = |sent: &file::Sent| sent.method == request.method.as_str() && path(&sent.url).as_deref() == Some(request.url.path());
        let by_request = left().find(|(_, made)| made.call == call && made.request.as_ref().is_some_and(same));
        let by_path = || left().find(|(_, made)| made.request.as_ref().is_some_and(same));
        let by_call = || left().find(|(_, made)| made.call == call);
        by_request.or_else(by_path).or_else(by_call).map(|(nth, _)| nth)
    }

    /// The answer that was given last.
    fn last(&self) -> Option<&'a file::Exchange> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.last().and_then(|nth| self.recording.exchanges.get(*nth))
    }
}

impl<P: Provider> Provider for Script<'_, P> {
    fn manifest(&self) -> &Manifest {
        self.provider.manifest()
    }

    fn identity(&self) -> &PluginIdentity {
        self.provider.identity()
    }

    async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let mapped = steadily(async || self.provider.map_request(settings, request).await).await;
        mapped.iter().flatten().for_each(|exchange| self.asks(exchange));
        mapped
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        // The quota of an answer that was used again was not handed on, so the engine has
        // not seen its headers here either; the plugin has.
        let again = self.last().filter(|made| made.request.is_none());
        let response = NativeResponse {
            headers: again.map_or_else(|| response.headers.clone(), |made| made.answer.headers.clone()),
            ..response.clone()
        };
        let step = steadily(async || self.provider.map_response(settings, request, state.clone(), &response).await).await;
        if let Ok(Ok(Step::Send(exchange))) = &step {
            self.asks(exchange);
        }
        step
    }
}

impl<P: Provider> Upstream for Script<'_, P> {
    type Stream = Result<Bytes, UpstreamError>;

    async fn open(&self, request: &Outbound) -> Result<Opened<Self::Stream>, UpstreamError> {
        let call = self.call.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = self.recorded(request, &call);
        let made = found.and_then(|nth| self.recording.exchanges.get(nth));
        let again = made.is_some_and(|made| made.request.is_none());
        let answer = made.map_or_else(none, |made| made.answer.clone());
        let shown =
            (!again).then(|| file::Sent { body: Body::of(&request.body), ..tap::sent(request, self.manifest(), &Redactor::default()) });
        self.used.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        let played = file::Exchange { call, request: shown, answer: answer.clone() };
        self.played.lock().unwrap_or_else(PoisonError::into_inner).push(played);
        opened(answer, again)
    }

    async fn collect(&self, body: Self::Stream, limit: usize, _deadline: Instant) -> Result<Bytes, UpstreamError> {
        let body = body?;
        if body.len() > limit { Err(UpstreamError::Unreadable(format!("it is larger than {limit} bytes"))) } else { Ok(body) }
    }

    fn now(&self) -> SystemTime {
        let received = self.last().and_then(|made| made.answer.received_at.as_deref());
        received.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()).map_or_else(SystemTime::now, SystemTime::from)
    }
}

/// No answer was recorded.
fn none() -> Came {
    let why = "the recording has no answer to this request".to_owned();
    let fails = Some(file::Failure { kind: file::FailureKind::Unreachable, why });
    Came { status: None, headers: Vec::new(), body: None, fails, received_at: None }
}

fn opened(answer: Came, again: bool) -> Result<Opened<Result<Bytes, UpstreamError>>, UpstreamError> {
    let Came { status, headers, body, fails, .. } = answer;
    let fails = fails.as_ref().map(UpstreamError::from);
    let Some(status) = status else { return Err(fails.unwrap_or(UpstreamError::Timeout)) };
    let headers = if again { HeaderMap::new() } else { pairs(&headers) };
    Ok(Opened { status, headers, body: fails.map_or_else(|| Ok(Body::bytes_of(body.as_ref())), Err) })
}

fn pairs(headers: &[(String, String)]) -> HeaderMap {
    header_map(headers.iter().map(|(name, value)| (name, value)))
}
