//! Every failure, as the caller sees it: `application/problem+json` (RFC 9457).
//!
//! A problem says what went wrong (`code`), in which room (`phase`), and whose word
//! it is: a `remote` member stands in it exactly when the failure began at the
//! provider. `detail` and `errors` are for the caller and never hold a secret. This
//! is the one file that turns an error into HTTP.

use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::contract::FieldError;

/// Where the pages that explain each `type` live.
const TYPE_BASE: &str = "https://patchboard.dev/problems/";

/// The rooms of a request, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Authenticating the caller, reading the message.
    Http,
    /// Route, query, body.
    Parse,
    /// Finding the integrated account and its plugin.
    Account,
    /// The change against the model and the manifest.
    Check,
    /// The plugin's own mapping.
    Map,
    /// Merging `remote_data` and `remote_query`.
    Extend,
    /// Credential, base URL, egress policy.
    Authorise,
    /// The exchange with the provider.
    Send,
    /// Forming the answer.
    Shape,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $slug:literal, $status:literal, $phase:ident;)*) => {
        /// What went wrong, as a stable name for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// Every code, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            fn phase(self) -> Phase {
                match self { $(Self::$name => Phase::$phase,)* }
            }
        }
    };
}

codes! {
    /// No such path.
    UnknownRoute = "unknown_route", 404, Parse;
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, Parse;
    /// No such unified model.
    UnknownModel = "unknown_model", 404, Parse;
    /// The model has no such resource.
    UnknownResource = "unknown_resource", 404, Parse;
    /// No such integrated account.
    UnknownAccount = "unknown_account", 404, Account;
    /// No token, or one that is not known.
    Unauthorized = "unauthorized", 401, Http;
    /// The token belongs to another tenant.
    Forbidden = "forbidden", 403, Account;
    /// The provider lacks the operation.
    OperationNotSupported = "operation_not_supported", 405, Check;
    /// The body is not UTF-8 JSON, or has duplicate keys or too deep nesting.
    InvalidJson = "invalid_json", 400, Parse;
    /// JSON, but not of the form that its media type asks for.
    InvalidBody = "invalid_body", 400, Parse;
    /// An id that cannot be one.
    InvalidId = "invalid_id", 400, Parse;
    /// A query parameter or header that cannot be read, or contradicts another.
    InvalidParameter = "invalid_parameter", 400, Parse;
    /// A feature of the protocol that is not built.
    NotImplemented = "not_implemented", 501, Http;
    /// The body is of a media type that is not taken.
    UnsupportedMediaType = "unsupported_media_type", 415, Parse;
    /// The body is larger than the limit.
    BodyTooLarge = "body_too_large", 413, Http;
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", 408, Http;
    /// The request was malformed before its meaning could be read.
    BadRequest = "bad_request", 400, Http;
    /// Nothing is left to change.
    NothingToChange = "nothing_to_change", 400, Check;
    /// `strict` was asked for and a field or parameter cannot be taken.
    FieldNotSupported = "field_not_supported", 422, Check;
    /// A field or parameter is missing, of the wrong type or not an accepted value.
    InvalidField = "invalid_field", 422, Check;
    /// The provider needs to know which version is changed.
    EtagRequired = "etag_required", 428, Check;
    /// The JSON Patch asks for more than a change of fields.
    PatchNotExpressible = "patch_not_expressible", 422, Parse;
    /// The account lacks a setting that its provider requires.
    AccountIncomplete = "account_incomplete", 422, Account;
    /// The account is being connected.
    AccountConnecting = "account_connecting", 422, Account;
    /// The provider has refused the account's credential.
    AccountNeedsReauth = "account_needs_reauth", 422, Account;
    /// The account did not pass its validation.
    AccountValidationError = "account_validation_error", 422, Account;
    /// The account's set-up did not complete.
    AccountPostInstallError = "account_post_install_error", 422, Account;
    /// No plugin for the account's provider is loaded.
    ProviderNotLoaded = "provider_not_loaded", 422, Account;
    /// No loaded version of the provider's plugin is one that the account follows.
    PluginVersionNotLoaded = "plugin_version_not_loaded", 422, Account;
    /// The operator has not consented to where the account points.
    UpstreamNotAllowed = "upstream_not_allowed", 422, Authorise;
    /// `remote_data` or `remote_query` cannot go where the provider takes it.
    InvalidRemoteData = "invalid_remote_data", 422, Extend;
    /// The plugin says that this change cannot be made at the provider.
    ChangeNotSupported = "change_not_supported", 422, Map;
    /// The plugin trapped, went over its limits or broke its contract.
    PluginFailed = "plugin_failed", 502, Map;
    /// The provider answered with an error.
    ProviderRejected = "provider_rejected", 502, Send;
    /// The provider answered with a redirect, which is never followed.
    ProviderRedirected = "provider_redirected", 502, Send;
    /// The provider answered something that cannot be read.
    ProviderUnreadable = "provider_unreadable", 502, Send;
    /// The provider cannot be reached.
    ProviderUnreachable = "provider_unreachable", 502, Send;
    /// The provider did not answer in time.
    ProviderTimeout = "provider_timeout", 504, Send;
    /// Something that is our fault; the log has it under the request id.
    Internal = "internal", 500, Http;
}

