//! The sections of the configuration, with their defaults.

use std::path::PathBuf;
use std::time::Duration;

use patchboard_gateway::Limits;
use patchboard_gateway::egress::Origin;
use serde::{Deserialize, Serialize};

use super::or;
use crate::runtime::{Bounds, LargeBounds};

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// A filter such as `info` or `patchboard=debug,warn`.
    pub filter: String,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// What may be reached, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Egress {
    /// Origins that an account's `base_url` may have, such as `http://127.0.0.1:9100`.
    pub allow_upstreams: Vec<Origin>,
    /// Only these of the hosts that plugins declare; none means all of them.
    pub allow_hosts: Option<Vec<String>>,
    /// For a connection.
    pub connect_seconds: u64,
    /// Between two pieces of an answer.
    pub read_seconds: u64,
    /// For all exchanges of one request.
    pub total_seconds: u64,
    /// One answer, decoded.
    pub response_bytes: usize,
    /// Idle connections that each thread keeps to one host.
    pub idle_per_host: usize,
}

/// How large requests may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestLimits {
    /// A request body.
    pub body_bytes: usize,
    /// Nesting of its JSON.
    pub json_depth: usize,
    /// Until a request body has arrived.
    pub body_seconds: u64,
    /// Exchanges of one request.
    pub exchanges: usize,
}

/// Whether and how unified requests are recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Record {
    /// Where the recordings are kept; none means that there are none.
    pub dir: Option<PathBuf>,
    /// Names of members, and JSON pointers, whose values are left out.
    pub redact: Vec<String>,
    /// All files together; the oldest make room.
    pub max_bytes: u64,
    /// How many files.
    pub max_files: usize,
}

/// What a plugin may use in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// Linear memory.
    pub memory_bytes: usize,
    /// What a call may return.
    pub output_bytes: usize,
    /// What it may hand to the next call of its request.
    pub state_bytes: usize,
    /// Headers and query parameters of a native request.
    pub native_pairs: usize,
    /// Path, query and headers of a native request.
    pub native_head_bytes: usize,
    /// Characters of each text in which it tells an error.
    pub error_chars: usize,
    /// Fields at fault that one of its errors names.
    pub error_fields: usize,
    /// How long a call may take, in processor time.
    pub deadline_ms: u64,
    /// How many calls that take longer than others run at once, beside those that serve
    /// requests; 0 means one for each processor.
    pub concurrency: usize,
    /// Whether plugins built for the draft of the next contract are taken, which may change.
    pub draft_contract: bool,
    /// The most that a large plugin can get, such as an interpreter with its libraries.
    pub large: LargeSandbox,
}

/// The most that a plugin can get that is more than one module. What it gets is decided
/// when it is admitted, by what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LargeSandbox {
    /// Linear memory, of all its memories together.
    pub memory_bytes: usize,
    /// What compiling it may take, in bytes of plain code.
    pub code_bytes: u64,
    /// How long a call may take, in processor time.
    pub deadline_ms: u64,
    /// How many calls of large plugins run at once; 0 means half of the processors.
    pub concurrency: usize,
    /// Core modules of one instance; 0 refuses every large plugin.
    pub core_instances: u32,
    /// Memories of one instance.
    pub memories: u32,
    /// Tables of one instance.
    pub tables: u32,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

impl Default for Egress {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            allow_upstreams: Vec::new(),
            allow_hosts: None,
            connect_seconds: 5,
            read_seconds: 30,
            total_seconds: limits.overall.as_secs(),
            response_bytes: limits.response_body,
            idle_per_host: 64,
        }
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        let limits = Limits::default();
        Self { body_bytes: limits.request_body, json_depth: limits.json_depth, body_seconds: 30, exchanges: limits.exchanges }
    }
}

impl Default for Record {
    /// A day of a busy integration, on a disk that nobody watches.
    fn default() -> Self {
        Self { dir: None, redact: Vec::new(), max_bytes: 256 << 20, max_files: 10_000 }
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        let (bounds, limits) = (Bounds::default(), Limits::default());
        Self {
            memory_bytes: bounds.memory,
            output_bytes: bounds.output,
            state_bytes: limits.state,
            native_pairs: limits.pairs,
            native_head_bytes: limits.head,
            error_chars: limits.error_chars,
            error_fields: limits.error_fields,
            deadline_ms: millis(bounds.deadline),
            concurrency: 0,
            draft_contract: false,
            large: LargeSandbox::default(),
        }
    }
}

impl Default for LargeSandbox {
    fn default() -> Self {
        let large = LargeBounds::default();
        Self {
            memory_bytes: large.memory,
            code_bytes: large.code,
            deadline_ms: millis(large.deadline),
            concurrency: 0,
            core_instances: large.core_instances,
            memories: large.memories,
            tables: large.tables,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Sandbox {
    /// What small plugins may, large ones may, too: the greater bound counts.
    pub(super) fn large_bounds(&self) -> LargeBounds {
        let LargeSandbox { memory_bytes, code_bytes, deadline_ms, concurrency, core_instances, memories, tables } = self.large;
        LargeBounds {
            core_instances,
            memories,
            tables,
            memory: memory_bytes.max(self.memory_bytes).next_multiple_of(64 << 10),
            code: code_bytes,
            deadline: Duration::from_millis(deadline_ms.max(self.deadline_ms)),
            concurrency: or(concurrency, LargeBounds::default().concurrency),
        }
    }
}
