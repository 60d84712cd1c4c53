//! The form of a recording; `docs/record.md` explains it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use patchboard_gateway::redact::REDACTED;
use patchboard_gateway::upstream::UpstreamError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// The form that this program writes.
pub const FORM: &str = "patchboard.recording/1";

/// A file that is no recording.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// Not JSON, or a member is missing or of another type.
    #[error("it is no recording: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Of a later version.
    #[error("its form is {0:?}; this program reads {FORM:?}")]
    Form(String),
}

/// One unified request with its exchanges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// [`FORM`].
    pub form: String,
    /// RFC 3339.
    pub recorded_at: String,
    /// The request's id.
    pub request_id: String,
    /// What mapped it.
    pub plugin: Plugin,
    /// For whom.
    pub account: Account,
    /// What the caller asked for.
    pub request: Request,
    /// Cursors that the caller gave or got.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cursors: Vec<Cursor>,
    /// The native exchanges, in order.
    pub exchanges: Vec<Exchange>,
    /// What the caller got.
    pub answer: Answer,
    /// The names and pointers whose values were replaced, in everything above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<String>,
}

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plugin {
    /// The provider's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `sha256:…` of the component.
    pub digest: String,
}

/// An account, without its credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its settings as they were given.
    pub settings: BTreeMap<String, String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
}

/// A unified request as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What it was read as, for people: `update ticketing/workspaces`.
    pub operation: String,
    /// HTTP method.
    pub method: String,
    /// Path, encoded.
    pub path: String,
    /// Query, encoded.
    pub query: String,
    /// The headers that mean something to the engine.
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A cursor: the plugin's own, and as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The plugin's.
    pub own: String,
    /// The caller's.
    pub sealed: String,
}

/// One native exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The declared call.
    pub call: String,
    /// What left; nothing where an answer was used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Sent>,
    /// What came.
    pub answer: Came,
}

/// A native request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Headers, by name.
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// What came of a native request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// HTTP status; none where there was no answer at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers as the plugin sees them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Body, decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Why the exchange failed, or broke off after the headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails: Option<Failure>,
    /// RFC 3339; none where the answer was used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
}

/// Why there was no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `timeout`, `unreachable`, `not_allowed` or `unreadable`.
    pub kind: FailureKind,
    /// In words.
    pub why: String,
}

/// How an exchange fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It took too long.
    Timeout,
    /// No connection.
    Unreachable,
    /// The egress policy.
    NotAllowed,
    /// It broke off, or is too large.
    Unreadable,
}

/// An answer to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, by name; those of the connection and the request's id are left out.
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// The provider's body was handed through piece by piece, and is not here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub streamed: bool,
}

/// A body, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// JSON whose compact form has these very bytes.
    Json(Value),
    /// Text.
    Text(String),
    /// Anything else.
    Base64(String),
}

impl Body {
    /// The form that shows most; none for an empty body.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let json = serde_json::from_slice::<Value>(bytes).ok().filter(|json| json.to_string().as_bytes() == bytes);
        Some(match (json, std::str::from_utf8(bytes)) {
            (Some(json), _) => Self::Json(json),
            (None, Ok(text)) => Self::Text(text.to_owned()),
            (None, Err(_)) => Self::Base64(STANDARD.encode(bytes)),
        })
    }

    /// The bytes. Text that is no base64 is taken as it is.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Json(json) => json.to_string().into(),
            Self::Text(text) => text.clone().into(),
            Self::Base64(text) => STANDARD.decode(text).map_or_else(|_| text.clone().into(), Bytes::from),
        }
    }

    /// The bytes of a body that may be empty.
    #[must_use]
    pub fn bytes_of(body: Option<&Self>) -> Bytes {
        body.map(Self::bytes).unwrap_or_default()
    }
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordingError> {
        let value: Value = serde_json::from_slice(bytes)?;
        match value.get("form").and_then(Value::as_str) {
            Some(form) if form != FORM => Err(RecordingError::Form(form.to_owned())),
            _ => Ok(serde_json::from_value(value)?),
        }
    }
}

impl From<&UpstreamError> for Failure {
    fn from(error: &UpstreamError) -> Self {
        let kind = match error {
            UpstreamError::Timeout => FailureKind::Timeout,
            UpstreamError::Unreachable(_) => FailureKind::Unreachable,
            UpstreamError::NotAllowed(_) => FailureKind::NotAllowed,
            UpstreamError::Unreadable(_) => FailureKind::Unreadable,
        };
        Self { kind, why: error.to_string() }
    }
}

impl From<&Failure> for UpstreamError {
    fn from(failure: &Failure) -> Self {
        let why = failure.why.clone();
        match failure.kind {
            FailureKind::Timeout => Self::Timeout,
            FailureKind::Unreachable => Self::Unreachable(why),
            FailureKind::NotAllowed => Self::NotAllowed(why),
            FailureKind::Unreadable => Self::Unreadable(why),
        }
    }
}

/// Headers by name, with whatever carries a credential replaced.
#[must_use]
pub fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |value: &http::HeaderValue| match value.is_sensitive() {
        true => REDACTED.to_owned(),
        false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    let mut all: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), shown(value))).collect();
    // Values of one name keep their order.
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_body_is_changed_by_being_kept(bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            "[\\[\\]{}\", :a-c0-9.eE+-]{0,40}".prop_map(String::into_bytes),
            r#"\{"[a\\u0041]{0,8}":-?[0-9]{1,30}(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?\}"#.prop_map(String::into_bytes),
        ]) {
            let body = Body::of(&bytes);
            let file = serde_json::to_string_pretty(&body).unwrap();
            let again: Option<Body> = serde_json::from_str(&file).unwrap();
            prop_assert_eq!(Body::bytes_of(again.as_ref()), bytes);
        }

        #[test]
        fn whatever_a_file_holds_it_is_a_recording_or_it_is_refused(text in "[\\[\\]{}\", :a-z0-9/.]{0,60}") {
            let _ = Recording::parse(text.as_bytes());
        }
    }

    #[test]
    fn a_body_is_kept_to_the_byte_in_the_form_that_shows_most() {
        for (bytes, form) in [
            (&br#"{"b":1.10,"a":[null,12345678901234567890]}"#[..], r#"{"json":{"b":1.10,"a":[null,12345678901234567890]}}"#),
            (br#"{"a": 1}"#, r#"{"text":"{\"a\": 1}"}"#),
            (br#"{"a":"\u00e9"}"#, r#"{"text":"{\"a\":\"\\u00e9\"}"}"#),
            (br#"{"a":1,"a":2}"#, r#"{"text":"{\"a\":1,\"a\":2}"}"#),
            (b"plain", r#"{"text":"plain"}"#),
            (b"\xff\x00", r#"{"base64":"/wA="}"#),
        ] {
            let body = Body::of(bytes).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), form);
            let again: Body = serde_json::from_str(form).unwrap();
            assert_eq!(again.bytes(), bytes);
        }
        assert_eq!(Body::of(b""), None);
    }

    #[test]
    fn a_recording_of_a_later_form_is_refused_by_its_name() {
        let error = Recording::parse(br#"{"form": "patchboard.recording/2"}"#).unwrap_err().to_string();
        assert!(error.contains("patchboard.recording/2") && error.contains(FORM), "{error}");
        assert!(Recording::parse(b"[]").unwrap_err().to_string().starts_with("it is no recording"));
    }
}
