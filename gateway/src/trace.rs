//! Request ids, and W3C trace context carried to the provider.

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const MAX_REQUEST_ID: usize = 128;

/// What ties a request to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The caller's id, or one of ours.
    pub request_id: String,
    trace_id: String,
    flags: String,
    state: Option<HeaderValue>,
}

impl Trace {
    /// Takes over what the caller sent, where it can be used.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let usable = |id: &&str| !id.is_empty() && id.len() <= MAX_REQUEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
        let request_id = text(&REQUEST_ID).filter(usable).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        match text(&TRACEPARENT).and_then(parse) {
            Some((trace_id, flags)) => Self { request_id, trace_id, flags, state: headers.get(TRACESTATE).cloned() },
            None => Self { request_id, trace_id: Uuid::new_v4().simple().to_string(), flags: "00".to_owned(), state: None },
        }
    }

    /// The headers that carry the trace to the provider: the same trace, a span of ours.
    #[must_use]
    pub fn outbound(&self) -> HeaderMap {
        let (span, _) = Uuid::new_v4().as_u64_pair();
        let parent = HeaderValue::from_str(&format!("00-{}-{span:016x}-{}", self.trace_id, self.flags));
        let mut headers = HeaderMap::new();
        headers.extend(parent.ok().map(|parent| (TRACEPARENT, parent)));
        headers.extend(self.state.clone().map(|state| (TRACESTATE, state)));
        headers
    }
}

/// Trace id and flags of `00-<32 hex>-<16 hex>-<2 hex>`; a trace or span of zeros is none.
fn parse(parent: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = parent.split('-').collect();
    let [version, trace_id, span, flags] = parts.get(..4)? else { return None };
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let zeros = |text: &str| text.bytes().all(|b| b == b'0');
    let valid =
        hex(version, 2) && *version != "ff" && hex(trace_id, 32) && hex(span, 16) && hex(flags, 2) && !zeros(trace_id) && !zeros(span);
    let whole = *version != "00" || parts.len() == 4;
    (valid && whole).then(|| ((*trace_id).to_owned(), (*flags).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(name: HeaderName, value: &str) -> Trace {
        Trace::of(&HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())]))
    }

    #[test]
    fn a_trace_goes_on_with_a_span_of_ours() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let outbound = trace(TRACEPARENT, parent).outbound();
        let sent = outbound[TRACEPARENT].to_str().unwrap();
        assert!(sent.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && sent.ends_with("-01"), "{sent}");
        assert_ne!(sent, parent);
    }

    #[test]
    fn what_is_no_trace_begins_a_new_one() {
        for bad in [
            "",
            "00-x-y-z",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        ] {
            let outbound = trace(TRACEPARENT, bad).outbound();
            assert!(parse(outbound[TRACEPARENT].to_str().unwrap()).is_some());
        }
    }

    #[test]
    fn a_request_id_is_taken_over_where_it_can_stand_in_a_log() {
        assert_eq!(trace(REQUEST_ID, "abc-1").request_id, "abc-1");
        assert_ne!(trace(REQUEST_ID, "a b").request_id, "a b");
        assert!(trace(REQUEST_ID, &"x".repeat(200)).request_id.len() < 100);
    }
}
