//! A provider's body out of its content encoding, piece by piece: gzip, as on the native
//! host, which asks for no other.

use std::io::Write as _;

use flate2::write::MultiGzDecoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, RANGE};
use http::{HeaderMap, HeaderValue};
use patchboard_gateway::upstream::UpstreamError;

/// Asks for gzip, where the plugin has not asked for something else.
pub fn ask(headers: &mut HeaderMap) {
    if !headers.contains_key(RANGE) {
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
    }
}

/// Decodes a body.
pub struct Decoder(Option<Gzip>);

struct Gzip {
    inner: MultiGzDecoder<Vec<u8>>,
    /// A body of no bytes is nothing that was encoded.
    begun: bool,
}

impl Decoder {
    /// For an answer with these headers; those that no longer hold are removed.
    #[must_use]
    pub fn of(headers: &mut HeaderMap) -> Self {
        let encoded = headers.get_all(CONTENT_ENCODING).iter().any(|value| value == "gzip");
        let empty = headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0");
        if !encoded || empty {
            return Self(None);
        }
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Self(Some(Gzip { inner: MultiGzDecoder::new(Vec::new()), begun: false }))
    }

    /// The bytes that a piece gives.
    ///
    /// # Errors
    /// [`UpstreamError::Unreadable`].
    pub fn push(&mut self, piece: Vec<u8>) -> Result<Vec<u8>, UpstreamError> {
        let Some(gzip) = &mut self.0 else { return Ok(piece) };
        gzip.begun = true;
        gzip.inner.write_all(&piece).map_err(|_| UpstreamError::broke_off())?;
        Ok(std::mem::take(gzip.inner.get_mut()))
    }

    /// The bytes that are left at the end.
    ///
    /// # Errors
    /// [`UpstreamError::Unreadable`] for a body that was cut off.
    pub fn finish(&mut self) -> Result<Vec<u8>, UpstreamError> {
        match self.0.take() {
            Some(gzip) if gzip.begun => gzip.inner.finish().map_err(|_| UpstreamError::broke_off()),
            _ => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn encoded(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn headers(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(encoding)), (CONTENT_LENGTH, HeaderValue::from(7))])
    }

    fn decode(bytes: &[u8], piece: usize) -> Result<Vec<u8>, UpstreamError> {
        let mut decoder = Decoder::of(&mut headers("gzip"));
        let mut whole = Vec::new();
        for piece in bytes.chunks(piece) {
            whole.extend(decoder.push(piece.to_vec())?);
        }
        whole.extend(decoder.finish()?);
        Ok(whole)
    }

    #[test]
    fn a_body_is_decoded_in_pieces_of_any_size() {
        let text = "a workspace ".repeat(1000).into_bytes();
        let bytes = encoded(&text);
        for piece in [1, 7, 10_000] {
            assert_eq!(decode(&bytes, piece).unwrap(), text);
        }
        assert_eq!(decode(&[&bytes[..], &bytes].concat(), 50).unwrap(), text.repeat(2));
        assert_eq!(decode(&[], 1).unwrap(), b"");
    }

    #[test]
    fn a_body_that_is_cut_off_or_no_gzip_is_unreadable() {
        let bytes = encoded(&b"a workspace ".repeat(1000));
        assert!(decode(&bytes[..bytes.len() - 4], 64).is_err());
        assert!(decode(b"{\"id\":1}", 64).is_err());
    }

    #[test]
    fn what_is_not_gzip_is_left_as_it_is() {
        let mut given = headers("br");
        let mut decoder = Decoder::of(&mut given);
        assert_eq!(decoder.push(b"x".to_vec()).unwrap(), b"x");
        assert_eq!(given.len(), 2);
        let mut given = headers("gzip");
        let _ = Decoder::of(&mut given);
        assert!(given.is_empty());
    }

    #[test]
    fn gzip_is_asked_for_unless_the_plugin_asks() {
        let mut given = HeaderMap::new();
        ask(&mut given);
        assert_eq!(given[ACCEPT_ENCODING], "gzip");
        let mut given = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        ask(&mut given);
        assert_eq!(given[ACCEPT_ENCODING], "identity");
    }
}
