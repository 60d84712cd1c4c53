//! Between the generated types and the engine's own, where the versions of the contract are
//! alike. Each of them compiles this file with bindings of its own, and so does the edge. The version
//! that becomes different takes a copy of it into its folder.
//!
//! JSON that a plugin returns is parsed here, so that what is not JSON breaks the contract
//! at once.

use patchboard_gateway::contract::{
    Answer, Content, Exchange, FieldError, Item, MappingError, NativeRef, NativeRequest, NativeResponse, Operation, Page, Pair,
    PluginFailure, Rejection, RejectionClass, Step, Target, Warning,
};
use serde_json::{Map, Value};

use super::bindings as wit;

type Converted<T> = Result<T, PluginFailure>;

pub(super) fn pair((name, value): &Pair) -> wit::Pair {
    wit::Pair { name: name.clone(), value: value.clone() }
}

fn from_pairs(pairs: Vec<wit::Pair>) -> Vec<Pair> {
    pairs.into_iter().map(|pair| (pair.name, pair.value)).collect()
}

pub(super) fn account(settings: &[Pair]) -> wit::Account {
    wit::Account { settings: settings.iter().map(pair).collect() }
}

pub(super) fn target(target: &Target) -> wit::Target {
    let operation = match target.operation {
        Operation::List => wit::Operation::List,
        Operation::Get => wit::Operation::Get,
        Operation::Create => wit::Operation::Create,
        Operation::Update => wit::Operation::Update,
        Operation::Upsert => wit::Operation::Upsert,
        Operation::Delete => wit::Operation::Delete,
    };
    wit::Target { model: target.model.clone(), resource: target.resource.clone(), operation, id: target.id.clone() }
}

pub(super) fn body(body: Option<&Map<String, Value>>) -> Option<String> {
    body.and_then(|body| serde_json::to_string(body).ok())
}

pub(super) fn response(response: &NativeResponse) -> wit::HttpResponse {
    wit::HttpResponse { status: response.status, headers: response.headers.iter().map(pair).collect(), body: response.body.to_vec() }
}

fn json(what: &str, text: &str) -> Converted<Value> {
    serde_json::from_str(text).map_err(|e| PluginFailure::Contract(format!("{what} is not JSON: {e}")))
}

fn object(what: &str, text: &str) -> Converted<Map<String, Value>> {
    match json(what, text)? {
        Value::Object(members) => Ok(members),
        _ => Err(PluginFailure::Contract(format!("{what} is not a JSON object"))),
    }
}

pub(super) fn exchange(exchange: wit::Exchange) -> Converted<Exchange> {
    let request = exchange.request;
    let content = match request.content {
        wit::Content::Empty => Content::Empty,
        wit::Content::Json(text) => Content::Json(json("a native body", &text)?),
        wit::Content::Form(fields) => Content::Form(from_pairs(fields)),
        wit::Content::Raw((media, bytes)) => Content::Raw(media, bytes),
    };
    Ok(Exchange {
        call: exchange.call,
        request: NativeRequest {
            method: request.method,
            path: request.path,
            query: from_pairs(request.query),
            headers: from_pairs(request.headers),
            content,
        },
        answers: exchange.answers,
        state: exchange.state,
        known: exchange.known.as_deref().map(|known| object("what is known", known)).transpose()?,
        warnings: exchange.warnings.into_iter().map(warning).collect(),
    })
}

fn warning(warning: wit::Warning) -> Warning {
    Warning { path: warning.path, reason: warning.reason, message: warning.message }
}

fn item(item: wit::Item) -> Converted<Item> {
    Ok(Item {
        body: object("a unified object", &item.body)?,
        native: item.native.map(|native| NativeRef { exchange: native.exchange, pointer: native.pointer }),
        etag: item.etag,
    })
}

pub(super) fn step(step: wit::Step) -> Converted<Step> {
    let outcome = match step {
        wit::Step::Send(next) => return Ok(Step::Send(Box::new(exchange(next)?))),
        wit::Step::Finish(outcome) => outcome,
    };
    let answer = match outcome.answer {
        wit::Answer::Item(one) => Answer::Item(item(one)?),
        wit::Answer::Page(page) => Answer::Page(Page {
            items: page.items.into_iter().map(item).collect::<Converted<_>>()?,
            next_cursor: page.next_cursor,
            prev_cursor: page.prev_cursor,
        }),
        wit::Answer::Deleted(one) => Answer::Deleted(one.map(item).transpose()?),
    };
    Ok(Step::Finish(answer, outcome.warnings.into_iter().map(warning).collect()))
}

fn fields(fields: Vec<wit::FieldError>) -> Vec<FieldError> {
    fields.into_iter().map(|field| FieldError { path: field.path, message: field.message }).collect()
}

pub(super) fn mapping_error(error: wit::MappingError) -> MappingError {
    match error {
        wit::MappingError::Unsupported(why) => MappingError::Unsupported(why),
        wit::MappingError::Invalid(errors) => MappingError::Invalid(fields(errors)),
        wit::MappingError::Unreadable(why) => MappingError::Unreadable(why),
        wit::MappingError::Rejected(rejection) => MappingError::Rejected(Rejection {
            class: class(rejection.class),
            status: rejection.status,
            code: rejection.code,
            message: rejection.message,
            fields: fields(rejection.fields),
        }),
    }
}

fn class(class: wit::RejectionClass) -> RejectionClass {
    match class {
        wit::RejectionClass::Invalid => RejectionClass::Invalid,
        wit::RejectionClass::Unauthorized => RejectionClass::Unauthorized,
        wit::RejectionClass::Forbidden => RejectionClass::Forbidden,
        wit::RejectionClass::NotFound => RejectionClass::NotFound,
        wit::RejectionClass::Conflict => RejectionClass::Conflict,
        wit::RejectionClass::Stale => RejectionClass::Stale,
        wit::RejectionClass::RateLimited => RejectionClass::RateLimited,
        wit::RejectionClass::Unavailable => RejectionClass::Unavailable,
        wit::RejectionClass::Other => RejectionClass::Other,
    }
}
