//! From what a plugin finished with to what the caller gets.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::{Run, broken};
use crate::contract::{Answer, Item, NativeRef, NativeResponse, Operation, Page, PluginFailure, Provider, Warning};
use crate::engine::{Reply, ReplyBody, bound_to};
use crate::params::DryRun;
use crate::problem::Problem;
use crate::redact::Redactor;
use crate::shape;
use crate::upstream::Upstream;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl<P: Provider, U: Upstream> Run<'_, P, U> {
    pub(super) fn finish(&mut self, answer: Answer) -> Result<Reply<U::Stream>, Problem> {
        if self.params.dry_run != DryRun::Off {
            return self.report(true);
        }
        if self.remote_data.is_some() {
            self.checked.warnings.push(Warning::new("/remote_data", "not_sent"));
        }
        let operation = self.checked.request.target.operation;
        match (operation, answer) {
            (Operation::List, Answer::Page(page)) => self.page(page),
            (Operation::Delete, Answer::Deleted(_)) => Ok(self::json(StatusCode::OK, &json!({"id": self.checked.request.target.id}))),
            (Operation::Create, Answer::Item(item)) => self.item(StatusCode::CREATED, item),
            (Operation::Get | Operation::Update | Operation::Upsert, Answer::Item(item)) => self.item(StatusCode::OK, item),
            (operation, _) => Err(broken(&format!("its answer is not that of {operation}")).into()),
        }
    }

    fn item(&mut self, status: StatusCode, item: Item) -> Result<Reply<U::Stream>, Problem> {
        let etag = item.etag.clone();
        let object = self.object(item, native)?;
        let mut reply = json(status, &Value::Object(object));
        reply.headers.extend(etag.and_then(|etag| HeaderValue::from_str(&etag).ok()).map(|etag| (ETAG, etag)));
        Ok(reply)
    }

    fn page(&mut self, page: Page) -> Result<Reply<U::Stream>, Problem> {
        let mut natives = Natives::default();
        let target = self.checked.request.target.clone();
        let object = |item| self.object(item, |bodies, reference| natives.find(bodies, reference));
        let objects = page.items.into_iter().map(object).collect::<Result<Vec<_>, _>>()?;
        let bound_to = bound_to(&self.access.account_id, &target.model, &target.resource);
        let seal = |cursor: Option<String>| cursor.map(|cursor| self.gateway.cursors.seal(&cursor, &bound_to));
        let count = objects.len();
        let body = json!({
            "result": objects,
            "next_cursor": seal(page.next_cursor),
            "prev_cursor": seal(page.prev_cursor),
            "result_count": count,
        });
        Ok(self::json(StatusCode::OK, &body))
    }

    fn object(
        &mut self,
        item: Item,
        native: impl FnOnce(&[Bytes], &NativeRef) -> Result<Value, PluginFailure>,
    ) -> Result<Map<String, Value>, PluginFailure> {
        let bodies = &self.bodies;
        shape::object(item, self.model, &self.params, &mut self.checked.warnings, |reference| native(bodies, reference))
    }

    /// The write stands and reading it back failed: what is known is answered.
    pub(super) fn known(&mut self, known: Option<Map<String, Value>>, problem: &Problem) -> Result<Reply<U::Stream>, Problem> {
        let mut failed = Warning::new("*", "read_back_failed");
        failed.message = Some(problem.detail.clone());
        self.checked.warnings.push(failed);
        let request = &self.checked.request;
        let body = known.unwrap_or_else(|| {
            let id = request.target.id.iter().map(|id| ("id".to_owned(), Value::String(id.clone())));
            let fields = request.body.iter().flatten().map(|(name, value)| (name.clone(), value.clone()));
            id.chain(fields).collect()
        });
        let status = if request.target.operation == Operation::Create { StatusCode::CREATED } else { StatusCode::OK };
        self.item(status, Item { body, native: None, etag: None })
    }
}

/// Native objects of a page, found in answers that are read once.
#[derive(Default)]
struct Natives(Vec<(u32, Value)>);

impl Natives {
    fn find(&mut self, bodies: &[Bytes], reference: &NativeRef) -> Result<Value, PluginFailure> {
        if !self.0.iter().any(|(nth, _)| *nth == reference.exchange) {
            self.0.push((reference.exchange, read(bodies, reference)?));
        }
        let answer = self.0.iter().find(|(nth, _)| *nth == reference.exchange).and_then(|(_, value)| value.pointer(&reference.pointer));
        answer.cloned().ok_or_else(nowhere)
    }
}

/// The native object of an answer that shows no other.
fn native(bodies: &[Bytes], reference: &NativeRef) -> Result<Value, PluginFailure> {
    read(bodies, reference)?.pointer_mut(&reference.pointer).map(Value::take).ok_or_else(nowhere)
}

fn read(bodies: &[Bytes], reference: &NativeRef) -> Result<Value, PluginFailure> {
    let body = usize::try_from(reference.exchange).ok().and_then(|nth| bodies.get(nth));
    let body = body.ok_or_else(|| broken("it refers to an exchange that was not made"))?;
    serde_json::from_slice(body).map_err(|_| broken("it refers into an answer that is not JSON"))
}

fn nowhere() -> PluginFailure {
    broken("it refers to a place that the answer does not have")
}

pub(super) fn json<S>(status: StatusCode, value: &Value) -> Reply<S> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON)]);
    Reply { status, headers, body: ReplyBody::Bytes(value.to_string().into()) }
}

/// The provider's bytes, status and content type.
pub(super) fn raw<S>(response: NativeResponse) -> Reply<S> {
    let media =
        response.headers.iter().find(|(name, _)| name == CONTENT_TYPE.as_str()).and_then(|(_, value)| HeaderValue::from_str(value).ok());
    let media = media.filter(|_| !response.body.is_empty());
    let headers = media.into_iter().map(|media| (CONTENT_TYPE, media)).collect();
    Reply { status: status(response.status), headers, body: ReplyBody::Bytes(response.body) }
}

pub(super) fn stream<S>(answered: u16, headers: &HeaderMap, body: S, redactor: &Redactor) -> Reply<S> {
    let empty = answered == 204 || headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0");
    let media = headers.get(CONTENT_TYPE).filter(|_| !empty);
    let headers = media.into_iter().map(|media| (CONTENT_TYPE, media.clone())).collect();
    Reply { status: status(answered), headers, body: ReplyBody::Stream(body, redactor.stream()) }
}

fn status(answered: u16) -> StatusCode {
    StatusCode::from_u16(answered).unwrap_or(StatusCode::BAD_GATEWAY)
}
