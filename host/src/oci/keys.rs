//! Keys for signatures: ECDSA on P-256, as cosign makes them.

use std::path::Path;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature as Ecdsa, SigningKey as Private, VerifyingKey};
use p256::elliptic_curve::zeroize::Zeroizing;
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};

use super::{OciError, seal};

/// The variable with the password of a sealed key, by cosign's own name.
const PASSWORD: &str = "COSIGN_PASSWORD";

/// Tells whether a signature was made with the private key that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// [`OciError::Key`].
    pub fn read(file: &Path) -> Result<Self, OciError> {
        let text = fs::read_to_string(file).map_err(|error| unusable(file, error.to_string()))?;
        Self::parse(&text).map_err(|why| unusable(file, why.to_owned()))
    }

    pub(super) fn parse(pem: &str) -> Result<Self, &'static str> {
        VerifyingKey::from_public_key_pem(pem).map(Self).map_err(|_| "it is no public key of ECDSA on P-256 in PEM")
    }

    /// Whether `signature`, in base64, is over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let bytes = STANDARD.decode(signature.trim()).unwrap_or_default();
        Ecdsa::from_der(&bytes).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// Makes signatures.
pub struct SigningKey(Private);

impl SigningKey {
    /// Reads a PEM file: PKCS #8, or sealed by cosign with the password in
    /// `COSIGN_PASSWORD`.
    ///
    /// # Errors
    /// [`OciError::Key`].
    pub fn read(file: &Path) -> Result<Self, OciError> {
        let text = Zeroizing::new(fs::read_to_string(file).map_err(|error| unusable(file, error.to_string()))?);
        let password = env::var(PASSWORD).ok().map(Zeroizing::new);
        Self::parse(&text, password.as_ref().map(|password| password.as_bytes())).map_err(|why| unusable(file, why.to_owned()))
    }

    pub(super) fn parse(pem: &str, password: Option<&[u8]>) -> Result<Self, &'static str> {
        let Some(sealed) = seal::LABELS.iter().find_map(|label| inside(pem, label)) else {
            return Private::from_pkcs8_pem(pem).map(Self).map_err(|_| {
                "it is no private key of ECDSA on P-256 in PEM, as PKCS #8 or sealed by cosign; `openssl pkcs8 -topk8 -nocrypt` makes one of others"
            });
        };
        let password = password.ok_or("it is sealed; put its password into COSIGN_PASSWORD")?;
        let sealed = STANDARD.decode(sealed).map_err(|_| "it holds no base64")?;
        let document = seal::open(&sealed, password)?;
        Private::from_pkcs8_der(&document).map(Self).map_err(|_| "what is sealed in it is no key of ECDSA on P-256")
    }

    /// A signature over a message, in base64.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        let signature: Ecdsa = self.0.sign(message);
        STANDARD.encode(signature.to_der().as_bytes())
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

/// The base64 between the lines of a PEM block.
fn inside(pem: &str, label: &str) -> Option<String> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (inside, _) = rest.split_once(&format!("-----END {label}-----"))?;
    Some(inside.split_whitespace().collect())
}

fn unusable(file: &Path, why: String) -> OciError {
    OciError::Key { file: file.display().to_string(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by cosign with an empty password: the file
    /// `tests/data/keys/cosign_generated_encrypted_empty_private.key` of sigstore-rs 0.15.0
    /// (Apache-2.0).
    const BY_COSIGN: &str = include_str!("fixtures/cosign-empty-password.key");
    /// In the older form, with the password `password`: the file
    /// `examples/key_interface/key_pair_import/ECDSA_P256_ASN1_ENCRYPTED_PRIVATE_PEM.key` of
    /// sigstore-rs 0.15.0 (Apache-2.0).
    const OLDER: &str = include_str!("fixtures/cosign-older.key");
    /// Made by `openssl ecparam -name prime256v1 -genkey | openssl pkcs8 -topk8 -nocrypt`.
    const BY_OPENSSL: &str = include_str!("fixtures/openssl.key");
    const BY_OPENSSL_PUBLIC: &str = include_str!("fixtures/openssl.pub");

    #[test]
    fn sealed_keys_in_the_newer_and_the_older_form_are_opened() {
        let key = SigningKey::parse(BY_COSIGN, Some(b"")).unwrap();
        assert!(key.public().verifies(b"text", &key.sign(b"text")));
        let older = SigningKey::parse(OLDER, Some(b"password")).unwrap();
        assert!(older.public().verifies(b"text", &older.sign(b"text")));
        assert_ne!(older.public(), key.public());
    }

    #[test]
    fn a_sealed_key_asks_for_its_password_and_takes_no_other() {
        assert!(SigningKey::parse(BY_COSIGN, None).unwrap_err().contains("COSIGN_PASSWORD"));
        assert!(SigningKey::parse(BY_COSIGN, Some(b"wrong")).unwrap_err().contains("does not open"));
    }

    #[test]
    fn a_seal_that_would_take_hours_is_refused() {
        let sealed = String::from_utf8(STANDARD.decode(inside(BY_COSIGN, seal::LABELS[0]).unwrap()).unwrap()).unwrap();
        let costly = STANDARD.encode(sealed.replace("65536", "1073741824"));
        let pem = format!("-----BEGIN {0}-----\n{costly}\n-----END {0}-----\n", seal::LABELS[0]);
        assert!(SigningKey::parse(&pem, Some(b"")).unwrap_err().contains("parameters"));
    }

    #[test]
    fn keys_of_openssl_sign_and_verify_and_no_other_key_does() {
        let key = SigningKey::parse(BY_OPENSSL, None).unwrap();
        let public = PublicKey::parse(BY_OPENSSL_PUBLIC).unwrap();
        let signature = key.sign(b"text");
        assert!(public.verifies(b"text", &signature) && key.public() == public);
        assert!(!public.verifies(b"texts", &signature));
        assert!(!SigningKey::parse(BY_COSIGN, Some(b"")).unwrap().public().verifies(b"text", &signature));
        for broken in ["", "AAAA", "not base64", signature.get(..20).unwrap_or_default()] {
            assert!(!public.verifies(b"text", broken), "{broken}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        assert!(PublicKey::parse(BY_OPENSSL).unwrap_err().contains("public key"));
        assert!(SigningKey::parse(BY_OPENSSL_PUBLIC, None).unwrap_err().contains("private key"));
        assert!(SigningKey::parse("", None).is_err());
    }
}
