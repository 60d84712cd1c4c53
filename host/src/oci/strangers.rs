//! Whatever a registry, a lock file or a key file holds, reading it ends with an answer.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::artifact::{Layout, Packed, check_config};
use super::keys::{PublicKey, SigningKey};
use super::{Reference, Signature, token};
use crate::digest::Digest;
use crate::installed::Lock;

fn read_all(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let digest = Digest::of(b"");
    let _ = Layout::parse("x", bytes);
    let _ = check_config("x", bytes, &digest);
    let _ = token::token(bytes);
    let _ = text.parse::<Reference>();
    let _ = Lock::parse(&text);
    let _ = SigningKey::parse(&text, Some(b""));
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let _ = token::challenge(&HeaderMap::from_iter([(WWW_AUTHENTICATE, value)]));
    }
    if let Ok(key) = PublicKey::parse(include_str!("fixtures/openssl.pub")) {
        let signature = Signature { payload: text.clone().into_owned(), signature: text.into_owned() };
        assert!(!signature.is_by(&key, &digest));
    }
}

/// Good texts of every kind, to be spoilt.
fn good() -> Vec<Vec<u8>> {
    let outside = patchboard_pack::Outside::default();
    let packed = Packed::new(bytes::Bytes::from_static(b"component"), &outside, "acme", "1.2.0", "1970-01-01T00:00:00Z");
    vec![
        packed.manifest.to_vec(),
        packed.config.to_vec(),
        br#"Bearer realm="https://auth.example/token",service="r",scope="a\"b""#.to_vec(),
        br#"{"token":"a","expires_in":1}"#.to_vec(),
        b"oci://ghcr.io:443/acme/crm:1.2.0@sha256:00".to_vec(),
        b"version = 1\n[[plugin]]\nname = \"acme\"\nversion = \"1.0.0\"\n".to_vec(),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn good_texts_that_were_spoilt_are_read_to_an_answer(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let all = good();
        let mut text = which.get(&all).clone();
        let place = at.index(text.len());
        text[place] = byte;
        if cut {
            text.truncate(place);
        }
        read_all(&text);
    }
}
