//! The configuration: defaults, then a file, then `PATCHBOARD_…`, then flags. It is
//! parsed once, here, into types that cannot be wrong.

mod plugins_policy;

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Environment, File, FileFormat, Map};
use patchboard_gateway::Limits;
use patchboard_gateway::egress::{EgressPolicy, Origin};
use patchboard_gateway::manifest::HostPattern;
use patchboard_pack::Drafts;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::oci::CREDENTIAL_VARIABLES;
use crate::runtime::{Bounds, LargeBounds};
use crate::vault::KEY_VARIABLE;

pub use plugins_policy::{PluginsPolicy, SignerKey};

/// What variables of the configuration begin with: `PATCHBOARD_EGRESS__READ_SECONDS`.
pub const PREFIX: &str = "PATCHBOARD";
/// The variable that names the configuration file.
pub const FILE_VARIABLE: &str = "PATCHBOARD_CONFIG";
/// Variables that are not part of the configuration.
const OTHERS: [&str; 2] = [KEY_VARIABLE, FILE_VARIABLE];

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that is not there or not TOML, a name that does not exist, a value that is
    /// not taken.
    #[error("the configuration: {0}")]
    Invalid(#[from] config::ConfigError),
    /// A limit that would let nothing through.
    #[error("the configuration: {0} must be at least {1}")]
    TooSmall(&'static str, usize),
}

/// All settings of the server. Durations are in the unit of their name, sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where accounts, tokens, the key and compiled code are kept.
    pub data_dir: PathBuf,
    /// Folders of further plugins.
    pub plugins: Vec<PathBuf>,
    /// Threads that serve requests; 0 means one for each processor.
    pub threads: usize,
    /// Folders of further unified models.
    pub models: Vec<PathBuf>,
    /// How long running requests may take after SIGTERM.
    pub shutdown_seconds: u64,
    /// What is logged, and how.
    pub log: Log,
    /// What may be reached, and how long it may take.
    pub egress: Egress,
    /// How large requests may be.
    pub limits: RequestLimits,
    /// What a plugin may use in one call.
    pub sandbox: Sandbox,
    /// Whether and how unified requests are recorded.
    pub record: Record,
    /// Which plugins may be installed from registries.
    pub plugins_policy: PluginsPolicy,
}

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

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: PathBuf::from("./data"),
            plugins: Vec::new(),
            threads: 0,
            models: Vec::new(),
            shutdown_seconds: 20,
            log: Log::default(),
            egress: Egress::default(),
            limits: RequestLimits::default(),
            sandbox: Sandbox::default(),
            record: Record::default(),
            plugins_policy: PluginsPolicy::default(),
        }
    }
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

/// A number, where 0 means another.
fn or(number: usize, other: usize) -> usize {
    if number == 0 { other } else { number }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What flags say; none leaves the setting as it is.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The configuration file.
    pub file: Option<PathBuf>,
    /// See [`Config::data_dir`].
    pub data_dir: Option<PathBuf>,
    /// See [`Config::plugins`]; empty leaves it.
    pub plugins: Vec<PathBuf>,
    /// See [`Config::models`]; empty leaves it.
    pub models: Vec<PathBuf>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// Added to [`Egress::allow_upstreams`].
    pub allow_upstreams: Vec<Origin>,
    /// See [`Record::dir`].
    pub record: Option<PathBuf>,
    /// See [`Log::format`].
    pub log_format: Option<LogFormat>,
}

