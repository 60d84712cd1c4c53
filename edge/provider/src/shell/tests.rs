use std::cell::RefCell;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use patchboard_edge::AccountRecord;
use patchboard_gateway::contract::{
    Answer, Called, Content, Exchange, Item, MappingError, NativeRequest, NativeResponse, Pair, PluginIdentity, Rejection, RejectionClass,
    Step, UnifiedRequest,
};
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::limits::Limits;
use patchboard_gateway::model::Models;
use patchboard_gateway::upstream::{Opened, UpstreamError};
use patchboard_gateway::{Manifest, ReplyBody};
use secrecy::SecretString;
use serde_json::{Map, json};

use super::*;

const UPDATE: &str = "/unified/ticketing/workspaces/s1?integrated_account_id=";

struct Plugin {
    manifest: Manifest,
    identity: PluginIdentity,
}

impl Provider for Plugin {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, _: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let content = Content::Json(request.body.clone().unwrap_or_default().into());
        let request = NativeRequest { method: "PATCH".into(), path: "/spaces/s1".into(), query: vec![], headers: vec![], content };
        Ok(Ok(Exchange { call: "update".into(), request, answers: true, state: vec![], known: None, warnings: vec![] }))
    }

    async fn map_response(&self, _: &[Pair], _: &UnifiedRequest, _: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        if response.status >= 400 {
            let class = RejectionClass::Unauthorized;
            let rejection = Rejection { class, status: None, code: None, message: "expired".into(), fields: vec![] };
            return Ok(Err(MappingError::Rejected(rejection)));
        }
        let body = Map::from_iter([("id".to_owned(), json!("s1"))]);
        Ok(Ok(Step::Finish(Answer::Item(Item { body, native: None, etag: None }), vec![])))
    }
}

#[derive(Default)]
struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

impl KeyValue for Memory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn delete(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("not here".to_owned()))
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        Err(StoreError::Unavailable("not here".to_owned()))
    }
}

/// A provider that answers every request with a status.
struct Stub(u16, RefCell<Vec<Outbound>>);

impl Upstream for Stub {
    type Stream = Bytes;

    async fn open(&self, request: &Outbound) -> Result<Opened<Bytes>, UpstreamError> {
        self.1.borrow_mut().push(request.clone());
        Ok(Opened { status: self.0, headers: HeaderMap::new(), body: Bytes::from_static(b"{}") })
    }

    async fn collect(&self, body: Bytes, _: usize, _: Instant) -> Result<Bytes, UpstreamError> {
        Ok(body)
    }
}

fn stub(status: u16) -> Stub {
    Stub(status, RefCell::default())
}

fn sealer(byte: u8) -> Sealer {
    Sealer::decode(&STANDARD.encode([byte; 32])).unwrap()
}

fn plugin() -> Plugin {
    let manifest = json!({
        "name": "acme", "title": "Acme", "version": "1.0.0", "base_url": "https://api.acme.example", "hosts": ["api.acme.example"],
        "authentication": [{"scheme": "bearer", "token": "access_token"}],
        "resources": [{"model": "ticketing", "resource": "workspaces", "operations": {"update": {
            "calls": [{"name": "update", "method": "PATCH", "path": "/spaces/{id}", "effect": "write"}],
            "fields": [{"name": "name"}]
        }}}]
    });
    let identity = PluginIdentity { name: "acme".into(), version: "1.0.0".into(), digest: "unknown".into() };
    Plugin { manifest: Manifest::admitted(&manifest.to_string()).unwrap(), identity }
}

fn records() -> Records<Memory> {
    let records = Records(Memory::default());
    let secrets = BTreeMap::from([("access_token".to_owned(), SecretString::from("t0ken"))]);
    for (id, provider, status) in [("a", "acme", "active"), ("b", "wrike", "active"), ("c", "acme", "connecting")] {
        let sealed = sealer(1).seal_credential([7; 24], id, provider, &secrets).unwrap();
        let record = json!({
            "tenant_id": "t", "provider": provider, "status": status, "settings": {}, "credential": AccountRecord::encode(&sealed),
            "updated_at": "2026-01-01T00:00:00Z", "last_error": null
        });
        records.0.set(&format!("account:{id}"), record.to_string().as_bytes()).unwrap();
    }
    records
}

