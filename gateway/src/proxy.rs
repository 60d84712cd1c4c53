//! `/proxy/{path}`: the provider's own API with the account's credential and nothing
//! mapped. What is ours is taken out of the request; everything else is forwarded as it
//! was written.

use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;

use crate::access::Access;
use crate::fit::is_dots;
use crate::manifest::Manifest;
use crate::problem::{Code, Phase, Problem};
use crate::upstream::{Outbound, UpstreamError};
use crate::{prepare, query, quota, remote};

/// Behind this the provider's path begins.
pub const PREFIX: &str = "/proxy";
const ACCOUNT: &str = "integrated_account_id";
const OURS: &str = "truto_";

/// Headers of one connection, and those that are not the caller's to set.
const NOT_FORWARDED: [HeaderName; 12] = [
    AUTHORIZATION,
    CONNECTION,
    COOKIE,
    EXPECT,
    FORWARDED,
    HOST,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
const NOT_FORWARDED_NAMES: [&str; 6] =
    ["keep-alive", "proxy-connection", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"];

/// A request to be forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The integrated account to use.
    pub account_id: String,
    /// Below the account's base URL, as it was written.
    pub path: String,
    /// As it was written, without what is ours.
    pub query: String,
}

/// Reads path and query of a proxy request.
///
/// # Errors
/// 400 for a path that leaves the base URL, or a missing account.
pub fn parse(path: &str, query: &str) -> Result<Forward, Problem> {
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    below(path).map_err(|why| Problem::new(Code::InvalidId, format!("the path {why}")))?;
    let mut account_id = None;
    let mut forwarded = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let name = part.split_once('=').map_or(part, |(name, _)| name);
        let name = percent_decode_str(name).decode_utf8_lossy();
        match name.strip_prefix(OURS).unwrap_or(&name) {
            ACCOUNT => {
                let given: String = query::parse(part)?.into_iter().map(|entry| entry.value).collect();
                if account_id.replace(given.clone()).is_some_and(|before: String| before != given) {
                    let why = "is given twice, with different values";
                    return Err(Problem::new(Code::InvalidParameter, format!("{ACCOUNT} {why}")).with_error(format!("?{ACCOUNT}"), why));
                }
            }
            _ if name.starts_with(OURS) => {}
            _ => forwarded.push(part),
        }
    }
    let account_id = account_id.filter(|id| !id.is_empty()).ok_or_else(|| {
        Problem::new(Code::InvalidParameter, format!("{ACCOUNT} is required: which connected account to use"))
            .with_error(format!("?{ACCOUNT}"), "is required")
    })?;
    Ok(Forward { account_id, path: path.to_owned(), query: forwarded.join("&") })
}

fn below(path: &str) -> Result<(), &'static str> {
    if path.split('/').any(is_dots) {
        return Err("has a dot segment");
    }
    if path.contains('\\') || path.starts_with("//") {
        return Err("does not stay below the account's base URL");
    }
    Ok(())
}

impl Forward {
    /// The request that leaves; its body is the home's to stream.
    ///
    /// # Errors
    /// 400 for a path that leaves the base URL.
    pub fn outbound(&self, method: &Method, headers: &HeaderMap, access: &Access, deadline: Instant) -> Result<Outbound, Problem> {
        let url = prepare::forward_url(access, &self.path, &self.query);
        let url =
            url.ok_or_else(|| Problem::new(Code::InvalidId, "the path does not stay below the account's base URL").at(Phase::Authorise))?;
        let mut headers = request_headers(headers);
        // What it means to say nothing (RFC 9110, 12.5.1); some servers want to be told.
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        prepare::prove(access, &mut headers);
        Ok(Outbound { method: method.clone(), url, headers, body: Bytes::new(), reach: access.base.reach, deadline, repeatable: false })
    }
}

/// The headers of a request that go on: not those of its connection, nor those that are not
/// the caller's to set, the caller's token among them.
#[must_use]
pub fn request_headers(given: &HeaderMap) -> HeaderMap {
    let named = connection_headers(given);
    let forwarded = given.iter().filter(|(name, _)| {
        !NOT_FORWARDED.contains(name) && !NOT_FORWARDED_NAMES.contains(&name.as_str()) && !named.iter().any(|n| n == name.as_str())
    });
    forwarded.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The headers that `Connection` says belong to the connection.
fn connection_headers(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// The headers of an answer as the caller gets them: those of the connection are left
/// out, cookies are the gateway's own affair, and the credential is redacted.
#[must_use]
pub fn answer_headers(answered: &HeaderMap, manifest: &Manifest, access: &Access) -> HeaderMap {
    let named = connection_headers(answered);
    let mut headers = HeaderMap::new();
    for (name, value) in answered {
        let ours = *name == CONNECTION || *name == TRANSFER_ENCODING || *name == TRAILER || *name == UPGRADE || *name == SET_COOKIE;
        if ours || name.as_str() == "keep-alive" || named.iter().any(|n| n == name.as_str()) {
            continue;
        }
        let text = value.to_str().ok().map(|text| access.redactor.text(text.to_owned()));
        let value = text.and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or_else(|| value.clone());
        headers.append(name.clone(), value);
    }
    quota::copy(answered, manifest.quota.as_ref(), SystemTime::now(), &mut headers);
    headers
}

/// There is no answer.
#[must_use]
pub fn failed(error: UpstreamError, provider: &str) -> Problem {
    remote::failed(error, provider, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_is_taken_out_and_the_rest_is_left_as_written() {
        let forward = parse("/proxy/spaces/a%2Fb", "truto_x=1&a[]=1&integrated_account_id=acc&b=%20+c&dry_run=true").unwrap();
        assert_eq!(
            (forward.account_id.as_str(), forward.path.as_str(), forward.query.as_str()),
            ("acc", "/spaces/a%2Fb", "a[]=1&b=%20+c&dry_run=true")
        );
    }

    #[test]
    fn a_path_cannot_leave_and_the_account_is_required() {
        for path in ["/proxy/../x", "/proxy/a/%2e%2E/b", "/proxy//evil.example", "/proxy/a\\b"] {
            assert_eq!(parse(path, "integrated_account_id=a").unwrap_err().status, 400, "{path}");
        }
        assert_eq!(parse("/proxy/x", "").unwrap_err().code, Code::InvalidParameter);
    }

    #[test]
    fn two_accounts_are_a_contradiction_and_one_given_twice_is_not() {
        assert_eq!(parse("/proxy/x", "truto_integrated_account_id=a&integrated_account_id=a").unwrap().account_id, "a");
        for query in ["integrated_account_id=a&integrated_account_id=b", "integrated_account_id=a&truto_integrated_account_id=b"] {
            assert_eq!(parse("/proxy/x", query).unwrap_err().code, Code::InvalidParameter, "{query}");
        }
    }

    #[test]
    fn headers_of_the_connection_and_of_the_caller_are_not_forwarded() {
        let given = [
            ("authorization", "Bearer ours"),
            ("cookie", "a"),
            ("connection", "x-hop, keep-alive"),
            ("x-hop", "1"),
            ("accept", "a/b"),
            ("if-match", "x"),
        ];
        let given = given.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
        let names: Vec<String> = request_headers(&given).keys().map(ToString::to_string).collect();
        assert_eq!(names, ["accept", "if-match"]);
    }
}
