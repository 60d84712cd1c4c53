//! A failure that began at the provider, as a problem: the provider's status, headers
//! and body reach the caller whole.

use bytes::Bytes;
use http::header::{CONNECTION, PROXY_AUTHENTICATE, RETRY_AFTER, SET_COOKIE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::contract::{NativeResponse, Pair, Rejection};
use crate::problem::{Code, Problem, Remote};
use crate::redact::Redactor;
use crate::upstream::UpstreamError;

/// What is said of one connection, and a home may not see at all.
const OF_THE_CONNECTION: [HeaderName; 4] = [CONNECTION, PROXY_AUTHENTICATE, TRANSFER_ENCODING, UPGRADE];
const OF_THE_CONNECTION_NAMES: [&str; 2] = ["keep-alive", "proxy-connection"];

/// The head of an answer as anybody but the gateway may see it: by name, so that it reads
/// the same in every home, and without what was said of the connection.
pub(crate) fn headers(headers: &HeaderMap, redactor: &Redactor) -> Vec<Pair> {
    let text = |value: &HeaderValue| redactor.text(String::from_utf8_lossy(value.as_bytes()).into_owned());
    let shown = |name: &HeaderName| {
        *name != SET_COOKIE && !OF_THE_CONNECTION.contains(name) && !OF_THE_CONNECTION_NAMES.contains(&name.as_str())
    };
    let mut seen: Vec<Pair> =
        headers.iter().filter(|(name, _)| shown(name)).map(|(name, value)| (name.to_string(), text(value))).collect();
    // Values of one name stay in their order.
    seen.sort_by(|(one, _), (other, _)| one.cmp(other));
    seen
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
    let retry_after = response.headers.iter().find(|(name, _)| name == RETRY_AFTER.as_str()).map(|(_, value)| value.clone());
    let mut problem = problem;
    if let Some(retry_after) = retry_after {
        problem = problem.with_retry_after(&retry_after);
    }
    problem.remote = Some(Box::new(remote(provider, response)));
    problem
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
    fn a_head_is_shown_by_name_without_cookies_and_what_the_connection_says() {
        let names = ["x-b", "connection", "set-cookie", "content-type", "keep-alive", "transfer-encoding", "x-a", "x-b"];
        let mut given = HeaderMap::new();
        for (nth, name) in names.into_iter().enumerate() {
            given.append(name, HeaderValue::from(nth));
        }
        let shown = headers(&given, &Redactor::default());
        let shown: Vec<(&str, &str)> = shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("content-type", "3"), ("x-a", "6"), ("x-b", "0"), ("x-b", "7")]);
    }
}
