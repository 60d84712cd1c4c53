//! A native exchange as a plugin wants it, against what it declared. A plugin's output
//! is a stranger's input: nothing of it leaves before it has passed here.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use crate::contract::{Content, Exchange, Pair, PluginFailure};
use crate::limits::Limits;
use crate::manifest::{Call, ContentKind, OperationSpec};

/// Headers that carry credentials, name the host or frame the message.
const RESERVED: [HeaderName; 15] = [
    ACCEPT_ENCODING,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    COOKIE,
    EXPECT,
    FORWARDED,
    HOST,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];
const RESERVED_NAMES: [&str; 5] = ["keep-alive", "proxy-connection", "traceparent", "tracestate", "x-forwarded-for"];

/// The declared call that an exchange makes, and its headers.
pub(crate) fn fit<'m>(
    exchange: &Exchange,
    spec: &'m OperationSpec,
    settings: &[Pair],
    proof: Option<&HeaderName>,
    limits: &Limits,
) -> Result<(&'m Call, HeaderMap), PluginFailure> {
    let request = &exchange.request;
    if exchange.state.len() > limits.state {
        return Err(PluginFailure::OverLimit(format!("state of {} bytes", exchange.state.len())));
    }
    if request.headers.len() + request.query.len() > limits.pairs {
        return Err(PluginFailure::OverLimit(format!("more than {} headers and query parameters", limits.pairs)));
    }
    if head(exchange) > limits.head {
        return Err(PluginFailure::OverLimit(format!("a path, query and headers of more than {} bytes", limits.head)));
    }
    let broken = |what: String| PluginFailure::Contract(format!("call {:?}: {what}", exchange.call));
    let call = spec.calls.iter().find(|call| call.name == exchange.call && call.when.holds(settings));
    let call = call.ok_or_else(|| broken("is not declared for this operation".to_owned()))?;
    if request.method != call.method {
        return Err(broken(format!("method {:?} where {} is declared", request.method, call.method)));
    }
    path(&request.path).map_err(|why| broken(format!("path {:?} {why}", request.path)))?;
    if !call.path.matches(&request.path, settings) {
        return Err(broken(format!("path {:?} where {} is declared", request.path, call.path.as_str())));
    }
    content(&request.content, call).map_err(&broken)?;
    let headers = headers(&request.headers, proof).map_err(broken)?;
    Ok((call, headers))
}

/// Bytes of everything but the body, and of what an error would repeat.
fn head(exchange: &Exchange) -> usize {
    let request = &exchange.request;
    let media = match &request.content {
        Content::Raw(media, _) => media.len(),
        _ => 0,
    };
    let texts = [exchange.call.len(), request.method.len(), request.path.len(), media];
    let pairs = request.headers.iter().chain(&request.query).map(|(name, value)| name.len() + value.len());
    texts.into_iter().chain(pairs).fold(0, usize::saturating_add)
}

/// A relative, encoded path that stays below the base URL.
fn path(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Ok(());
    }
    if !path.starts_with('/') || path.starts_with("//") {
        return Err("is not relative to the base URL");
    }
    let pchar = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:@".contains(c);
    if !path.chars().all(pchar) {
        return Err("is not percent-encoded");
    }
    if path.split('/').any(is_dots) {
        return Err("has a dot segment");
    }
    Ok(())
}

/// Whether a segment, once decoded, is `.` or `..`.
pub(crate) fn is_dots(segment: &str) -> bool {
    segment.starts_with(['.', '%']) && matches!(&*percent_decode_str(segment).collect::<Vec<u8>>(), b"." | b"..")
}

fn content(content: &Content, call: &Call) -> Result<(), String> {
    let kind = match content {
        Content::Empty => ContentKind::Empty,
        Content::Json(_) => ContentKind::Json,
        Content::Form(_) => ContentKind::Form,
        Content::Raw(media, _) if HeaderValue::from_str(media).is_err() => return Err(format!("{media:?} is no media type")),
        Content::Raw(..) => ContentKind::Raw,
    };
    if call.content.is_some_and(|declared| declared != kind) {
        return Err(format!("content {kind:?} where {:?} is declared", call.content));
    }
    for (pointer, value) in &call.fixed {
        let found = match content {
            Content::Json(json) => json.pointer(pointer),
            _ => None,
        };
        if found != Some(value) {
            return Err(format!("the body's {pointer} is not {value}"));
        }
    }
    Ok(())
}

fn headers(given: &[Pair], proof: Option<&HeaderName>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("{name:?} is no header"))?;
        if RESERVED.contains(&header) || RESERVED_NAMES.contains(&header.as_str()) || proof == Some(&header) {
            return Err(format!("the header {header} is the gateway's"));
        }
        let value =
            HeaderValue::from_str(value).map_err(|_| format!("the value of the header {header} holds characters that it may not"))?;
        headers.append(header, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_base_url() {
        for good in ["", "/spaces/MQAAAAEQ_HoD", "/a/%2E%2E%2Fb", "/a/...", "/a/%2Fb@c", "/a//b"] {
            assert_eq!(path(good), Ok(()), "{good}");
        }
        for bad in [
            "https://evil.example/",
            "//evil.example/a",
            "a",
            "/a/../b",
            "/a/%2e%2E/b",
            "/.",
            "/a\\b",
            "/a?b",
            "/a#b",
            "/a b",
            "/é",
            "/a\r\nb",
        ] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reserved_and_broken_headers_are_refused() {
        let one = |name: &str, value: &str| headers(&[(name.to_owned(), value.to_owned())], Some(&HeaderName::from_static("x-api-key")));
        assert!(one("If-Match", "W/\"a\"").is_ok());
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("cookie", "a"),
            ("HOST", "evil"),
            ("Transfer-Encoding", "chunked"),
            ("X-API-Key", "x"),
            ("bad name", "x"),
            ("x-a", "a\r\nb: c"),
            ("content-length", "0"),
            ("", "x"),
        ] {
            assert!(one(name, value).is_err(), "{name}");
        }
    }
}
