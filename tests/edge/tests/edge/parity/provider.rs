//! The scripted provider: one address for every account, and for each request of the list
//! the answers that it is to give, in order.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_tests::{Seen, Stub, answer};

use super::list::{Answer, body};

/// Longer than any request of the list may take.
const HANG: Duration = Duration::from_secs(10);

/// A provider that says what it is told to.
pub struct Scripted {
    stub: Stub,
    script: Arc<Mutex<VecDeque<Answer>>>,
    read: Mutex<usize>,
}

impl Scripted {
    /// Starts it where the homes expect it.
    pub fn start(address: SocketAddr) -> Self {
        let script: Arc<Mutex<VecDeque<Answer>>> = Arc::default();
        let next = script.clone();
        let stub = Stub::start_at(address, move |seen| match next.lock().unwrap().pop_front() {
            Some(answer) => bytes(&answer, seen),
            None => self::answer(599, &[("content-type", "text/plain")], b"the list has no answer for this request"),
        });
        Self { stub, script, read: Mutex::default() }
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        self.stub.origin()
    }

    /// What to answer next.
    pub fn say(&self, answers: &[Answer]) {
        *self.script.lock().unwrap() = answers.iter().cloned().collect();
    }

    /// What it was asked since the last time, and how many answers are left.
    pub fn asked(&self) -> (Vec<Seen>, usize) {
        let seen = self.stub.seen();
        let new = seen[std::mem::replace(&mut *self.read.lock().unwrap(), seen.len())..].to_vec();
        (new, self.script.lock().unwrap().len())
    }
}

/// An answer, with the credential in it where it echoes one.
fn bytes(answer: &Answer, seen: &Seen) -> Vec<u8> {
    if answer.hang {
        std::thread::sleep(HANG);
        return Vec::new();
    }
    if let Some(raw) = &answer.raw {
        return raw.clone().into_bytes();
    }
    let authorization = seen.header("authorization").unwrap_or_default();
    let credential = authorization.split_once(' ').map_or("", |(_, credential)| credential);
    let echo = |text: &str| {
        let text = text.replace("{authorization}", authorization).replace("{credential}", credential);
        text.replace("{base64}", &STANDARD.encode(credential))
    };
    let whole = body(answer.json.as_ref(), answer.text.as_ref(), answer.base64.as_ref(), &answer.fill);
    let whole = if answer.json.is_some() { echo(&String::from_utf8_lossy(&whole)).into_bytes() } else { whole };
    let headers: Vec<(&str, String)> = answer.headers.iter().map(|(name, value)| (name.as_str(), echo(value))).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let status = answer.status.unwrap_or(200);
    if status == 204 {
        return b"HTTP/1.1 204 Stub\r\nconnection: close\r\n\r\n".to_vec();
    }
    patchboard_tests::answer(status, &headers, &whole)
}