/// A native write that had succeeded before the failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// HTTP method.
    pub method: String,
    /// Path below the account's base URL.
    pub path: String,
    /// The status that the provider answered.
    pub status: u16,
}

/// The provider's answer, whole, with the credential redacted.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// The provider's name.
    pub provider: String,
    /// The HTTP status it answered.
    pub status: u16,
    /// Its headers without `set-cookie`; a repeated header is joined by a comma.
    pub headers: Map<String, Value>,
    /// Its body: JSON where it is JSON, else text.
    pub body: Value,
}

/// One failure on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// The HTTP status; the code's own unless the provider's is handed on.
    pub status: StatusCode,
    /// Where it went wrong.
    pub phase: Phase,
    /// For a person: what, and what to do next.
    pub detail: String,
    /// Which members of the request are at fault.
    pub errors: Vec<FieldError>,
    /// The provider's answer, where the failure began there.
    pub remote: Option<Box<Remote>>,
    /// Native writes that stand although the request failed.
    pub applied: Vec<Applied>,
    /// Further headers of the answer: `allow`, `retry-after`, quota. Boxed, so that an
    /// error stays small on its way up.
    pub headers: Box<HeaderMap>,
}

impl Problem {
    /// A problem with the status and phase of its code.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut headers = Box::new(HeaderMap::new());
        if code == Code::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Self {
            code,
            status: StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            phase: code.phase(),
            detail: detail.into(),
            errors: Vec::new(),
            remote: None,
            applied: Vec::new(),
            headers,
        }
    }

    /// The same, seen from another room.
    #[must_use]
    pub fn at(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }

    /// The same with the members at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The same with one member at fault.
    #[must_use]
    pub fn with_error(self, path: impl Into<String>, message: impl Into<String>) -> Self {
        self.with_errors(vec![FieldError { path: path.into(), message: message.into() }])
    }

    /// The same with another status; one outside 400 to 599 leaves it as it is.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        if let (400..=599, Ok(status)) = (status, StatusCode::from_u16(status)) {
            self.status = status;
        }
        self
    }

    /// The same with a header of the answer; a value that cannot be one is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same with the methods that would have been accepted.
    #[must_use]
    pub fn with_allow(self, methods: &[&str]) -> Self {
        self.with_header(ALLOW, &methods.join(", "))
    }

    /// The same with `Retry-After`, as seconds or a date.
    #[must_use]
    pub fn with_retry_after(self, value: &str) -> Self {
        self.with_header(RETRY_AFTER, value)
    }

    /// Status, headers and body of the answer. `request_id` is the caller's or ours.
    #[must_use]
    pub fn into_http(mut self, request_id: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let body = Value::Object(self.members(request_id)).to_string().into_bytes();
        (self.status, *self.headers, body)
    }

    fn members(&self, request_id: &str) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| {
            members.insert(name.to_owned(), value);
        };
        put("type", json!(format!("{TYPE_BASE}{}", self.code.slug().replace('_', "-"))));
        put("title", json!(self.status.canonical_reason().unwrap_or("Unknown Status")));
        put("status", json!(self.status.as_u16()));
        put("detail", json!(self.detail));
        put("code", json!(self.code.slug()));
        put("phase", json!(self.phase));
        put("request_id", json!(request_id));
        if !self.errors.is_empty() {
            put("errors", self.errors.iter().map(|e| json!({"path": e.path, "message": e.message})).collect());
        }
        if let Some(remote) = &self.remote {
            put("remote", json!({"provider": remote.provider, "status": remote.status, "headers": remote.headers, "body": remote.body}));
        }
        if !self.applied.is_empty() {
            put("applied", json!(self.applied));
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_error_status_and_a_slug_of_its_own() {
        let mut slugs: Vec<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
    }

    #[test]
    fn a_problem_says_what_where_and_whose() {
        let problem = Problem::new(Code::ProviderRejected, "Email is invalid").with_status(422).with_error("/name", "too long");
        let (status, headers, body) = problem.into_http("r-1");
        assert_eq!(status, 422);
        assert_eq!(headers["content-type"], "application/problem+json");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body,
            json!({"type": "https://patchboard.dev/problems/provider-rejected", "title": "Unprocessable Entity", "status": 422,
                "detail": "Email is invalid", "code": "provider_rejected", "phase": "send", "request_id": "r-1",
                "errors": [{"path": "/name", "message": "too long"}]})
        );
    }

    #[test]
    fn a_status_that_is_no_error_is_not_taken() {
        assert_eq!(Problem::new(Code::ProviderRejected, "").with_status(200).status, 502);
        assert_eq!(Problem::new(Code::ProviderRejected, "").with_status(600).status, 502);
    }
}
