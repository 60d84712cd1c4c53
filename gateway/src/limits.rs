//! Every limit of the engine, with its default and the reason for it.

use std::time::Duration;

/// How large, deep and long things may be. A home fills this in from its
/// configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body: the largest payload a bundled provider takes (10 MiB).
    pub request_body: usize,
    /// Nesting of JSON in a request body; parsers of the providers stop not far above.
    pub json_depth: usize,
    /// Bytes of one provider answer that is mapped. It is copied into the sandbox.
    pub response_body: usize,
    /// Exchanges of one unified request; a plugin that wants more is out of control.
    pub exchanges: usize,
    /// Bytes of `state` a plugin may hand from one call to the next.
    pub state: usize,
    /// Headers and query parameters of one native request.
    pub pairs: usize,
    /// Bytes of path, query and headers of one native request, as the plugin gives them;
    /// servers refuse more than some tens of kilobytes.
    pub head: usize,
    /// Characters of each text in which a plugin tells an error: what a person reads. The
    /// provider's own answer stands beside it, whole.
    pub error_chars: usize,
    /// Fields at fault that one error names.
    pub error_fields: usize,
    /// From the first exchange to the last answer. Clients give up at about a minute.
    pub overall: Duration,
}

/// Bytes of an object's id, as the caller writes it decoded.
pub const MAX_ID: usize = 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_body: 10 << 20,
            json_depth: 64,
            response_body: 8 << 20,
            exchanges: 64,
            state: 1 << 20,
            pairs: 256,
            head: 64 << 10,
            error_chars: 2000,
            error_fields: 100,
            overall: Duration::from_secs(60),
        }
    }
}
