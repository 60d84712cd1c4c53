//! One native exchange to make.

use serde_json::{Map, Value};

use crate::Warning;

/// The body of a native request.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Form fields; the gateway encodes them.
    Form(Vec<(String, String)>),
    /// A media type and bytes.
    Raw(String, Vec<u8>),
}

/// One native exchange to make, built up from its call.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    pub(crate) call: String,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Content,
    pub(crate) answers: bool,
    pub(crate) state: Vec<u8>,
    pub(crate) known: Option<Map<String, Value>>,
    pub(crate) warnings: Vec<Warning>,
}

impl Exchange {
    /// An exchange of a call that the manifest declares. The path starts with `/`, is
    /// relative to the base URL and percent-encoded (see [`crate::segment`]).
    #[must_use]
    pub fn new(call: &str, method: &'static str, path: impl Into<String>) -> Self {
        Self {
            call: call.to_owned(),
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            content: Content::Empty,
            answers: false,
            state: Vec::new(),
            known: None,
            warnings: Vec::new(),
        }
    }

    /// A GET.
    #[must_use]
    pub fn get(call: &str, path: impl Into<String>) -> Self {
        Self::new(call, "GET", path)
    }

    /// A POST.
    #[must_use]
    pub fn post(call: &str, path: impl Into<String>) -> Self {
        Self::new(call, "POST", path)
    }

    /// A PUT.
    #[must_use]
    pub fn put(call: &str, path: impl Into<String>) -> Self {
        Self::new(call, "PUT", path)
    }

    /// A PATCH.
    #[must_use]
    pub fn patch(call: &str, path: impl Into<String>) -> Self {
        Self::new(call, "PATCH", path)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(call: &str, path: impl Into<String>) -> Self {
        Self::new(call, "DELETE", path)
    }

    /// With a query parameter, not encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: impl Into<Value>) -> Self {
        self.content = Content::Json(body.into());
        self
    }

    /// With a form.
    #[must_use]
    pub fn form(mut self, fields: Vec<(String, String)>) -> Self {
        self.content = Content::Form(fields);
        self
    }

    /// With bytes of a media type.
    #[must_use]
    pub fn raw(mut self, media: &str, bytes: Vec<u8>) -> Self {
        self.content = Content::Raw(media.to_owned(), bytes);
        self
    }

    /// Its answer is what `raw` and `stream` hand over; only read-backs follow it.
    #[must_use]
    pub fn answers(mut self) -> Self {
        self.answers = true;
        self
    }

    /// With bytes that come back with the response.
    #[must_use]
    pub fn state(mut self, state: impl Into<Vec<u8>>) -> Self {
        self.state = state.into();
        self
    }

    /// For a read-back: the unified object as far as it is known.
    #[must_use]
    pub fn known(mut self, known: Map<String, Value>) -> Self {
        self.known = Some(known);
        self
    }

    /// With something that is not done.
    #[must_use]
    pub fn warning(mut self, warning: Warning) -> Self {
        self.warnings.push(warning);
        self
    }
}
