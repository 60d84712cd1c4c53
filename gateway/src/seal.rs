//! How a secret is sealed. Homes that share a key open each other's secrets.
//!
//! A credential is sealed with XChaCha20-Poly1305 under a random nonce, bound to the
//! account it belongs to, so that a record copied to another account does not open.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::account::Credential;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of the nonce that every seal needs, at random.
pub const NONCE_BYTES: usize = 24;
/// The first byte of what is sealed: how it is sealed.
const FORM: u8 = 1;

/// Why a secret is not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// Not 32 bytes of base64.
    #[error("it does not hold 32 bytes in base64")]
    NoKey,
    /// Sealed with another key, or changed.
    #[error("a secret does not open: the key is not the one that it was sealed with, or it was changed")]
    Sealed,
    /// It opens and is no credential.
    #[error("what was sealed is no credential")]
    NoCredential,
}

/// A key that seals and opens secrets.
#[derive(Clone)]
pub struct Sealer {
    key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// The key of a text: 32 bytes in base64.
    ///
    /// # Errors
    /// [`SealError::NoKey`].
    pub fn decode(text: &str) -> Result<Self, SealError> {
        let key = Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
        if key.len() == KEY_BYTES { Ok(Self { key }) } else { Err(SealError::NoKey) }
    }

    /// The key itself, for deriving seals of other things.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, SealError> {
        XChaCha20Poly1305::new_from_slice(&self.key).map_err(|_| SealError::NoKey)
    }

    /// Seals a secret under a nonce that is used once. `bound_to` must be given again to
    /// open it.
    ///
    /// # Errors
    /// [`SealError::Sealed`] for a secret beyond the cipher's limit of 256 GiB.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], secret: &[u8], bound_to: &str) -> Result<Vec<u8>, SealError> {
        let payload = Payload { msg: secret, aad: bound_to.as_bytes() };
        let sealed = self.cipher()?.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Sealed)?;
        Ok([&[FORM][..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`SealError::Sealed`].
    pub fn unseal(&self, sealed: &[u8], bound_to: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let body = sealed.strip_prefix(&[FORM]).ok_or(SealError::Sealed)?;
        let (nonce, body) = body.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Sealed)?;
        let payload = Payload { msg: body, aad: bound_to.as_bytes() };
        self.cipher()?.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealError::Sealed)
    }

    /// Seals the credential of an account.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal_credential(
        &self,
        nonce: [u8; NONCE_BYTES],
        account_id: &str,
        provider: &str,
        credential: &BTreeMap<String, SecretString>,
    ) -> Result<Vec<u8>, SealError> {
        let plain: BTreeMap<&str, &str> = credential.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&plain).map_err(|_| SealError::NoCredential)?);
        self.seal(nonce, &plain, &bound_to(account_id, provider))
    }

    /// Opens the credential of an account.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn unseal_credential(&self, account_id: &str, provider: &str, sealed: &[u8]) -> Result<Credential, SealError> {
        let plain = self.unseal(sealed, &bound_to(account_id, provider))?;
        let secrets: BTreeMap<String, Value> = serde_json::from_slice(&plain).map_err(|_| SealError::NoCredential)?;
        let text = |value: Value| value.as_str().map(SecretString::from).unwrap_or_default();
        Ok(Credential::new(secrets.into_iter().map(|(name, value)| (name, text(value)))))
    }
}

fn bound_to(account_id: &str, provider: &str) -> String {
    format!("credential of {account_id} at {provider}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::decode(&STANDARD.encode([byte; KEY_BYTES])).unwrap()
    }

    #[test]
    fn a_secret_opens_with_its_key_for_its_account_only() {
        let sealed = sealer(1).seal([7; NONCE_BYTES], b"s3cret", "account-1").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
        assert_eq!(*sealer(1).unseal(&sealed, "account-1").unwrap(), b"s3cret");
        assert!(sealer(1).unseal(&sealed, "account-2").is_err());
        assert!(sealer(1).unseal(&sealed[..10], "account-1").is_err());
        assert!(sealer(2).unseal(&sealed, "account-1").is_err());
    }

    #[test]
    fn a_credential_opens_for_its_account_at_its_provider() {
        let secrets = BTreeMap::from([("access_token".to_owned(), SecretString::from("t0ken"))]);
        let sealed = sealer(1).seal_credential([7; NONCE_BYTES], "a", "wrike", &secrets).unwrap();
        assert_eq!(sealer(1).unseal_credential("a", "wrike", &sealed).unwrap().secret("access_token"), Some("t0ken"));
        assert_eq!(sealer(1).unseal_credential("a", "attio", &sealed).unwrap_err(), SealError::Sealed);
    }

    #[test]
    fn a_key_is_32_bytes_of_base64() {
        for text in ["", "short", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33])] {
            assert_eq!(Sealer::decode(text).unwrap_err(), SealError::NoKey);
        }
        assert!(Sealer::decode(&format!("{}\n", STANDARD.encode([1; KEY_BYTES]))).is_ok());
    }
}
