//! The configuration: defaults, then a file, then `PATCHBOARD_…`, then flags. It is
//! parsed once, here, into types that cannot be wrong.

mod plugins_policy;
mod sections;

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
use crate::runtime::Bounds;
use crate::vault::KEY_VARIABLE;

pub use plugins_policy::{PluginsPolicy, SignerKey};
pub use sections::{Egress, LargeSandbox, Log, LogFormat, Record, RequestLimits, Sandbox};

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

/// A number, where 0 means another.
fn or(number: usize, other: usize) -> usize {
    if number == 0 { other } else { number }
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
    fn what_a_plugin_may_say_is_bounded_by_settings() {
        let file = "[sandbox]\nstate_bytes = 1\nnative_pairs = 2\nnative_head_bytes = 3000\nerror_chars = 4\nerror_fields = 5";
        let limits = read(file, &[]).unwrap().gateway_limits();
        assert_eq!((limits.state, limits.pairs, limits.head, limits.error_chars, limits.error_fields), (1, 2, 3000, 4, 5));
        assert_eq!(Config::default().gateway_limits(), Limits::default());
    }

    #[test]
    fn threads_are_one_for_each_processor_unless_told_otherwise() {
        let config = read("threads = 3\n[sandbox]\nconcurrency = 5", &[]).unwrap().bounds();
        assert_eq!((config.threads, config.concurrency), (3, 5));
        assert_eq!(Config::default().bounds().threads, Bounds::default().threads);
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