impl Config {
    /// Reads file and environment and lays the flags over them.
    ///
    /// # Errors
    /// [`ConfigError`], with the name of the setting.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let file = flags.file.clone().or_else(|| env::var_os(FILE_VARIABLE).map(PathBuf::from));
        let mut config = Self::read(file.as_deref(), env::vars().collect())?;
        config.data_dir = flags.data_dir.clone().unwrap_or(config.data_dir);
        config.listen = flags.listen.unwrap_or(config.listen);
        config.log.format = flags.log_format.unwrap_or(config.log.format);
        config.egress.allow_upstreams.extend(flags.allow_upstreams.iter().cloned());
        config.record.dir = flags.record.clone().or(config.record.dir);
        if !flags.plugins.is_empty() {
            config.plugins.clone_from(&flags.plugins);
        }
        if !flags.models.is_empty() {
            config.models.clone_from(&flags.models);
        }
        config.check()?;
        Ok(config)
    }

    fn read(file: Option<&Path>, variables: Map<String, String>) -> Result<Self, ConfigError> {
        let known = |name: &String| !OTHERS.iter().chain(&CREDENTIAL_VARIABLES).any(|other| other == name);
        let environment = Environment::with_prefix(PREFIX)
            .prefix_separator("_")
            .separator("__")
            .list_separator(",")
            .with_list_parse_key("plugins")
            .with_list_parse_key("models")
            .with_list_parse_key("egress.allow_upstreams")
            .with_list_parse_key("egress.allow_hosts")
            .with_list_parse_key("record.redact")
            .with_list_parse_key("plugins_policy.registries")
            .with_list_parse_key("plugins_policy.hosts")
            .with_list_parse_key("plugins_policy.plain_http")
            .with_list_parse_key("plugins_policy.linked_hosts")
            .try_parsing(true)
            .ignore_empty(true)
            .source(Some(variables.into_iter().filter(|(name, _)| known(name)).collect()));
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        Ok(builder.add_source(environment).build()?.try_deserialize()?)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let least = [
            ("limits.body_bytes", self.limits.body_bytes, 1),
            ("limits.json_depth", self.limits.json_depth, 1),
            ("limits.exchanges", self.limits.exchanges, 1),
            ("egress.response_bytes", self.egress.response_bytes, 1),
            ("sandbox.memory_bytes", self.sandbox.memory_bytes, 1 << 20),
            ("sandbox.output_bytes", self.sandbox.output_bytes, 1 << 10),
            ("sandbox.native_head_bytes", self.sandbox.native_head_bytes, 1 << 10),
            ("sandbox.error_chars", self.sandbox.error_chars, 1),
            ("record.max_bytes", usize::try_from(self.record.max_bytes).unwrap_or(usize::MAX), 1 << 16),
            ("record.max_files", self.record.max_files, 1),
            ("plugins_policy.component_bytes", self.plugins_policy.component_bytes, 1),
            ("plugins_policy.download_seconds", usize::try_from(self.plugins_policy.download_seconds).unwrap_or(usize::MAX), 1),
            ("sandbox.deadline_ms", usize::try_from(self.sandbox.deadline_ms).unwrap_or(usize::MAX), 1),
            ("sandbox.large.memory_bytes", self.sandbox.large.memory_bytes, 1 << 20),
            ("sandbox.large.deadline_ms", usize::try_from(self.sandbox.large.deadline_ms).unwrap_or(usize::MAX), 1),
        ];
        match least.into_iter().find(|(_, value, least)| value < least) {
            Some((name, _, least)) => Err(ConfigError::TooSmall(name, least)),
            None => Ok(()),
        }
    }

    /// The engine's limits.
    #[must_use]
    pub fn gateway_limits(&self) -> Limits {
        Limits {
            request_body: self.limits.body_bytes,
            json_depth: self.limits.json_depth,
            response_body: self.egress.response_bytes,
            exchanges: self.limits.exchanges,
            state: self.sandbox.state_bytes,
            pairs: self.sandbox.native_pairs,
            head: self.sandbox.native_head_bytes,
            error_chars: self.sandbox.error_chars,
            error_fields: self.sandbox.error_fields,
            overall: Duration::from_secs(self.egress.total_seconds),
        }
    }

    /// What plugins may use.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let default = Bounds::default();
        Bounds {
            // Linear memory comes in pages.
            memory: self.sandbox.memory_bytes.next_multiple_of(64 << 10),
            output: self.sandbox.output_bytes,
            deadline: Duration::from_millis(self.sandbox.deadline_ms),
            threads: or(self.threads, default.threads),
            concurrency: or(self.sandbox.concurrency, default.concurrency),
            large: self.sandbox.large_bounds(),
            drafts: if self.sandbox.draft_contract { Drafts::Taken } else { Drafts::Refused },
        }
    }

    /// What may be reached.
    #[must_use]
    pub fn egress_policy(&self) -> EgressPolicy {
        let hosts = self.egress.allow_hosts.as_ref();
        EgressPolicy {
            allow_hosts: hosts.map(|hosts| hosts.iter().cloned().map(HostPattern::from).collect()),
            allow_upstreams: self.egress.allow_upstreams.clone(),
        }
    }
}

