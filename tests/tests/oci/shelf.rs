//! A registry in the test's own process, which answers as the test wants it to.

use std::collections::HashMap;

use patchboard_tests::{Seen, Stub, answer};
use serde_json::{Value, json};

use crate::component::digest;

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Answers by path. Everything else is not there.
#[derive(Clone, Default)]
pub struct Shelf {
    answers: HashMap<String, Vec<u8>>,
}

impl Shelf {
    /// A shelf with one good plugin.
    pub fn with(component: &[u8]) -> Self {
        let mut shelf = Self::default();
        let config = json!({"architecture": "wasm", "os": "wasip2", "layerDigests": [digest(component)]}).to_string();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": digest(config.as_bytes()), "size": config.len()},
            "layers": [{"mediaType": "application/wasm", "digest": digest(component), "size": component.len()}],
        });
        shelf.blob(config.as_bytes());
        shelf.blob(component);
        shelf.manifest(&manifest);
        shelf
    }

    /// Puts a blob on it, and says its path.
    pub fn blob(&mut self, bytes: &[u8]) -> String {
        let path = blob(bytes);
        self.put(&path, answer(200, &[], bytes));
        path
    }

    /// Puts a manifest on it.
    pub fn manifest(&mut self, manifest: &Value) {
        let text = manifest.to_string();
        let bytes = answer(200, &[("content-type", MANIFEST)], text.as_bytes());
        self.put(TAG, bytes.clone());
        self.put(&format!("/v2/hostile/manifests/{}", digest(text.as_bytes())), bytes);
    }

    /// The manifest that is on it.
    pub fn manifest_value(&self) -> Value {
        let bytes = &self.answers[TAG];
        let start = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        serde_json::from_slice(&bytes[start..]).unwrap()
    }

    /// Answers a path with these bytes.
    pub fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.answers.insert(path.to_owned(), bytes);
    }

    /// Takes an answer away.
    pub fn remove(&mut self, path: &str) {
        self.answers.remove(path);
    }

    /// The answer to a request.
    pub fn answer(&self, seen: &Seen) -> Vec<u8> {
        let gone = || answer(404, &[], br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#);
        self.answers.get(&seen.target).cloned().unwrap_or_else(gone)
    }

    /// Opens it.
    pub fn open(self) -> Stub {
        Stub::start(move |seen| self.answer(seen))
    }
}

/// The manifest by its tag.
pub const TAG: &str = "/v2/hostile/manifests/0.1.0";

/// The path of a blob.
pub fn blob(bytes: &[u8]) -> String {
    format!("/v2/hostile/blobs/{}", digest(bytes))
}

/// The plugin's place in a registry.
pub fn at(stub: &Stub) -> String {
    format!("oci://{}/hostile:0.1.0", stub.address())
}
