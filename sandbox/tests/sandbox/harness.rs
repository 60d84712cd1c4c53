//! A sandbox with a client.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use std::net::SocketAddr;
use std::sync::Once;

use patchboard_sandbox::{RunningSandbox, Sandbox};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::Value;

pub(crate) struct Harness {
    pub(crate) sandbox: RunningSandbox,
    pub(crate) client: Client,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

impl Harness {
    pub(crate) async fn start() -> Self {
        Self { sandbox: Sandbox::start().await.unwrap(), client: client() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.sandbox.address()
    }

    /// Sends a request; headers are `name: value` lines.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Reply {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    pub(crate) async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> reqwest::Result<Reply> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, self.sandbox.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        Ok(Reply { status: response.status().as_u16(), headers: response.headers().clone(), body: response.bytes().await?.to_vec() })
    }

    /// A control request that must succeed.
    pub(crate) async fn control(&self, method: &str, route: &str, body: &Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.send(method, &format!("/_control{route}"), &[], text).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    pub(crate) async fn fail(&self, body: Value) {
        self.control("POST", "/fail", &body).await;
    }

    /// The logged requests.
    pub(crate) async fn requests(&self) -> Vec<Value> {
        let log = self.control("GET", "/requests", &Value::Null).await;
        log["requests"].as_array().unwrap().clone()
    }
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
