//! A plugin in the process, right unless it is told to be wrong in one way.

use std::cell::Cell;

use patchboard_gateway::Manifest;
use patchboard_gateway::contract::{
    Answer, Called, Content, Exchange, FieldError, Item, MappingError, NativeRef, NativeRequest, NativeResponse, Operation, Pair,
    PluginFailure, PluginIdentity, Provider, Rejection, RejectionClass, Step, UnifiedRequest,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

pub const MANIFEST: &str = include_str!("acme.json");
pub const CASES: &str = include_str!("cases.json");

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    #[default]
    None,
    WrongFieldName,
    WrongEnumThere,
    WrongEnumBack,
    EnumsSentAlike,
    FieldNotSent,
    ValueNotSent,
    TakesUndeclaredField,
    RequiresUndeclaredField,
    OtherHost,
    SendsDefault,
    SendsNull,
    DropsNull,
    DropsMembersNull,
    EtagNotSent,
    ReadCarriesValue,
    AnswersUndeclaredField,
    AnswersNoDescription,
    OwnErrorUnreadable,
    OwnErrorIsSuccess,
    IdInSegments,
    IdCut,
    Changes,
    TrapsOnTruncated,
    TrapsOnLongNames,
    PointsNowhere,
    MarksNothing,
    SaysMistake,
}

pub struct Acme {
    pub manifest: Manifest,
    identity: PluginIdentity,
    fault: Fault,
    calls: Cell<u32>,
}

impl Acme {
    pub fn new(fault: Fault, manifest: &Value) -> Self {
        let identity = PluginIdentity { name: "acme".into(), version: "1.0.0".into(), digest: "sha256:1".into() };
        Self { manifest: Manifest::parse(&manifest.to_string()).unwrap(), identity, fault, calls: Cell::new(0) }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn path(&self, request: &UnifiedRequest) -> String {
        let id = request.target.id.clone().unwrap_or_default();
        match self.fault {
            Fault::IdInSegments => format!("/spaces/{id}"),
            Fault::IdCut => format!("/spaces/{}", utf8_percent_encode(id.split('/').next().unwrap(), NON_ALPHANUMERIC)),
            Fault::OtherHost => "https://elsewhere.example/spaces/s1".to_owned(),
            _ => format!("/spaces/{}", utf8_percent_encode(&id, NON_ALPHANUMERIC)),
        }
    }

    fn body(&self, given: &Map<String, Value>, current: Option<&Value>) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<&Value>| {
            body.extend(value.map(|value| (name.to_owned(), value.clone())));
        };
        let name = given.get("name");
        match self.fault {
            Fault::WrongFieldName => put("titel", name),
            Fault::FieldNotSent => {}
            Fault::ValueNotSent => put("title", name.map(|_| &Value::Null)),
            _ => put("title", name),
        }
        let description = given.get("description");
        match self.fault {
            Fault::DropsNull => put("description", description.filter(|value| !value.is_null())),
            Fault::SendsDefault => put("description", Some(description.unwrap_or(&json!("none")))),
            Fault::SendsNull => put("description", Some(description.unwrap_or(&Value::Null))),
            _ => put("description", description),
        }
        put("state", given.get("status").and_then(Value::as_str).map(|status| self.state(status)).as_ref());
        if self.is(Fault::TakesUndeclaredField) {
            put("visibility", given.get("type"));
        }
        if let Some(fields) = given.get("custom_fields").and_then(Value::as_object) {
            let mut data = current.and_then(|current| current["data"].as_object().cloned()).unwrap_or_default();
            data.extend(
                fields.iter().filter(|(_, v)| !(self.is(Fault::DropsMembersNull) && v.is_null())).map(|(n, v)| (n.clone(), v.clone())),
            );
            put("data", Some(&data.into()));
        }
        body
    }

    fn state(&self, status: &str) -> Value {
        match (status, self.fault) {
            ("active", _) | (_, Fault::EnumsSentAlike) => "On".into(),
            (_, Fault::WrongEnumThere) => "Of".into(),
            _ => "Off".into(),
        }
    }

    fn exchange(&self, call: &str, method: &str, path: String, body: Map<String, Value>) -> Exchange {
        let request =
            NativeRequest { method: method.into(), path, query: vec![], headers: vec![], content: Content::Json(Value::Object(body)) };
        Exchange {
            call: call.into(),
            request,
            answers: call != "get_space" && !self.is(Fault::MarksNothing),
            state: vec![],
            known: None,
            warnings: vec![],
        }
    }

