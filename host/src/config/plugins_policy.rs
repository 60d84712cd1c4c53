//! Which plugins may be installed from registries.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::runtime::admit::MAX_FILE;

/// What is asked of a plugin from a registry, when it is installed and each time that the
/// server loads it. Bundled plugins and those of [`super::Config::plugins`] are the
/// operator's own and are not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PluginsPolicy {
    /// Whether only what one of the signers has signed is taken; left out, that is so as
    /// soon as there is a signer.
    pub require_signature: Option<bool>,
    /// Only from these registries, such as `ghcr.io` or `ghcr.io/acme`; none means all.
    pub registries: Option<Vec<String>>,
    /// Only plugins that declare no hosts but these, such as `*.acme.example`; none means
    /// all.
    pub hosts: Option<Vec<String>>,
    /// Registries, with their port, that are spoken to without TLS. Those on this machine
    /// are in any case.
    pub plain_http: Vec<String>,
    /// Hosts at private addresses that a registry may point to, for tokens and blobs.
    pub linked_hosts: Vec<String>,
    /// The component of a plugin.
    pub component_bytes: usize,
    /// For everything that one plugin takes from a registry.
    pub download_seconds: u64,
    /// Whose signatures count.
    pub signers: Vec<SignerKey>,
}

/// Somebody whose signatures count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerKey {
    /// A name for messages and the lock file.
    pub name: String,
    /// The file of their public key: ECDSA on P-256, PEM, as `cosign generate-key-pair`
    /// writes `cosign.pub`.
    pub key: PathBuf,
}

impl Default for PluginsPolicy {
    fn default() -> Self {
        Self {
            require_signature: None,
            registries: None,
            hosts: None,
            plain_http: Vec::new(),
            linked_hosts: Vec::new(),
            component_bytes: MAX_FILE,
            // 32 MiB at 1 Mbit/s.
            download_seconds: 300,
            signers: Vec::new(),
        }
    }
}
