//! What the stand-ins take and give: a request without its prefix, and an answer held whole.

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::provider::Provider;

/// A request as the provider would see it.
#[derive(Debug)]
pub(crate) struct NativeRequest {
    pub(crate) provider: Provider,
    pub(crate) method: Method,
    /// The path behind the prefix, as it came.
    pub(crate) path: String,
    /// The query as it came, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Where this provider is reached from outside: `http://127.0.0.1:9100/wrike`. For the links in its lists.
    pub(crate) base: String,
}

impl NativeRequest {
    pub(crate) fn new(provider: Provider, parts: Parts, body: Bytes) -> Self {
        let prefix = format!("/{provider}");
        let path = parts.uri.path();
        let host = parts
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
            .unwrap_or("localhost");
        Self {
            provider,
            path: path.strip_prefix(&prefix).unwrap_or(path).to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            base: format!("http://{host}{prefix}"),
            method: parts.method,
            headers: parts.headers,
            body,
        }
    }

    /// The segments of the path, each percent-decoded on its own: an encoded slash belongs to an id.
    pub(crate) fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
    }

    /// The query's parameters, decoded.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        form_pairs(self.query.as_bytes())
    }

    /// The value of a header that was given once or more: the first, when it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type of the body without parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header(CONTENT_TYPE.as_str())?;
        let essence = value.split(';').next().unwrap_or_default();
        Some(essence.trim().to_ascii_lowercase())
    }

    /// True when the body is said to be `application/json`.
    pub(crate) fn says_json(&self) -> bool {
        self.media_type().as_deref() == Some("application/json")
    }
}

/// Decodes `a=b&c=d`. Never fails: what is not UTF-8 is replaced.
pub(crate) fn form_pairs(encoded: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(encoded).unwrap_or_default()
}

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer.body = body.into();
        answer
    }

    /// Adds a header; a value that cannot be one is left out.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// The response with this status and these headers, and another body than the one held.
    pub(crate) fn response_with(&self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let body = Body::from(self.body.clone());
        self.response_with(body)
    }
}
