//! Answers that a plugin may ask for once and use for a while: which of two modules an
//! account has does not change between two requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::contract::NativeResponse;
use crate::upstream::Outbound;

/// Answers kept at most; beyond it all are forgotten.
const MAX_KEPT: usize = 10_000;
/// The longest time that a call may declare.
pub const MAX_SECONDS: u32 = 3600;

/// Answers of declared reads, by account and request.
#[derive(Debug, Default)]
pub struct KeptAnswers(Mutex<HashMap<Key, (Instant, NativeResponse)>>);

/// The account as it is now, the plugin, and the request.
type Key = ([u8; 32], String, String, Vec<u8>);

fn key(account: [u8; 32], digest: &str, request: &Outbound) -> Key {
    (account, digest.to_owned(), format!("{} {}", request.method, request.url), request.body.to_vec())
}

impl KeptAnswers {
    pub(crate) fn find(&self, account: [u8; 32], digest: &str, request: &Outbound) -> Option<NativeResponse> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, answer) = kept.get(&key(account, digest, request))?;
        (*until > Instant::now()).then(|| answer.clone())
    }

    pub(crate) fn keep(&self, account: [u8; 32], digest: &str, request: &Outbound, answer: &NativeResponse, seconds: u32) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        let until = Instant::now() + Duration::from_secs(u64::from(seconds.min(MAX_SECONDS)));
        kept.insert(key(account, digest, request), (until, answer.clone()));
    }
}
