//! Components to publish: one that the build makes, with another version or host in its
//! manifest. The manifest lies in the component as it is written, so a text of the same
//! length can take another's place.

use std::fs;

use patchboard_tests::program;
use sha2::Digest as _;

/// The plugin's name in every component of these tests.
pub const NAME: &str = "hostile";

/// The component with the version 0.1.0.
pub fn first() -> Vec<u8> {
    let path = program().parent().unwrap().join("../test-plugins/hostile.wasm");
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask test`", path.display()))
}

/// The component with another text of the same length.
pub fn with(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = component.to_vec();
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
    assert!(!places.is_empty(), "{from} is not in the component");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// The same plugin as another version.
pub fn version(version: &str) -> Vec<u8> {
    with(&first(), "\"version\": \"0.1.0\"", &format!("\"version\": \"{version}\""))
}

/// A version that reaches more hosts and has one more call that writes.
pub fn wider(version: &str) -> Vec<u8> {
    let bytes = with(&self::version(version), r#""hosts": ["hostile.example"]"#, r#""hosts": ["*.example"]      "#);
    let read = r#""name": "read", "method": "GET", "path": "/things/{id}", "effect": "read" }"#;
    with(&bytes, read, r#""name": "read", "method": "PUT", "path": "/things/{id}", "effect":"write" }"#)
}

/// The digest as registries write it.
pub fn digest(bytes: &[u8]) -> String {
    let hex: String = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
