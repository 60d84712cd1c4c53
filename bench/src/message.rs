//! HTTP/1.1 by hand: as much of it as the load needs, because whatever the load costs is
//! taken from the server that it measures.

use anyhow::{Context as _, bail};

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// Bytes of the head, the empty line included.
    pub length: usize,
    /// Bytes of the body.
    pub body: usize,
}

/// Reads the head of an answer; none while it is not there whole.
pub fn head(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("no answer begins with {first:?}"))?;
    let length = lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let Some((_, body)) = length else { bail!("an answer without content-length: {text}") };
    Ok(Some(Head { status, length: end + 4, body: body.trim().parse().context("content-length is no number")? }))
}

/// Writes a request whole.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = b"HTTP/1.1 404 Not Found\r\nDate: x\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(head(&text[..40]).unwrap(), None);
        assert_eq!(head(text).unwrap(), Some(Head { status: 404, length: 54, body: 2 }));
    }

    #[test]
    fn what_the_load_does_not_speak_is_an_error() {
        for text in ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "SSH\r\n\r\n"]
        {
            assert!(head(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_carries_its_length() {
        let written = String::from_utf8(request("PUT", "/a", &[("x", "y")], "body")).unwrap();
        assert_eq!(written, "PUT /a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 4\r\nx: y\r\n\r\nbody");
    }
}
