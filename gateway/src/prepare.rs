//! From a native request to the bytes that leave: URL, headers, body, credential.

use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::access::{Access, Proof, expose};
use crate::contract::{Content, NativeRequest, Pair, PluginFailure};
use crate::manifest::{Call, Effect};
use crate::upstream::Outbound;

/// What a query keeps unencoded: unreserved characters, and those that providers' own
/// examples write plain (`$select=a,b`).
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'$').remove(b',').remove(b':').remove(b'/');

const AGENT: HeaderValue = HeaderValue::from_static(concat!("patchboard/", env!("CARGO_PKG_VERSION")));
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Builds the request. `headers` are the plugin's, already checked.
pub(crate) fn outbound(
    request: &NativeRequest,
    call: &Call,
    mut headers: HeaderMap,
    access: &Access,
    deadline: Instant,
) -> Result<Outbound, PluginFailure> {
    let broken = |what: &str| PluginFailure::Contract(format!("call {:?}: {what}", call.name));
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| broken("the method is none"))?;
    let (body, media) = body(&request.content).map_err(|why| broken(&why))?;
    if let Some(media) = media {
        headers.entry(CONTENT_TYPE).or_insert(media);
    }
    headers.entry(ACCEPT).or_insert(JSON);
    headers.insert(USER_AGENT, AGENT);
    prove(access, &mut headers);
    let pairs: Vec<(&str, &str)> = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let url = url(access, &request.path, &query(&pairs)).ok_or_else(|| broken("its path leaves the base URL"))?;
    Ok(Outbound { method, url, headers, body, reach: access.base.reach, deadline, repeatable: call.effect != Effect::Write })
}

/// Adds the credential, where a header carries it.
pub(crate) fn prove(access: &Access, headers: &mut HeaderMap) {
    if let Proof::Header(name, value) = &access.proof {
        headers.insert(name.clone(), value.clone());
    }
}

fn query(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The URL of a request that is forwarded as it was written.
pub(crate) fn forward_url(access: &Access, path: &str, query: &str) -> Option<Url> {
    url(access, path, query)
}

/// Puts a path below the base URL and compares what came of it: whatever a path looks like,
/// it cannot lead out of the base URL. Adds the credential, where the query carries it.
fn url(access: &Access, path: &str, query: &str) -> Option<Url> {
    let base = &access.base.url;
    let whole = format!("{}{path}", base.path().trim_end_matches('/'));
    let mut url = base.clone();
    url.set_path(&whole);
    // Dots, backslashes, question marks: what is read in another way than it was written.
    if url.path() != whole && !(whole.is_empty() && url.path() == "/") {
        return None;
    }
    let proof = match &access.proof {
        Proof::Header(..) => None,
        Proof::Query(name, secret) => Some(self::query(&[(name, expose(secret))])),
    };
    match (query, proof) {
        ("", None) => {}
        (query, None) => url.set_query(Some(query)),
        ("", Some(proof)) => url.set_query(Some(&proof)),
        (query, Some(proof)) => url.set_query(Some(&format!("{query}&{proof}"))),
    }
    Some(url)
}

fn body(content: &Content) -> Result<(Bytes, Option<HeaderValue>), String> {
    match content {
        Content::Empty => Ok((Bytes::new(), None)),
        Content::Json(value) => Ok((value.to_string().into(), Some(JSON))),
        Content::Form(fields) => {
            let text = serde_urlencoded::to_string(fields).map_err(|e| e.to_string())?;
            Ok((text.into(), Some(FORM)))
        }
        Content::Raw(media, bytes) => {
            let media = HeaderValue::from_str(media).map_err(|_| format!("{media:?} is no media type"))?;
            Ok((bytes.clone().into(), Some(media)))
        }
    }
}

/// The URL as it may be shown, with the credential redacted.
pub(crate) fn shown_url(outbound: &Outbound, access: &Access, query: &[Pair]) -> String {
    match &access.proof {
        Proof::Header(..) => outbound.url.to_string(),
        Proof::Query(name, _) => {
            let mut plain = outbound.url.clone();
            plain.set_query(None);
            let shown = |(name, value): (&str, &str)| format!("{}={value}", utf8_percent_encode(name, QUERY));
            let pairs = query.iter().map(|(n, v)| shown((n, &utf8_percent_encode(v, QUERY).to_string())));
            let all: Vec<String> = pairs.chain([shown((name, crate::redact::REDACTED))]).collect();
            format!("{plain}?{}", all.join("&"))
        }
    }
}
