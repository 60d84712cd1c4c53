//! Stands for the network.

use std::cell::RefCell;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use patchboard_gateway::contract::NativeResponse;
use patchboard_gateway::upstream::{Opened, Outbound, Upstream, UpstreamError};

use super::answers::Answers;
use super::recorder::Log;

pub(super) struct Wire<'a> {
    log: &'a RefCell<Log>,
    answers: &'a dyn Answers,
    pub(super) sent: RefCell<Vec<Outbound>>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(log: &'a RefCell<Log>, answers: &'a dyn Answers) -> Self {
        Self { log, answers, sent: RefCell::default() }
    }
}

impl Upstream for Wire<'_> {
    type Stream = Result<Bytes, UpstreamError>;

    async fn open(&self, request: &Outbound) -> Result<Opened<Self::Stream>, UpstreamError> {
        let nth = self.sent.borrow().len();
        self.sent.borrow_mut().push(request.clone());
        let asked = self.log.borrow().exchanges.last().cloned();
        let given = asked.and_then(|exchange| self.answers.answer(nth, &exchange));
        let none = || Err(UpstreamError::Unreachable("nothing says what is answered to this exchange".to_owned()));
        let NativeResponse { status, headers, body } = given.unwrap_or_else(none)?;
        Ok(Opened { status, headers: header_map(&headers), body: Ok(body) })
    }

    async fn collect(&self, body: Self::Stream, limit: usize, _deadline: Instant) -> Result<Bytes, UpstreamError> {
        let body = body?;
        if body.len() > limit { Err(UpstreamError::Unreadable("the answer is larger than the limit".to_owned())) } else { Ok(body) }
    }
}

/// Headers that cannot be headers are left out: no provider can send them.
fn header_map(headers: &[(String, String)]) -> HeaderMap {
    let pair = |(name, value): &(String, String)| Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?));
    headers.iter().filter_map(pair).collect()
}
