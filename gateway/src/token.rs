//! API tokens: `pb_<id>_<secret>`. Only a hash of the secret is kept.

use sha2::{Digest as _, Sha256};

/// What every token begins with, so that scanners of leaked secrets can find it.
pub const PREFIX: &str = "pb_";

/// The id and the secret of a token as a caller sends it.
#[must_use]
pub fn split(token: &str) -> Option<(&str, &str)> {
    token.strip_prefix(PREFIX)?.split_once('_')
}

/// The secret has 256 random bits, so one round of a fast hash is enough.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
