//! Between the component's exports and a [`Plugin`]: the only file that knows both.

use std::marker::PhantomData;

use serde_json::Value;

use crate::bindings::exports::patchboard::provider::mapper as wit;
use crate::{Account, Answer, Class, Content, Error, Exchange, FieldError, Item, Operation, Plugin, Request, Response, Step, Warning};

/// The component of a plugin.
#[doc(hidden)]
#[derive(Debug)]
pub struct Component<P>(PhantomData<P>);

impl<P: Plugin + 'static> wit::Guest for Component<P> {
    fn describe() -> String {
        P::MANIFEST.to_owned()
    }

    fn map_request(account: wit::Account, request: wit::UnifiedRequest) -> Result<wit::Exchange, wit::MappingError> {
        let exchange = P::map_request(&account_of(account), &request_of(request)?).map_err(error)?;
        Ok(self::exchange(exchange))
    }

    fn map_response(
        account: wit::Account,
        request: wit::UnifiedRequest,
        state: Vec<u8>,
        response: wit::HttpResponse,
    ) -> Result<wit::Step, wit::MappingError> {
        let response = Response { status: response.status, headers: tuples(response.headers), body: response.body };
        let step = P::map_response(&account_of(account), &request_of(request)?, &state, &response).map_err(error)?;
        Ok(self::step(step))
    }
}

fn tuples(pairs: Vec<wit::Pair>) -> Vec<(String, String)> {
    pairs.into_iter().map(|pair| (pair.name, pair.value)).collect()
}

fn pairs(tuples: Vec<(String, String)>) -> Vec<wit::Pair> {
    tuples.into_iter().map(|(name, value)| wit::Pair { name, value }).collect()
}

fn account_of(account: wit::Account) -> Account {
    Account { settings: tuples(account.settings) }
}

fn request_of(request: wit::UnifiedRequest) -> Result<Request, wit::MappingError> {
    // From bytes as answers are, so that a plugin carries one JSON parser, not two.
    let fields = match request.body.map(|body| serde_json::from_slice(body.as_bytes())) {
        None => serde_json::Map::new(),
        Some(Ok(fields)) => fields,
        Some(Err(_)) => return Err(wit::MappingError::Unsupported("the body is not a JSON object".to_owned())),
    };
    let operation = match request.target.operation {
        wit::Operation::List => Operation::List,
        wit::Operation::Get => Operation::Get,
        wit::Operation::Create => Operation::Create,
        wit::Operation::Update => Operation::Update,
        wit::Operation::Upsert => Operation::Upsert,
        wit::Operation::Delete => Operation::Delete,
    };
    let wit::Target { model, resource, id, .. } = request.target;
    Ok(Request { model, resource, operation, id, params: tuples(request.params), fields })
}

fn exchange(exchange: Exchange) -> wit::Exchange {
    let content = match exchange.content {
        Content::Empty => wit::Content::Empty,
        Content::Json(value) => wit::Content::Json(value.to_string()),
        Content::Form(fields) => wit::Content::Form(pairs(fields)),
        Content::Raw(media, bytes) => wit::Content::Raw((media, bytes)),
    };
    wit::Exchange {
        call: exchange.call,
        request: wit::HttpRequest {
            method: exchange.method.to_owned(),
            path: exchange.path,
            query: pairs(exchange.query),
            headers: pairs(exchange.headers),
            content,
        },
        answers: exchange.answers,
        state: exchange.state,
        known: exchange.known.map(|known| Value::Object(known).to_string()),
        warnings: exchange.warnings.into_iter().map(warning).collect(),
    }
}

fn warning(warning: Warning) -> wit::Warning {
    wit::Warning { path: warning.path, reason: warning.reason, message: warning.message }
}

fn item(item: Item) -> wit::Item {
    wit::Item {
        body: Value::Object(item.body).to_string(),
        native: item.native.map(|(exchange, pointer)| wit::NativeRef { exchange, pointer }),
        etag: item.etag,
    }
}

fn step(step: Step) -> wit::Step {
    match step {
        Step::Send(next) => wit::Step::Send(exchange(*next)),
        Step::Finish(answer, warnings) => {
            let answer = match answer {
                Answer::Item(one) => wit::Answer::Item(item(one)),
                Answer::Page { items, next_cursor, prev_cursor } => {
                    wit::Answer::Page(wit::Page { items: items.into_iter().map(item).collect(), next_cursor, prev_cursor })
                }
                Answer::Deleted(one) => wit::Answer::Deleted(one.map(item)),
            };
            wit::Step::Finish(wit::Outcome { answer, warnings: warnings.into_iter().map(warning).collect() })
        }
    }
}

fn fields(fields: Vec<FieldError>) -> Vec<wit::FieldError> {
    fields.into_iter().map(|field| wit::FieldError { path: field.path, message: field.message }).collect()
}

fn error(error: Error) -> wit::MappingError {
    match error {
        Error::Unsupported(why) => wit::MappingError::Unsupported(why),
        Error::Invalid(errors) => wit::MappingError::Invalid(fields(errors)),
        Error::Unreadable(why) => wit::MappingError::Unreadable(why),
        Error::Rejected(rejection) => wit::MappingError::Rejected(wit::Rejection {
            class: class(rejection.class),
            status: rejection.status,
            code: rejection.code,
            message: rejection.message,
            fields: fields(rejection.fields),
        }),
    }
}

fn class(class: Class) -> wit::RejectionClass {
    match class {
        Class::Invalid => wit::RejectionClass::Invalid,
        Class::Unauthorized => wit::RejectionClass::Unauthorized,
        Class::Forbidden => wit::RejectionClass::Forbidden,
        Class::NotFound => wit::RejectionClass::NotFound,
        Class::Conflict => wit::RejectionClass::Conflict,
        Class::Stale => wit::RejectionClass::Stale,
        Class::RateLimited => wit::RejectionClass::RateLimited,
        Class::Unavailable => wit::RejectionClass::Unavailable,
        Class::Other => wit::RejectionClass::Other,
    }
}
