//! Why something cannot be had from a registry, or put there.

use thiserror::Error;

use crate::digest::Digest;

/// One clear sentence for each way it can go wrong. What a registry said itself is in it
/// only after [`crate::text::brief`] and without credentials.
#[derive(Debug, Error)]
pub enum OciError {
    /// Not a reference.
    #[error("{text:?} names no plugin in a registry: {why}; write oci://registry/name:version")]
    Reference {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No answer.
    #[error("{registry} cannot be reached: {why}")]
    Unreachable {
        /// The registry.
        registry: String,
        /// The cause.
        why: String,
    },
    /// The time for everything is over.
    #[error("{registry} has not answered within the {seconds} s of plugins_policy.download_seconds")]
    Late {
        /// The registry.
        registry: String,
        /// How long it had.
        seconds: u64,
    },
    /// The answer ended in its middle.
    #[error("{what}: the answer broke off: {why}")]
    BrokeOff {
        /// What was being read.
        what: String,
        /// The cause.
        why: String,
    },
    /// The registry wants a login, or another one.
    #[error(
        "{registry} refuses {how}{said}; log in with `docker login {registry}`, or set PATCHBOARD_REGISTRY={registry}, PATCHBOARD_REGISTRY_USERNAME and PATCHBOARD_REGISTRY_PASSWORD"
    )]
    Unauthorized {
        /// The registry.
        registry: String,
        /// The credential that was used.
        how: &'static str,
        /// What it said.
        said: String,
    },
    /// What the registry asks for cannot be done.
    #[error("{registry} asks for a login in a way that is not followed: {why}")]
    Challenge {
        /// The registry.
        registry: String,
        /// What is wrong.
        why: String,
    },
    /// Not there.
    #[error("{what} is not there{said}")]
    NotFound {
        /// What was asked for.
        what: String,
        /// What it said.
        said: String,
    },
    /// Any other status.
    #[error("{what}: the registry answered {status}{said}")]
    Status {
        /// What was asked for.
        what: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// It sends us somewhere else.
    #[error("{what}: the registry points to {to}, {why}")]
    Elsewhere {
        /// What was asked for.
        what: String,
        /// Where to.
        to: String,
        /// Why that is not followed.
        why: &'static str,
    },
    /// Larger than is taken.
    #[error("{what} is larger than the {limit} bytes that {by}")]
    TooLarge {
        /// What it is.
        what: String,
        /// What is taken.
        limit: usize,
        /// Who says so.
        by: &'static str,
    },
    /// Shorter than was said.
    #[error("{what} has {found} bytes, and the manifest says {expected}")]
    Truncated {
        /// What it is.
        what: String,
        /// By its descriptor.
        expected: usize,
        /// In fact.
        found: usize,
    },
    /// Not what was asked for.
    #[error("{what} is not what was asked for: its digest is {found}, and {by} {expected}")]
    Digest {
        /// What it is.
        what: String,
        /// Who says what it should be.
        by: &'static str,
        /// What it should be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// Something else than a plugin.
    #[error("{what} is no plugin: {why}")]
    Layout {
        /// What it is.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A version is there already.
    #[error("{0} is there already and holds something else; publish a new version, or replace it with --force")]
    Taken(String),
    /// Credentials that are there and cannot be used.
    #[error("the credentials for {registry}: {why}")]
    Credentials {
        /// The registry.
        registry: String,
        /// What is wrong.
        why: String,
    },
    /// A key that cannot be used.
    #[error("the key {file}: {why}")]
    Key {
        /// Its file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The certificates that the system trusts cannot be read.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}
