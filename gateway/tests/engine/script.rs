//! A provider and an upstream that say what a test wants.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Method};
use patchboard_gateway::access::Access;
use patchboard_gateway::contract::{
    Answer, Called, Content, Exchange, Item, MappingError, NativeRef, NativeRequest, NativeResponse, Pair, PluginIdentity, Provider,
    Rejection, RejectionClass, Step, UnifiedRequest,
};
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::egress::EgressPolicy;
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::model::Models;
use patchboard_gateway::upstream::{Opened, Outbound, Upstream, UpstreamError};
use patchboard_gateway::{Account, AccountStatus, Credential, Gateway, Limits, Manifest, Problem, Reply, ReplyBody};
use secrecy::SecretString;
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "s3cret-token";

/// Hands out what the test prepared, call by call.
pub(crate) struct Script {
    manifest: Manifest,
    identity: PluginIdentity,
    first: RefCell<Option<Called<Exchange>>>,
    steps: RefCell<Vec<Called<Step>>>,
    seen: RefCell<Vec<NativeResponse>>,
    params: RefCell<Vec<Pair>>,
}

impl Provider for Script {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, _settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        self.params.replace(request.params.clone());
        self.first.take().unwrap()
    }

    async fn map_response(
        &self,
        _settings: &[Pair],
        _request: &UnifiedRequest,
        _state: Vec<u8>,
        response: &NativeResponse,
    ) -> Called<Step> {
        self.seen.borrow_mut().push(response.clone());
        self.steps.borrow_mut().remove(0)
    }
}

/// Answers what the test prepared and keeps what was sent.
#[derive(Default)]
pub(crate) struct Wire {
    answers: RefCell<Vec<Answered>>,
    sent: RefCell<Vec<Outbound>>,
}

impl Upstream for Wire {
    type Stream = &'static str;

    async fn open(&self, request: &Outbound) -> Result<Opened<&'static str>, UpstreamError> {
        self.sent.borrow_mut().push(request.clone());
        let (status, headers, body) = self.answers.borrow_mut().remove(0)?;
        Ok(Opened { status, headers, body })
    }

    async fn collect(&self, body: &'static str, limit: usize, _deadline: Instant) -> Result<Bytes, UpstreamError> {
        if body.len() > limit { Err(UpstreamError::Unreadable("too large".to_owned())) } else { Ok(Bytes::from_static(body.as_bytes())) }
    }
}

pub(crate) fn manifest() -> Manifest {
    let call = |name: &str, method: &str, effect: &str| json!({"name": name, "method": method, "path": "/things/{id}", "effect": effect, "remote_data": ""});
    let read = || json!({"name": "read", "method": "GET", "path": "/things/{id}", "effect": "read", "cache_seconds": 60});
    let list = json!({"name": "list", "method": "GET", "path": "/things", "effect": "read", "remote_query": true});
    let create = json!({"name": "create", "method": "POST", "path": "/things", "effect": "write", "remote_data": ""});
    let manifest = json!({
        "name": "fake", "title": "Fake", "version": "1.0.0", "base_url": "https://api.fake.example/v1", "hosts": ["api.fake.example"],
        "authentication": [{"scheme": "bearer", "token": "access_token"}],
        "resources": [{"model": "ticketing", "resource": "workspaces", "operations": {
            "update": {
                "calls": [call("read", "GET", "read"), call("write", "PATCH", "write"), call("back", "GET", "read-back")],
                "fields": [{"name": "name"}, {"name": "custom_fields"}]
            },
            "get": {"calls": [read()]},
            "list": {"calls": [list], "params": [{"name": "limit"}, {"name": "next_cursor"}]},
            "create": {"calls": [create, call("back", "GET", "read-back")], "fields": [{"name": "name", "required": true}]},
            "delete": {"calls": [call("remove", "DELETE", "write")]}
        }}]
    });
    Manifest::parse(&manifest.to_string()).unwrap()
}

/// A native request without a body.
pub(crate) fn plain(call: &str, method: &str, path: &str) -> Exchange {
    let request =
        NativeRequest { method: method.to_owned(), path: path.to_owned(), query: vec![], headers: vec![], content: Content::Empty };
    Exchange { call: call.to_owned(), request, answers: true, state: vec![], known: None, warnings: vec![] }
}

