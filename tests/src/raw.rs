//! HTTP by hand, for what a client library would mend.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::reply::Reply;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that gives up after a while.
#[must_use]
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}

/// Sends bytes and reads until the other side closes; the bytes should ask for that.
#[must_use]
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = connect(address);
    stream.write_all(bytes).expect("to send");
    read(&mut stream)
}

/// Reads an answer until the other side closes.
#[must_use]
pub fn read(stream: &mut TcpStream) -> Reply {
    try_read(stream).expect("an answer")
}

/// The same where there may be none before the other side closes.
#[must_use]
pub fn try_read(stream: &mut TcpStream) -> Option<Reply> {
    let mut bytes = Vec::new();
    // An answer can be followed by a reset when the request was not read to its end.
    let _ = stream.read_to_end(&mut bytes);
    (!bytes.is_empty()).then(|| parse(&bytes))
}

/// A request line, headers and a body, without anything added but `host`, the length of
/// a body, and the wish to close.
#[must_use]
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    if !body.is_empty() {
        bytes.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

/// The same with a body in two chunks, whose length is not said before.
#[must_use]
pub fn chunked(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let all: Vec<(&str, &str)> = headers.iter().copied().chain([("transfer-encoding", "chunked")]).collect();
    let mut bytes = request(method, target, &all, b"");
    let (first, second) = body.split_at(body.len() / 2);
    for chunk in [first, second].into_iter().filter(|chunk| !chunk.is_empty()) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

fn parse(bytes: &[u8]) -> Reply {
    let end =
        bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {:?}", String::from_utf8_lossy(bytes)));
    let (head, body) = (String::from_utf8_lossy(&bytes[..end]).into_owned(), &bytes[end + 4..]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status");
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.append(name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value.trim()).expect("a value"));
    }
    let in_chunks = headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked");
    Reply { status, headers, body: if in_chunks { unchunk(body) } else { body.to_vec() } }
}

/// A chunked body without its framing; where it breaks off, as far as it goes and a mark.
pub(crate) fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let chunk = |rest: &[u8]| {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        (rest.len() >= line + 2 + length).then_some((line + 2, length))
    };
    loop {
        match chunk(rest) {
            Some((_, 0)) => return body,
            Some((start, length)) => {
                body.extend(&rest[start..start + length]);
                rest = rest.get(start + length + 2..).unwrap_or_default();
            }
            None => {
                body.extend(b"[broken off]");
                return body;
            }
        }
    }
}
