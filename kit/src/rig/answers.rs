//! Where the provider's answers come from.

use bytes::Bytes;
use patchboard_gateway::contract::{Exchange, NativeResponse};
use patchboard_gateway::upstream::UpstreamError;

use crate::case::{Failure, Native};

/// Stands for the provider.
pub(crate) trait Answers {
    /// The answer to the nth exchange of a request; none where there is none to give.
    fn answer(&self, nth: usize, exchange: &Exchange) -> Option<Given>;
}

/// A provider's answer, or why there is none.
pub(crate) type Given = Result<NativeResponse, UpstreamError>;

/// The answers of a case, in its order.
pub(crate) struct InOrder(pub(crate) Vec<Given>);

impl Answers for InOrder {
    fn answer(&self, nth: usize, _exchange: &Exchange) -> Option<Given> {
        self.0.get(nth).cloned()
    }
}

impl From<&Native> for Given {
    fn from(native: &Native) -> Self {
        match native.fails {
            Some(Failure::Timeout) => Err(UpstreamError::Timeout),
            Some(Failure::Unreachable) => Err(UpstreamError::Unreachable("connection refused".to_owned())),
            None => Ok(response(native)),
        }
    }
}

/// JSON says so, unless the case says otherwise.
fn response(native: &Native) -> NativeResponse {
    let mut headers: Vec<(String, String)> = native.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), v.clone())).collect();
    if native.json.is_some() && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    NativeResponse { status: native.status, headers, body: Bytes::from(native.body()) }
}
