//! Requests to the server.

use std::sync::Once;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::Value;

use crate::reply::Reply;

/// A client that follows no redirect and asks no proxy.
#[must_use]
pub fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client")
}

/// A request that has not been sent yet.
#[derive(Debug, Clone)]
pub struct Call {
    client: Client,
    method: Method,
    url: String,
    token: Option<String>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    /// A request without body.
    #[must_use]
    pub fn new(client: &Client, method: &str, url: &str) -> Self {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Self { client: client.clone(), method, url: url.to_owned(), token: None, headers: Vec::new(), body: Vec::new() }
    }

    /// Adds to the query string, as it is written.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.url.push(if self.url.contains('?') { '&' } else { '?' });
        self.url.push_str(query);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the API token.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Takes the API token away.
    #[must_use]
    pub fn no_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// A JSON body with its media type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.media("application/json", body.to_string())
    }

    /// A JSON Patch with its media type.
    #[must_use]
    pub fn json_patch(self, body: &Value) -> Self {
        self.media("application/json-patch+json", body.to_string())
    }

    /// A body with a media type.
    #[must_use]
    pub fn media(self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut own = self.header("content-type", media);
        own.body = body.into();
        own
    }

    /// Sends it.
    pub async fn send(self) -> Reply {
        let mut response = self.open().await;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let body = response.bytes().await.expect("a whole answer").to_vec();
        Reply { status, headers, body }
    }

    /// Sends it and leaves the body to be read.
    pub async fn open(self) -> Response {
        let mut request = self.client.request(self.method, &self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !self.body.is_empty() {
            request = request.body(self.body);
        }
        request.send().await.expect("an answer")
    }
}