    fn update(&self, request: &UnifiedRequest, current: Option<&Value>) -> Exchange {
        let given = request.body.clone().unwrap_or_default();
        let mut exchange = self.exchange("update_space", "PATCH", self.path(request), self.body(&given, current));
        let etag = request.params.iter().find(|(name, _)| name == "etag").map(|(_, value)| value.clone());
        let etag = etag.map(|etag| if self.is(Fault::EtagNotSent) { "*".to_owned() } else { etag });
        exchange.request.headers.extend(etag.map(|etag| ("If-Match".to_owned(), etag)));
        if self.is(Fault::Changes) {
            self.calls.set(self.calls.get() + 1);
            exchange.request.headers.push(("x-nonce".to_owned(), self.calls.get().to_string()));
        }
        exchange
    }

    fn item(&self, space: &Value, nth: u32) -> Step {
        let mut body = Map::new();
        let mut take = |field: &str, value: Option<&Value>| {
            body.extend(value.filter(|value| !value.is_null()).map(|value| (field.to_owned(), value.clone())));
        };
        take("id", space.get("id"));
        take("name", space.get("title"));
        take("description", space.get("description").filter(|_| !self.is(Fault::AnswersNoDescription)));
        let status = match space["state"].as_str() {
            Some("On") => Some("active"),
            Some("Off") if self.is(Fault::WrongEnumBack) => Some("inactve"),
            Some("Off") => Some("inactive"),
            _ => None,
        };
        take("status", status.map(Value::from).as_ref());
        take("custom_fields", space.get("data"));
        if self.is(Fault::AnswersUndeclaredField) {
            take("type", Some(&json!("public")));
        }
        let pointer = if self.is(Fault::PointsNowhere) && space.get("title").is_none() { "/title" } else { "" };
        let native = Some(NativeRef { exchange: nth, pointer: pointer.to_owned() });
        Step::Finish(Answer::Item(Item { body, native, etag: None }), vec![])
    }
}

impl Provider for Acme {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, _settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let given = request.body.clone().unwrap_or_default();
        if self.is(Fault::TrapsOnLongNames) && given.get("name").and_then(Value::as_str).is_some_and(|name| name.len() > 90) {
            return Err(PluginFailure::Trapped("unreachable".to_owned()));
        }
        if self.is(Fault::RequiresUndeclaredField) && !given.contains_key("name") {
            return Ok(Err(MappingError::Invalid(vec![FieldError { path: "/name".into(), message: "is needed".into() }])));
        }
        if request.target.operation == Operation::Create {
            let taken = given.into_iter().filter(|(name, _)| ["name", "status"].contains(&name.as_str())).collect();
            return Ok(Ok(self.exchange("create_space", "POST", "/spaces".to_owned(), self.body(&taken, None))));
        }
        if given.contains_key("custom_fields") {
            let mut body = Map::from_iter([("op".to_owned(), "get".into())]);
            if self.is(Fault::ReadCarriesValue) {
                body.extend(given);
            }
            let read = self.exchange("get_space", "POST", self.path(request), body);
            return Ok(Ok(Exchange { state: b"read".to_vec(), ..read }));
        }
        Ok(Ok(self.update(request, None)))
    }

    async fn map_response(&self, _settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        let unreadable = |why: &str| Ok(Err(MappingError::Unreadable(why.to_owned())));
        let body = match serde_json::from_slice::<Value>(&response.body) {
            Ok(body @ Value::Object(_)) => body,
            // As a helper says it whose code failed in a debug build.
            _ if self.is(Fault::SaysMistake) => {
                return Ok(Err(MappingError::Unreadable("a mistake in the plugin: x is not defined".to_owned())));
            }
            _ if self.is(Fault::TrapsOnTruncated) => return Err(PluginFailure::Trapped("unreachable".to_owned())),
            _ => return unreadable("no JSON object"),
        };
        let wrong = response.status >= 400 && state == b"read";
        match self.fault {
            Fault::OwnErrorUnreadable if wrong => return unreadable("what is this?"),
            Fault::OwnErrorIsSuccess if wrong => return Ok(Ok(self.item(&body, 0))),
            _ if response.status >= 400 => {
                let text = |name: &str| body[name].as_str().map(str::to_owned);
                let class = RejectionClass::Other;
                let rejection =
                    Rejection { class, status: None, code: text("error"), message: text("message").unwrap_or_default(), fields: vec![] };
                return Ok(Err(MappingError::Rejected(rejection)));
            }
            _ => {}
        }
        match state.as_slice() {
            b"read" => Ok(Ok(Step::Send(Box::new(Exchange { state: b"after".to_vec(), ..self.update(request, Some(&body)) })))),
            b"after" => Ok(Ok(self.item(&body, 1))),
            _ => Ok(Ok(self.item(&body, 0))),
        }
    }
}
