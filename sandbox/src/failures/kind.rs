use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::auth::{basic, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::world::StandIn;

/// What a 429 says about when to come back.
#[derive(Clone, Debug)]
pub(crate) enum RetryAfter {
    /// What the provider's own 429 says.
    Documented,
    Absent,
    Value(HeaderValue),
}

/// A way to fail.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    RateLimit { retry_after: RetryAfter },
    Status { status: StatusCode, body: Option<Bytes>, headers: HeaderMap },
    Hang { pause: Option<Duration> },
    Truncate,
    TruncatedJson,
    Html { status: StatusCode },
    Empty { status: StatusCode },
    GzipBomb { megabytes: u32 },
    Redirect { status: StatusCode, location: HeaderValue },
    Reset,
    SlowBody { chunk: usize, pause: Duration },
    IgnorePrefer,
    EchoAuthorization { status: StatusCode },
    InvalidUtf8,
    Large { megabytes: u32 },
}

/// Every kind with its own members, as the control index shows them.
pub(crate) const KINDS: &[(&str, &str)] = &[
    (
        "rate_limit",
        "429 in the provider's shape; retry_after: seconds or an HTTP date, null for none \
         (default: what the provider documents)",
    ),
    ("status", "status (required), body (text or JSON; default the provider's own error), content_type, headers"),
    ("hang", "no answer until the connection closes; with seconds: a pause, then the usual answer"),
    ("truncate", "the real answer: whole content-length, half of the body, connection closed"),
    ("truncated_json", "the real answer cut in the middle, in a complete HTTP response"),
    ("html", "an HTML page; status (default 500)"),
    ("empty", "an empty body; status (default 200)"),
    ("gzip_bomb", "200 with content-encoding gzip that inflates to megabytes of zeros (default 1024)"),
    ("redirect", "location (required), status (default 302)"),
    ("reset", "the connection is reset without an answer"),
    ("slow_body", "the real answer in drips: chunk bytes (default 1) every interval_ms (default 100)"),
    ("ignore_prefer", "microsoft-planner and microsoft-365 only: the next request with a Prefer header is answered as if without"),
    (
        "echo_authorization",
        "an error whose body and headers repeat the Authorization value and the token in base64; \
         status (default 400)",
    ),
    ("invalid_utf8", "the real answer with bytes in it that are not UTF-8"),
    ("large", "the real answer, valid JSON, with megabytes of padding in it (default 64)"),
];

impl Kind {
    /// True for the kinds that spoil the real answer, so that the request takes effect in any case.
    pub(crate) fn spoils_the_real_answer(&self) -> bool {
        matches!(
            self,
            Self::Truncate | Self::TruncatedJson | Self::SlowBody { .. } | Self::IgnorePrefer | Self::InvalidUtf8 | Self::Large { .. }
        )
    }

    /// The answer, for the kinds that are one of their own instead of the real one.
    pub(crate) fn own_answer(&self, stand_in: &dyn StandIn, request: &NativeRequest) -> Option<Answer> {
        let answer = match self {
            Self::RateLimit { retry_after } => {
                let mut answer = stand_in.error(StatusCode::TOO_MANY_REQUESTS, None);
                match retry_after {
                    RetryAfter::Documented => {}
                    RetryAfter::Absent => {
                        answer.headers.remove(RETRY_AFTER);
                    }
                    RetryAfter::Value(value) => {
                        answer.headers.insert(RETRY_AFTER, value.clone());
                    }
                }
                answer
            }
            Self::Status { status, body, headers } => own_status(stand_in, *status, body.as_ref(), headers),
            Self::Html { status } => Answer::text(*status, "text/html; charset=utf-8", html(*status)),
            Self::Empty { status } => Answer::empty(*status),
            Self::Redirect { status, location } => {
                let mut answer = Answer::empty(*status);
                answer.headers.insert(LOCATION, location.clone());
                answer
            }
            Self::EchoAuthorization { status } => echo(stand_in, *status, request),
            _ => return None,
        };
        Some(answer)
    }
}

fn own_status(stand_in: &dyn StandIn, status: StatusCode, body: Option<&Bytes>, headers: &HeaderMap) -> Answer {
    let mut answer = match body {
        Some(body) => Answer::text(status, "application/json", body.clone()),
        None => stand_in.error(status, None),
    };
    for (name, value) in headers {
        answer.headers.insert(name, value.clone());
    }
    if answer.body.is_empty() {
        answer.headers.remove(CONTENT_TYPE);
    }
    answer
}

fn html(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Error");
    format!(
        "<!DOCTYPE html>\n<html><head><title>{status}</title></head>\n\
         <body><center><h1>{reason}</h1></center><hr><center>nginx</center></body></html>\n"
    )
}

/// What a careless provider or proxy does with a credential. Nothing of it may reach the gateway's caller.
fn echo(stand_in: &dyn StandIn, status: StatusCode, request: &NativeRequest) -> Answer {
    let value = request.header(AUTHORIZATION.as_str()).unwrap_or("(none)");
    let decoded = basic(&request.headers).map(|(username, password)| format!("{username}:{password}"));
    let token = decoded.as_deref().or_else(|| bearer(&request.headers)).unwrap_or_default();
    let plain = decoded.as_deref().unwrap_or(value);
    let token = STANDARD.encode(token);
    let message = format!("Cannot serve a request with Authorization: {value} (token {token}, for {plain})");
    let mut answer = stand_in.error(status, Some(&message)).with_header("x-echo-token-base64", &token);
    if let Some(value) = request.headers.get(AUTHORIZATION) {
        let name = HeaderName::from_static("x-echo-authorization");
        answer.headers.insert(name, value.clone());
    }
    answer
}
