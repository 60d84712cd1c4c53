//! Signatures over a manifest, laid out as cosign does with `--key`: beside the manifest
//! `sha256:…` stands an artifact with the tag `sha256-….sig`, whose layers are statements
//! about the manifest, each with its signature in an annotation
//! (<https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>). Whether one is
//! good is decided here, with a key of the operator's, and asks nobody.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keys::{PublicKey, SigningKey};
use crate::digest::Digest;

/// Where a layer has its signature.
pub(super) const ANNOTATION: &str = "dev.cosignproject.cosign/signature";
/// Bytes of a statement; one has about 250.
pub(super) const PAYLOAD_BYTES: usize = 16 << 10;
/// How many signatures are looked at; a manifest has one or two.
pub(super) const SIGNATURES: usize = 16;
const TYPE: &str = "cosign container image signature";

/// A statement about a manifest, and the signature over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The statement, as it is signed.
    pub payload: String,
    /// The signature, in base64.
    pub signature: String,
}

/// Somebody whose signature counts.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The operator's name for them.
    pub name: String,
    /// Their key.
    pub key: PublicKey,
}

/// The tag that the signatures of a manifest have.
pub(super) fn tag(digest: &Digest) -> String {
    format!("sha256-{}.sig", digest.hex())
}

impl Signature {
    /// Signs a manifest. `name` is registry and repository.
    #[must_use]
    pub fn new(key: &SigningKey, name: &str, digest: &Digest) -> Self {
        let payload = json!({
            "critical": {
                "identity": { "docker-reference": name },
                "image": { "docker-manifest-digest": digest },
                "type": TYPE,
            },
            "optional": null,
        });
        let payload = payload.to_string();
        Self { signature: key.sign(payload.as_bytes()), payload }
    }

    /// Whether it is a signature over this manifest, with this key.
    #[must_use]
    pub fn is_by(&self, key: &PublicKey, digest: &Digest) -> bool {
        self.is_about(digest) && key.verifies(self.payload.as_bytes(), &self.signature)
    }

    fn is_about(&self, digest: &Digest) -> bool {
        let Ok(payload) = serde_json::from_str::<Value>(&self.payload) else { return false };
        let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
        text("/critical/type") == Some(TYPE) && text("/critical/image/docker-manifest-digest") == Some(digest.as_str())
    }
}

impl Signer {
    /// The first of the signers who has signed a manifest.
    #[must_use]
    pub fn of<'a>(signers: &'a [Self], signatures: &[Signature], digest: &Digest) -> Option<&'a Self> {
        signers.iter().find(|signer| signatures.iter().any(|signature| signature.is_by(&signer.key, digest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature that cosign made in 2021, with its key: from the tests of sigstore-rs
    /// 0.15.0, `src/cosign/signature_layers.rs`, `build_correct_signature_layer_without_bundle`
    /// (Apache-2.0).
    const KEY: &str = include_str!("fixtures/cosign-signature.pub");
    const PAYLOAD: &str = include_str!("fixtures/cosign-signature.payload.json");
    const SIGNATURE: &str = "MEUCIQD6q/COgzOyW0YH1Dk+CCYSt4uAhm3FDHUwvPI55zwnlwIgE0ZK58ZOWpZw8YVmBapJhBqCfdPekIknimuO0xH8Jh8=";
    const MANIFEST: &str = "sha256:f3cfc9d0dbf931d3db4685ec659b7ac68e2a578219da4aae65427886e649b06b";

    fn by_cosign() -> Signature {
        Signature { payload: PAYLOAD.trim_end().to_owned(), signature: SIGNATURE.to_owned() }
    }

    fn own() -> SigningKey {
        SigningKey::parse(include_str!("fixtures/openssl.key"), None).unwrap()
    }

    #[test]
    fn a_signature_of_cosigns_is_verified() {
        let (key, manifest) = (PublicKey::parse(KEY).unwrap(), MANIFEST.parse().unwrap());
        assert!(by_cosign().is_by(&key, &manifest));
        assert!(!by_cosign().is_by(&key, &Digest::of(b"another")), "it is over one manifest only");
        assert!(!by_cosign().is_by(&own().public(), &manifest), "it is made with one key only");
        let changed = Signature { payload: PAYLOAD.trim_end().replace("busybox", "busyb0x"), ..by_cosign() };
        assert!(!changed.is_by(&key, &manifest), "it is over every byte");
    }

    #[test]
    fn our_statement_has_the_very_form_of_cosigns() {
        let ours = Signature::new(&own(), "registry-testing.svc.lan/busybox", &MANIFEST.parse().unwrap());
        assert_eq!(ours.payload, PAYLOAD.trim_end());
        assert!(ours.is_by(&own().public(), &MANIFEST.parse().unwrap()));
    }

    #[test]
    fn a_good_signature_over_something_else_signs_nothing() {
        let (key, digest) = (own(), Digest::of(b"manifest"));
        let good = Signature::new(&key, "a.example/b", &digest);
        for payload in [
            good.payload.replace(TYPE, "something else"),
            digest.to_string(),
            "{}".to_owned(),
            json!({"critical": {"type": TYPE, "image": {"docker-manifest-digest": [digest]}}}).to_string(),
        ] {
            let signature = Signature { signature: key.sign(payload.as_bytes()), payload };
            assert!(!signature.is_by(&key.public(), &digest), "{}", signature.payload);
        }
    }

    #[test]
    fn the_signer_is_the_one_whose_key_fits() {
        let signer = |name: &str, key| Signer { name: name.to_owned(), key };
        let signers = [signer("cosign", PublicKey::parse(KEY).unwrap()), signer("us", own().public())];
        let digest = Digest::of(b"manifest");
        let found = |signatures: &[Signature]| Signer::of(&signers, signatures, &digest).map(|signer| signer.name.clone());
        assert_eq!(found(&[by_cosign(), Signature::new(&own(), "a.example/b", &digest)]), Some("us".to_owned()));
        assert_eq!((found(&[by_cosign()]), found(&[])), (None, None));
    }
}
