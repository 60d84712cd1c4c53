//! A unified request, as a caller sends it.

use std::collections::BTreeMap;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use patchboard_gateway::contract::{Operation, Pair};
use patchboard_gateway::cursor::Cursors;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::case::Case;

/// Settings of an account by name.
pub(crate) type Settings = BTreeMap<String, String>;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) settings: Settings,
    pub(crate) operation: Operation,
    pub(crate) model: String,
    pub(crate) resource: String,
    pub(crate) id: Option<String>,
    /// Names and values, not encoded. A cursor is the plugin's own.
    pub(crate) query: Vec<Pair>,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    /// The request of a case.
    pub(crate) fn of(case: &Case) -> Self {
        let request = &case.request;
        let mut query = Vec::new();
        for (name, value) in &request.query {
            pairs(name, value, &mut query);
        }
        Self {
            settings: case.settings.clone(),
            operation: request.operation,
            model: request.model.clone(),
            resource: request.resource.clone(),
            id: request.id.clone(),
            query,
            content_type: request.content_type.clone().unwrap_or_else(|| "application/json".to_owned()),
            body: request.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        }
    }

    /// The same with another body.
    pub(crate) fn with_fields(&self, fields: &Map<String, Value>) -> Self {
        Self { body: Value::Object(fields.clone()).to_string().into_bytes(), ..self.clone() }
    }

    pub(super) fn method(&self) -> Method {
        Method::from_bytes(self.operation.method().as_bytes()).unwrap_or_default()
    }

    pub(super) fn path(&self) -> String {
        let id = self.id.as_ref().map(|id| format!("/{}", encode(id))).unwrap_or_default();
        format!("/unified/{}/{}{id}", encode(&self.model), encode(&self.resource))
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let media = HeaderValue::from_str(&self.content_type).ok().filter(|_| !self.body.is_empty());
        media.into_iter().map(|media| (CONTENT_TYPE, media)).collect()
    }

    /// The query, cursors sealed as the engine would have answered them.
    pub(super) fn query_string(&self, account: &str, cursors: &Cursors) -> String {
        let bound_to = format!("{account}/{}/{}", self.model, self.resource);
        let mut query = format!("integrated_account_id={account}");
        for (name, value) in &self.query {
            let sealed = (name == "next_cursor" && !value.is_empty()).then(|| cursors.seal(value, &bound_to));
            query.push_str(&format!("&{}={}", encode(name), encode(sealed.as_ref().unwrap_or(value))));
        }
        query
    }
}

/// A member of `query`: an array repeats the name, an object nests.
fn pairs(name: &str, value: &Value, query: &mut Vec<Pair>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| pairs(name, item, query)),
        Value::Object(members) => members.iter().for_each(|(inner, value)| pairs(&format!("{name}[{inner}]"), value, query)),
        Value::String(text) => query.push((name.to_owned(), text.clone())),
        other => query.push((name.to_owned(), other.to_string())),
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
