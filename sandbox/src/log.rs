use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use crate::exchange::NativeRequest;
use crate::provider::Provider;

/// Enough for a long test; old entries make room for new ones.
const MOST_ENTRIES: usize = 1_000;

/// What is kept of a body. A longer one is a test of limits, where the beginning says enough.
const MOST_BODY: usize = 64 * 1024;

/// The requests that arrived, in order, with what they were answered.
#[derive(Debug)]
pub(crate) struct RequestLog {
    enabled: bool,
    /// How many entries ever came before the first one that is still held.
    dropped: u64,
    entries: VecDeque<Entry>,
}

/// Where the answer of a logged request goes; nothing when the log was off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket(Option<u64>);

#[derive(Debug)]
struct Entry {
    provider: Provider,
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    answered: Option<(StatusCode, Bytes)>,
}

impl RequestLog {
    pub(crate) fn new() -> Self {
        Self { enabled: true, dropped: 0, entries: VecDeque::new() }
    }

    pub(crate) fn enable(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Forgets the entries. Tickets given out before lead nowhere.
    pub(crate) fn clear(&mut self) {
        self.dropped = self.dropped.saturating_add(self.entries.len() as u64);
        self.entries.clear();
    }

    /// Enters a request when it arrives, so that one which is never answered is seen too.
    pub(crate) fn enter(&mut self, request: &NativeRequest) -> Ticket {
        if !self.enabled {
            return Ticket(None);
        }
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
            self.dropped = self.dropped.saturating_add(1);
        }
        let number = self.dropped.saturating_add(self.entries.len() as u64);
        self.entries.push_back(Entry {
            provider: request.provider,
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            body: beginning(&request.body),
            answered: None,
        });
        Ticket(Some(number))
    }

    pub(crate) fn answered(&mut self, ticket: Ticket, status: StatusCode, body: &Bytes) {
        let entry = ticket
            .0
            .and_then(|number| number.checked_sub(self.dropped))
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| self.entries.get_mut(place));
        if let Some(entry) = entry {
            entry.answered = Some((status, beginning(body)));
        }
    }

    /// The entries of one provider, or of all.
    pub(crate) fn to_json(&self, only: Option<Provider>) -> Vec<Value> {
        self.entries.iter().filter(|entry| only.is_none_or(|provider| entry.provider == provider)).map(Entry::to_json).collect()
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        let (status, answer) = match &self.answered {
            Some((status, answer)) => (Some(status.as_u16()), text(answer)),
            None => (None, String::new()),
        };
        json!({
            "provider": self.provider.name(),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": headers(&self.headers),
            "body": text(&self.body),
            "status": status,
            "answer": answer,
        })
    }
}

/// Names in lower case; the values of a repeated header joined as HTTP allows.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    headers
        .keys()
        .map(|name| {
            let values: Vec<String> =
                headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
            (name.to_string(), Value::from(values.join(", ")))
        })
        .collect()
}

fn beginning(body: &Bytes) -> Bytes {
    match body.get(..MOST_BODY) {
        // A slice would keep the whole body alive.
        Some(beginning) => Bytes::copy_from_slice(beginning),
        None => body.clone(),
    }
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn request(body: Vec<u8>) -> NativeRequest {
        let (parts, ()) = Request::put("/wrike/api/v4/spaces/x?a=b").body(()).unwrap().into_parts();
        NativeRequest::new(Provider::Wrike, parts, body.into())
    }

    #[test]
    fn the_oldest_entry_makes_room_and_a_late_answer_still_finds_its_place() {
        let mut log = RequestLog::new();
        let first = log.enter(&request(b"first".to_vec()));
        for _ in 0..MOST_ENTRIES {
            log.enter(&request(Vec::new()));
        }
        let last = log.enter(&request(b"last".to_vec()));
        log.answered(first, StatusCode::IM_A_TEAPOT, &Bytes::new());
        log.answered(last, StatusCode::OK, &Bytes::from_static(b"{}"));
        let entries = log.to_json(None);
        assert_eq!(entries.len(), MOST_ENTRIES);
        let newest = entries.last().unwrap();
        assert_eq!(newest["body"], "last");
        assert_eq!(newest["status"], 200);
        assert_eq!(newest["answer"], "{}");
        assert!(entries.iter().all(|entry| entry["status"] != 418));
    }

    #[test]
    fn a_body_is_cut_and_need_not_be_text() {
        let mut log = RequestLog::new();
        log.enter(&request(vec![0xff; MOST_BODY + 10]));
        let entries = log.to_json(Some(Provider::Wrike));
        assert_eq!(entries[0]["body"].as_str().unwrap().chars().count(), MOST_BODY);
        assert_eq!(entries[0]["path"], "/api/v4/spaces/x");
        assert_eq!(entries[0]["query"], "a=b");
        assert!(log.to_json(Some(Provider::Polyteia)).is_empty());
    }

    #[test]
    fn a_log_that_is_off_takes_nothing() {
        let mut log = RequestLog::new();
        log.enable(false);
        let ticket = log.enter(&request(Vec::new()));
        log.answered(ticket, StatusCode::OK, &Bytes::new());
        assert!(log.to_json(None).is_empty());
    }
}
