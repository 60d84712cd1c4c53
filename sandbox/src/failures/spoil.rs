//! Real answers, spoiled on their way out.

use std::io;
use std::iter;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use super::bomb;
use crate::exchange::Answer;

const MEGABYTE: usize = 1024 * 1024;

/// An answer without a body (204) has nothing to spoil: this stands in for it.
const FILLER: &[u8] = br#"{"sandbox":"an answer without a body was to be spoiled here"}"#;

/// The answer, or one with a body when it has none.
fn with_body(mut answer: Answer) -> Answer {
    if answer.body.is_empty() {
        answer.status = StatusCode::OK;
        answer.body = Bytes::from_static(FILLER);
        let json = HeaderValue::from_static("application/json");
        answer.headers.insert(CONTENT_TYPE, json);
    }
    answer
}

/// Promises the whole length, sends half, and closes the connection.
pub(super) fn truncate(answer: Answer) -> Response<Body> {
    let answer = with_body(answer);
    let length = HeaderValue::from(answer.body.len());
    let half = answer.body.slice(..answer.body.len() / 2);
    let pieces = stream::once(async { Ok(half) }).chain(stream::once(async {
        // The half goes out while this waits its turn; the error would overtake it.
        tokio::task::yield_now().await;
        Err(io::Error::other("cut on purpose"))
    }));
    let mut response = answer.response_with(Body::from_stream(pieces));
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

/// The first half as a complete response.
pub(super) fn truncated_json(answer: Answer) -> Answer {
    let mut answer = with_body(answer);
    answer.body = answer.body.slice(..answer.body.len() / 2);
    answer
}

/// What stands before and behind a text that is put in front of the members of an object or the items of an array.
fn around(body: &Bytes, name: &str) -> (String, &'static str) {
    match body.get(..2) {
        Some(b"[]") => ("[\"".to_owned(), "\""),
        Some([b'[', _]) => ("[\"".to_owned(), "\","),
        // `{}` has no member that a comma could come before; no answer here is one.
        _ => (format!("{{\"{name}\":\""), "\","),
    }
}

/// A first member whose value is not UTF-8.
pub(super) fn invalid_utf8(answer: Answer) -> Answer {
    let mut answer = with_body(answer);
    let (before, between) = around(&answer.body, "sandbox");
    let mut body = before.into_bytes();
    body.extend(b"caf");
    // Latin-1, a byte that UTF-8 never has, and the beginning of a longer character.
    body.extend([0xe9, b' ', 0xff, b' ', 0xc3]);
    body.extend(between.as_bytes());
    body.extend(answer.body.iter().skip(1));
    answer.body = body.into();
    answer
}

/// Small chunks with pauses between them.
pub(super) fn slowly(answer: Answer, chunk: usize, pause: Duration) -> Response<Body> {
    let length = HeaderValue::from(answer.body.len());
    let drips = stream::unfold(answer.body.clone(), move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        let drip = rest.split_to(chunk.min(rest.len()));
        tokio::time::sleep(pause).await;
        Some((Ok::<_, io::Error>(drip), rest))
    });
    let mut response = answer.response_with(Body::from_stream(drips));
    if response.status() != StatusCode::NO_CONTENT {
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    response
}

/// The same JSON with a first member of that many megabytes.
pub(super) fn large(answer: Answer, megabytes: u32) -> Response<Body> {
    let answer = with_body(answer);
    let (before, between) = around(&answer.body, "padding");
    let (before, between) = (Bytes::from(before), Bytes::from_static(between.as_bytes()));
    let rest = answer.body.slice(1.min(answer.body.len())..);
    let filling = Bytes::from(vec![b'x'; MEGABYTE]);
    let length = u64::from(megabytes) * MEGABYTE as u64 + (before.len() + between.len() + rest.len()) as u64;
    let pieces = iter::once(before).chain((0..megabytes).map(move |_| filling.clone())).chain([between, rest]);
    let mut response = answer.response_with(Body::from_stream(sent(pieces)));
    let length = HeaderValue::from(length);
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

/// A small compressed body that inflates to a huge one.
pub(super) fn gzip_bomb(megabytes: u32) -> Response<Body> {
    let mut response = Response::new(Body::from_stream(sent(bomb::pieces(megabytes))));
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(CONTENT_TYPE, json);
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let length = HeaderValue::from(bomb::length(megabytes));
    headers.insert(CONTENT_LENGTH, length);
    response
}

fn sent(pieces: impl Iterator<Item = Bytes>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::iter(pieces.map(Ok))
}