impl Sandbox {
    /// What small plugins may, large ones may, too: the greater bound counts.
    fn large_bounds(&self) -> LargeBounds {
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(file: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("patchboard.toml");
        fs::write(&path, file).unwrap();
        Config::read(Some(&path), variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = "listen = '127.0.0.1:1'\n[egress]\nread_seconds = 7\nallow_upstreams = ['http://127.0.0.1:9100']\n";
        let config =
            read(file, &[("PATCHBOARD_LISTEN", "127.0.0.1:2"), ("PATCHBOARD_EGRESS__TOTAL_SECONDS", "9"), ("HOME", "/x")]).unwrap();
        assert_eq!((config.listen.port(), config.egress.read_seconds, config.egress.total_seconds), (2, 7, 9));
        assert_eq!(config.egress.allow_upstreams[0].as_str(), "http://127.0.0.1:9100");
        assert_eq!(config.limits, RequestLimits::default());
    }

    #[test]
    fn lists_come_from_one_variable() {
        let config = read("", &[("PATCHBOARD_EGRESS__ALLOW_UPSTREAMS", "http://a.example,https://b.example:1")]).unwrap();
        assert_eq!(config.egress.allow_upstreams.len(), 2);
    }

    #[test]
    fn the_policy_for_plugins_is_read_from_file_and_environment() {
        let file = "[plugins_policy]\nrequire_signature = true\n[[plugins_policy.signers]]\nname = 'us'\nkey = '/etc/us.pub'\n";
        let policy = read(file, &[("PATCHBOARD_PLUGINS_POLICY__REGISTRIES", "ghcr.io/acme,localhost:5000")]).unwrap().plugins_policy;
        assert_eq!((policy.require_signature, policy.signers.len(), policy.registries.unwrap().len()), (Some(true), 1, 2));
        assert_eq!(read("", &[]).unwrap().plugins_policy.hosts, None);
        assert!(read("[plugins_policy]\nregistrys = []", &[]).unwrap_err().to_string().contains("registrys"));
    }

    #[test]
    fn a_login_for_a_registry_is_not_part_of_the_configuration() {
        let variables = CREDENTIAL_VARIABLES.map(|name| (name, "x"));
        assert_eq!(read("", &variables).unwrap(), Config::default());
    }

    #[test]
    fn the_key_is_not_part_of_the_configuration() {
        assert_eq!(read("", &[(KEY_VARIABLE, "x"), (FILE_VARIABLE, "y")]).unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_name_or_a_bad_value_is_refused_by_name() {
        assert!(read("lisen = 'x'", &[]).unwrap_err().to_string().contains("lisen"));
        assert!(read("[egress]\nallow_upstreams = ['*']", &[]).unwrap_err().to_string().contains("no origin"));
        assert!(read("", &[("PATCHBOARD_LISTEN", "nowhere")]).is_err());
        assert!(Config::read(Some(Path::new("/nonexistent.toml")), Map::new()).unwrap_err().to_string().contains("nonexistent"));
        let mut small = Config::default();
        small.sandbox.memory_bytes = 1;
        assert!(small.check().unwrap_err().to_string().contains("sandbox.memory_bytes"));
    }

    #[test]
    fn what_small_plugins_may_large_ones_may_too() {
        let config = read("[sandbox]\nmemory_bytes = 268435456\n[sandbox.large]\ndeadline_ms = 700\ncore_instances = 9", &[]).unwrap();
        let large = config.bounds().large;
        assert_eq!((large.memory, large.deadline, large.core_instances), (256 << 20, Duration::from_millis(700), 9));
        assert_eq!(Config::default().bounds(), Bounds::default());
        let mut small = Config::default();
        small.sandbox.large.deadline_ms = 0;
        assert!(small.check().unwrap_err().to_string().contains("sandbox.large.deadline_ms"));
    }

    #[test]
    fn a_draft_of_the_contract_is_taken_only_where_it_is_said() {
        assert_eq!(Config::default().bounds().drafts, Drafts::Refused);
        let said = [read("[sandbox]\ndraft_contract = true", &[]), read("", &[("PATCHBOARD_SANDBOX__DRAFT_CONTRACT", "true")])];
        said.into_iter().for_each(|config| assert_eq!(config.unwrap().bounds().drafts, Drafts::Taken));
        assert!(read("", &[("PATCHBOARD_SANDBOX__DRAFT_CONTRACT", "perhaps")]).unwrap_err().to_string().contains("draft_contract"));
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let text = toml::to_string(&Config::default()).unwrap();
        assert_eq!(read(&text, &[]).unwrap(), Config::default());
    }
}
