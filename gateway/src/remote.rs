//! A failure that began at the provider, as a problem: the provider's status, headers
//! and body reach the caller whole.

use bytes::Bytes;
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::contract::{NativeResponse, Pair, Rejection};
use crate::problem::{Code, Problem, Remote};
use crate::redact::Redactor;
use crate::upstream::UpstreamError;

/// Headers of one connection: they say nothing of the answer, and a home may not see them.
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

/// The head of an answer as anybody but the gateway may see it.
pub(crate) fn headers(headers: &HeaderMap, redactor: &Redactor) -> Vec<Pair> {
    let text = |value: &HeaderValue| redactor.text(String::from_utf8_lossy(value.as_bytes()).into_owned());
    let shown = |name: &HeaderName| *name != SET_COOKIE && !OF_THE_CONNECTION.contains(&name.as_str());
    let mut pairs: Vec<Pair> =
        headers.iter().filter(|(name, _)| shown(name)).map(|(name, value)| (name.to_string(), text(value))).collect();
    // Homes receive them in different orders; those of one name stay in theirs.
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs
}

/// The provider's answer as a member of a problem.
pub(crate) fn remote(provider: &str, response: &NativeResponse) -> Remote {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &response.headers {
        match headers.get_mut(name) {
            Some(Value::String(joined)) => *joined = format!("{joined}, {value}"),
            _ => {
                headers.insert(name.clone(), Value::String(value.clone()));
            }
        }
    }
    let body =
        serde_json::from_slice(&response.body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&response.body).into_owned()));
    Remote { provider: provider.to_owned(), status: response.status, headers, body }
}

fn with_remote(problem: Problem, provider: &str, response: &NativeResponse) -> Problem {
    let retry_after = response.headers.iter().find(|(name, value)| name == RETRY_AFTER.as_str() && is_time(value));
    let retry_after = retry_after.map(|(_, value)| value.clone());
    let mut problem = problem;
    if let Some(retry_after) = retry_after {
        problem = problem.with_retry_after(&retry_after);
    }
    problem.remote = Some(Box::new(remote(provider, response)));
    problem
}

/// What `Retry-After` may say: seconds or a date. Clients fail over anything else.
fn is_time(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) || httpdate::parse_http_date(value).is_ok()
}

/// The provider said no.
pub(crate) fn rejected(provider: &str, response: &NativeResponse, rejection: Rejection) -> Problem {
    let status = match response.status {
        answered @ 400.. => answered,
        _ => rejection.status.filter(|status| (400..600).contains(status)).unwrap_or_else(|| rejection.class.status()),
    };
    let message = rejection.message.trim();
    let detail = if message.is_empty() { format!("the provider answered with status {}", response.status) } else { message.to_owned() };
    with_remote(Problem::new(Code::ProviderRejected, detail).with_status(status).with_errors(rejection.fields), provider, response)
}

/// An error of the provider's whose body no plugin can read.
pub(crate) fn unreadable_error(provider: &str, response: &NativeResponse, why: &str) -> Problem {
    let detail = format!("the provider answered with status {} and a body that cannot be read: {why}", response.status);
    with_remote(Problem::new(Code::ProviderRejected, detail).with_status(response.status), provider, response)
}

/// A success of the provider's that cannot be read.
pub(crate) fn unreadable(provider: &str, response: &NativeResponse, why: &str) -> Problem {
    let problem = Problem::new(Code::ProviderUnreadable, format!("the provider's answer cannot be read: {why}"));
    with_remote(problem, provider, response)
}

/// The provider points elsewhere. It is not followed: the credential is for this host.
pub(crate) fn redirected(provider: &str, response: &NativeResponse) -> Problem {
    let location = response.headers.iter().find(|(name, _)| name == "location").map_or("", |(_, value)| value.as_str());
    let detail = format!(
        "the provider answered {} and points to {location:?}; redirects are not followed, so check the account's settings",
        response.status
    );
    with_remote(Problem::new(Code::ProviderRedirected, detail), provider, response)
}

/// There is no whole answer. `sent_write` says that a write may have been applied.
pub(crate) fn failed(error: UpstreamError, provider: &str, sent_write: bool) -> Problem {
    let doubt = if sent_write { "; whether the write was applied is not known" } else { "" };
    match error {
        UpstreamError::Timeout => Problem::new(Code::ProviderTimeout, format!("{provider} did not answer in time{doubt}")),
        UpstreamError::Unreachable(why) => Problem::new(Code::ProviderUnreachable, format!("{provider} cannot be reached: {why}{doubt}")),
        UpstreamError::NotAllowed(why) => Problem::new(Code::UpstreamNotAllowed, why),
        UpstreamError::Unreadable(why) => {
            Problem::new(Code::ProviderUnreadable, format!("the answer of {provider} cannot be read: {why}{doubt}"))
        }
    }
}

/// An answer whose body could not be received.
pub(crate) fn without_body(status: u16, headers: Vec<Pair>) -> NativeResponse {
    NativeResponse { status, headers, body: Bytes::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_seconds_nor_a_date_is_not_passed_on() {
        let retry_after = |value: &str| {
            let response = NativeResponse { status: 429, headers: vec![("retry-after".to_owned(), value.to_owned())], body: Bytes::new() };
            redirected("p", &response).headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned())
        };
        for passed in ["30", "Thu, 26 Nov 2026 19:00:00 GMT"] {
            assert_eq!(retry_after(passed).as_deref(), Some(passed));
        }
        for other in ["soon", "", "-1", "1.5"] {
            assert_eq!(retry_after(other), None, "{other}");
        }
    }

    #[test]
    fn headers_of_the_connection_and_cookies_are_not_shown_and_the_others_are_in_order() {
        let given = ["connection", "transfer-encoding", "keep-alive", "set-cookie", "x-request-id", "content-type"];
        let given = given.iter().map(|name| (HeaderName::from_static(name), HeaderValue::from_static("x"))).collect();
        let names: Vec<String> = headers(&given, &Redactor::default()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["content-type", "x-request-id"]);
    }
}
