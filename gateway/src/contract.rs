//! The contract with a plugin, in the engine's own words. `wit/provider.wit` is the
//! same contract on the wire; a home's bindings translate one into the other.

use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::manifest::Manifest;
pub use crate::warning::Warning;

/// What a caller wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Many objects.
    List,
    /// One object.
    Get,
    /// A new object.
    Create,
    /// Some fields of one object.
    Update,
    /// Create or update by a matching attribute.
    Upsert,
    /// Remove one object.
    Delete,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 6] = [Self::List, Self::Get, Self::Create, Self::Update, Self::Upsert, Self::Delete];

    /// The name in manifests and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Create => "create",
            Self::Update => "update",
            Self::Upsert => "upsert",
            Self::Delete => "delete",
        }
    }

    /// Whether a unified object comes with it.
    #[must_use]
    pub fn takes_body(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Upsert)
    }

    /// The HTTP method of the unified route.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::List | Self::Get => "GET",
            Self::Create => "POST",
            Self::Update => "PATCH",
            Self::Upsert => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name with a value; order and repetition matter.
pub type Pair = (String, String);

/// What a request is aimed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The unified model.
    pub model: String,
    /// The resource of the model.
    pub resource: String,
    /// What to do.
    pub operation: Operation,
    /// The object's id, decoded.
    pub id: Option<String>,
}

/// A unified request that has passed the checks.
#[derive(Debug, Clone, PartialEq)]
pub struct UnifiedRequest {
    /// What it is aimed at.
    pub target: Target,
    /// The declared query parameters that were given.
    pub params: Vec<Pair>,
    /// The declared fields that were given; `null` clears.
    pub body: Option<Map<String, Value>>,
}

/// The body of a native request.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// No body.
    Empty,
    /// A JSON value.
    Json(Value),
    /// Form fields.
    Form(Vec<Pair>),
    /// A media type and bytes.
    Raw(String, Vec<u8>),
}

/// A native request as a plugin wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct NativeRequest {
    /// HTTP method.
    pub method: String,
    /// Below the base URL, percent-encoded.
    pub path: String,
    /// Query parameters, not encoded.
    pub query: Vec<Pair>,
    /// Headers.
    pub headers: Vec<Pair>,
    /// Body.
    pub content: Content,
}

/// A native answer as a plugin sees it: whole, with every trace of the credential
/// redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<Pair>,
    /// The decoded body.
    pub body: bytes::Bytes,
}

/// One native exchange to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The declared call.
    pub call: String,
    /// What to send.
    pub request: NativeRequest,
    /// Whether its answer is what `raw` and `stream` hand over.
    pub answers: bool,
    /// Handed back with the response.
    pub state: Vec<u8>,
    /// What is answered when this read-back fails.
    pub known: Option<Map<String, Value>>,
    /// What was not done.
    pub warnings: Vec<Warning>,
}

/// Where a native object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeRef {
    /// Which exchange answered it; 0 is the first.
    pub exchange: u32,
    /// JSON pointer into that body.
    pub pointer: String,
}

/// A unified object.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The model's fields.
    pub body: Map<String, Value>,
    /// The native object behind it.
    pub native: Option<NativeRef>,
    /// Its version.
    pub etag: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The objects.
    pub items: Vec<Item>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
    /// Where the page before starts.
    pub prev_cursor: Option<String>,
}

/// A finished operation's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// One object.
    Item(Item),
    /// Part of a list.
    Page(Page),
    /// The object is gone; the provider may have shown it once more.
    Deleted(Option<Item>),
}

/// What follows from a native answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Done.
    Finish(Answer, Vec<Warning>),
    /// One more exchange.
    Send(Box<Exchange>),
}

/// An error in one member of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the unified object, or `?name` for a parameter.
    pub path: String,
    /// What is wrong, for a person.
    pub message: String,
}

/// What a provider's error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionClass {
    /// The values are wrong.
    Invalid,
    /// The credential is not accepted.
    Unauthorized,
    /// The credential may not do this.
    Forbidden,
    /// No such object.
    NotFound,
    /// It conflicts with another object or request.
    Conflict,
    /// The object has changed since it was read.
    Stale,
    /// Too many requests.
    RateLimited,
    /// The provider is down for now.
    Unavailable,
    /// Anything else.
    Other,
}

impl RejectionClass {
    /// The HTTP status of an error that came inside a 2xx answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Stale => 412,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Other => 502,
        }
    }
}

/// The provider said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What it means.
    pub class: RejectionClass,
    /// The HTTP status that the body names.
    pub status: Option<u16>,
    /// The provider's error code.
    pub code: Option<String>,
    /// The provider's words.
    pub message: String,
    /// The fields at fault.
    pub fields: Vec<FieldError>,
}

/// A plugin's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingError {
    /// The change cannot be made at this provider.
    Unsupported(String),
    /// Fields of the request are wrong.
    Invalid(Vec<FieldError>),
    /// The provider answered with an error.
    Rejected(Rejection),
    /// The provider's answer cannot be read.
    Unreadable(String),
}

/// A plugin that did not do its part. It costs its own request one clear error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PluginFailure {
    /// It trapped: a panic, an unreachable, a stack overflow.
    #[error("the plugin trapped: {0}")]
    Trapped(String),
    /// It ran longer than it may.
    #[error("the plugin ran over its deadline of {0} ms")]
    Deadline(u128),
    /// It wanted more memory, or gave more output, than it may.
    #[error("the plugin went over its limits: {0}")]
    OverLimit(String),
    /// What it returned is not what it declared or what the contract allows.
    #[error("the plugin broke its contract: {0}")]
    Contract(String),
    /// The home could not run it; not the plugin's fault.
    #[error("the plugin could not be run: {0}")]
    Host(String),
}

impl From<PluginFailure> for crate::Problem {
    fn from(failure: PluginFailure) -> Self {
        Self::new(crate::Code::PluginFailed, failure.to_string())
    }
}

/// Which plugin answered, for dry runs and logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginIdentity {
    /// The provider's name.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// `sha256:…` of the component file.
    pub digest: String,
}

/// What one call of a plugin gives: its result, or its failure.
pub type Called<T> = Result<Result<T, MappingError>, PluginFailure>;

/// A plugin, however a home runs it. Calls are pure; each may be a fresh instance.
/// They are asynchronous only so that a home may let a call wait for its turn.
pub trait Provider {
    /// What the plugin declares.
    fn manifest(&self) -> &Manifest;

    /// Which plugin this is.
    fn identity(&self) -> &PluginIdentity;

    /// The first native exchange of a request.
    fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> impl Future<Output = Called<Exchange>>;

    /// What follows from a native answer.
    fn map_response(
        &self,
        settings: &[Pair],
        request: &UnifiedRequest,
        state: Vec<u8>,
        response: &NativeResponse,
    ) -> impl Future<Output = Called<Step>>;
}
