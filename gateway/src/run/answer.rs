//! From what a plugin finished with to what the caller gets.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Run, broken};
use crate::contract::{Answer, Item, NativeResponse, Operation, Page, Provider, Warning};
use crate::engine::{Reply, ReplyBody, bound_to};
use crate::native::Natives;
use crate::params::DryRun;
use crate::problem::Problem;
use crate::redact::Redactor;
use crate::shape::{self, Object};
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
            (Operation::Delete, Answer::Deleted(_)) => self::json(StatusCode::OK, &json!({"id": self.checked.request.target.id})),
            (Operation::Create, Answer::Item(item)) => self.item(StatusCode::CREATED, item),
            (Operation::Get | Operation::Update | Operation::Upsert, Answer::Item(item)) => self.item(StatusCode::OK, item),
            (operation, _) => Err(broken(&format!("its answer is not that of {operation}")).into()),
        }
    }

    fn item(&mut self, status: StatusCode, item: Item) -> Result<Reply<U::Stream>, Problem> {
        let etag = item.etag.clone();
        let mut natives = Natives::of(&self.bodies);
        let object = shape::object(item, self.model, &self.params, &mut self.checked.warnings, &mut natives)?;
        let mut reply = json(status, &object)?;
        reply.headers.extend(etag.and_then(|etag| HeaderValue::from_str(&etag).ok()).map(|etag| (ETAG, etag)));
        Ok(reply)
    }

    fn page(&mut self, page: Page) -> Result<Reply<U::Stream>, Problem> {
        let target = &self.checked.request.target;
        let bound_to = bound_to(&self.access.account_id, &target.model, &target.resource);
        let seal = |cursor: Option<String>| cursor.map(|cursor| self.gateway.cursors.seal(&cursor, &bound_to));
        let (next_cursor, prev_cursor) = (seal(page.next_cursor), seal(page.prev_cursor));
        let mut natives = Natives::of(&self.bodies);
        let object = |item| shape::object(item, self.model, &self.params, &mut self.checked.warnings, &mut natives);
        let result = page.items.into_iter().map(object).collect::<Result<Vec<_>, _>>()?;
        json(StatusCode::OK, &Listed { result_count: result.len(), result, next_cursor, prev_cursor })
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

/// A page as it is answered.
#[derive(Serialize)]
struct Listed<'b> {
    result: Vec<Object<'b>>,
    next_cursor: Option<String>,
    prev_cursor: Option<String>,
    result_count: usize,
}

pub(super) fn json<S>(status: StatusCode, value: &impl Serialize) -> Result<Reply<S>, Problem> {
    let body = serde_json::to_vec(value).map_err(|error| broken(&format!("its answer cannot be written: {error}")))?;
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON)]);
    Ok(Reply { status, headers, body: ReplyBody::Bytes(body.into()) })
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