pub(crate) fn exchange(call: &str, answers: bool) -> Exchange {
    let method = if call == "write" { "PATCH" } else { "GET" };
    let content = if call == "write" { Content::Json(json!({"title": "n"})) } else { Content::Empty };
    let request = NativeRequest { method: method.to_owned(), path: "/things/a%2Fb".to_owned(), query: vec![], headers: vec![], content };
    Exchange { call: call.to_owned(), request, answers, state: vec![], known: None, warnings: vec![] }
}

pub(crate) fn then(exchange: Exchange) -> Called<Step> {
    Ok(Ok(Step::Send(Box::new(exchange))))
}

pub(crate) fn finish(nth: u32) -> Called<Step> {
    let body = json!({"id": "a/b", "name": "n"}).as_object().unwrap().clone();
    let item = Item { body, native: Some(NativeRef { exchange: nth, pointer: String::new() }), etag: None };
    Ok(Ok(Step::Finish(Answer::Item(item), vec![])))
}

pub(crate) fn rejected(class: RejectionClass, status: Option<u16>) -> Called<Step> {
    Ok(Err(MappingError::Rejected(Rejection { class, status, code: None, message: "no".to_owned(), fields: vec![] })))
}

pub(crate) type Answered = Result<(u16, HeaderMap, &'static str), UpstreamError>;

pub(crate) fn ok(body: &'static str) -> Answered {
    Ok((200, HeaderMap::new(), body))
}

/// What a run led to.
pub(crate) struct Ran {
    pub(crate) reply: Result<Reply<&'static str>, Problem>,
    pub(crate) refused_credential: Option<String>,
    pub(crate) sent: Vec<Outbound>,
    pub(crate) seen: Vec<NativeResponse>,
    pub(crate) params: Vec<Pair>,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        match &self.reply.as_ref().unwrap().body {
            ReplyBody::Bytes(bytes) => serde_json::from_slice(bytes).unwrap(),
            ReplyBody::Stream(..) => panic!("a stream"),
        }
    }

    pub(crate) fn problem(&self) -> Value {
        let problem = self.reply.as_ref().err().cloned().unwrap();
        serde_json::from_slice(&problem.into_http("r").2).unwrap()
    }
}

/// An update of the object `a/b`.
pub(crate) async fn run(query: &str, body: &Value, first: Called<Exchange>, steps: Vec<Called<Step>>, answers: Vec<Answered>) -> Ran {
    run_with(Limits::default(), query, body, first, steps, answers).await
}

/// The same under other limits.
pub(crate) async fn run_with(
    limits: Limits,
    query: &str,
    body: &Value,
    first: Called<Exchange>,
    steps: Vec<Called<Step>>,
    answers: Vec<Answered>,
) -> Ran {
    let asked = Asked { method: Method::PATCH, path: "/unified/ticketing/workspaces/a%2Fb", query, body: body.to_string() };
    ask(&gateway(limits), asked, first, steps, answers).await
}

pub(crate) fn gateway(limits: Limits) -> Gateway {
    Gateway { limits, cursors: Cursors::new(b"key"), kept: KeptAnswers::default() }
}

/// A request as a caller sends it.
pub(crate) struct Asked<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: String,
}

pub(crate) async fn ask(
    gateway: &Gateway,
    asked: Asked<'_>,
    first: Called<Exchange>,
    steps: Vec<Called<Step>>,
    answers: Vec<Answered>,
) -> Ran {
    let identity = PluginIdentity { name: "fake".into(), version: "1.0.0".into(), digest: "sha256:0".into() };
    let script = Script {
        manifest: manifest(),
        identity,
        first: RefCell::new(Some(first)),
        steps: RefCell::new(steps),
        seen: RefCell::default(),
        params: RefCell::default(),
    };
    let wire = Wire { answers: RefCell::new(answers), sent: RefCell::default() };
    let credential = Credential::new([("access_token".to_owned(), SecretString::from(SECRET))]);
    let account =
        Account { id: "acc".into(), provider: "fake".into(), status: AccountStatus::Active, settings: BTreeMap::new(), credential };
    let access = Access::prepare(&account, &script.manifest, &EgressPolicy::default()).unwrap();
    let query = format!("integrated_account_id=acc&{}", asked.query);
    let parsed =
        gateway.parse(&Models::built_in().unwrap(), &asked.method, asked.path, &query, &HeaderMap::new(), asked.body.as_bytes()).unwrap();
    let outcome = gateway.run(parsed, &access, &script, &wire).await;
    Ran {
        reply: outcome.reply,
        refused_credential: outcome.refused_credential,
        sent: wire.sent.into_inner(),
        seen: script.seen.into_inner(),
        params: script.params.into_inner(),
    }
}