fn shell() -> Shell<Plugin, Memory> {
    let gateway = Gateway { limits: Limits::default(), cursors: Cursors::new(b"key"), kept: KeptAnswers::default() };
    Shell {
        gateway,
        models: Models::built_in().unwrap(),
        provider: plugin(),
        records: records(),
        sealer: sealer(1),
        policy: EgressPolicy::default(),
    }
}

fn head(method: Method, path: &str) -> Head {
    Head::new(method, path, HeaderMap::new())
}

/// Nothing here ever waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

/// The status of an answer, or what stands in its way.
fn update(shell: &Shell<Plugin, Memory>, upstream: &Stub, account: &str) -> Result<u16, String> {
    let head = head(Method::PATCH, &format!("{UPDATE}{account}"));
    let unmarked = |error| panic!("not marked: {error}");
    let done = at_once(shell.unified(&head, br#"{"name":"x"}"#, upstream, unmarked));
    done.map_err(told).map(|reply| {
        assert!(matches!(reply.body, ReplyBody::Bytes(_)));
        reply.status.as_u16()
    })
}

fn told(refused: Refused) -> String {
    match refused {
        Refused::Problem(problem) => problem.code.slug().to_owned(),
        Refused::Store(error) => error.to_string(),
    }
}

#[test]
fn a_request_leaves_with_the_credential_of_its_account() {
    let upstream = stub(200);
    assert_eq!(update(&shell(), &upstream, "a"), Ok(200));
    let sent = upstream.1.into_inner();
    assert_eq!((sent.len(), sent[0].url.as_str()), (1, "https://api.acme.example/spaces/s1"));
    assert_eq!(sent[0].headers["authorization"], "Bearer t0ken");
}

#[test]
fn an_account_that_cannot_be_used_sends_nothing() {
    let upstream = stub(200);
    assert_eq!(update(&shell(), &upstream, "b"), Err("provider_not_loaded".to_owned()));
    assert_eq!(update(&shell(), &upstream, "c"), Err("account_connecting".to_owned()));
    assert_eq!(update(&shell(), &upstream, "none"), Err("unknown_account".to_owned()));
    let other = Shell { sealer: sealer(2), ..shell() };
    assert!(update(&other, &upstream, "a").unwrap_err().contains("does not open"));
    assert!(upstream.1.into_inner().is_empty());
}

#[test]
fn a_refused_credential_is_marked_and_the_next_request_is_told() {
    let shell = shell();
    assert_eq!(update(&shell, &stub(401), "a"), Err("provider_rejected".to_owned()));
    let Ok(record) = shell.records.account("a") else { panic!("the account is there") };
    assert_eq!((record.status.as_str(), record.last_error.as_deref()), ("needs_reauth", Some("expired")));
    assert_eq!(update(&shell, &stub(200), "a"), Err("account_needs_reauth".to_owned()));
}

#[test]
fn a_proxied_request_leaves_with_the_credential_and_a_401_is_marked() {
    let shell = shell();
    let Ok(proxied) = shell.proxy(&head(Method::GET, "/proxy/spaces?a=1&integrated_account_id=a")) else { panic!("it may leave") };
    assert_eq!(proxied.outbound.url.as_str(), "https://api.acme.example/spaces?a=1");
    assert_eq!(proxied.outbound.headers["authorization"], "Bearer t0ken");
    let answered = HeaderMap::from_iter([(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain"))]);
    let headers = shell.proxied(StatusCode::UNAUTHORIZED, &answered, &proxied, |error| panic!("not marked: {error}"));
    assert_eq!(headers["content-type"], "text/plain");
    assert!(shell.proxy(&head(Method::GET, "/proxy/spaces?integrated_account_id=a")).is_err());
}

#[test]
fn an_operation_is_described_for_an_account() {
    let head = head(Method::GET, "/unified/ticketing/workspaces/meta/update?integrated_account_id=a");
    let route = patchboard_gateway::route::meta(&head.method, &head.path).unwrap();
    let described = shell().describe(&route, &head.query).map_err(told).unwrap();
    assert_eq!(described["provider"]["name"], "acme");
}
