//! Everything a request needs, put together once at the start.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use http::{HeaderMap, Method, StatusCode};
use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::egress::EgressPolicy;
use patchboard_gateway::engine::Parsed;
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::proxy::Forward;
use patchboard_gateway::route::Route;
use patchboard_gateway::trace::Trace;
use patchboard_gateway::{Gateway, Problem, Reply, door, meta, params, proxy};
use thiserror::Error;

use crate::config::{Config, Egress};
use crate::egress::{Clients, Receiving};
use crate::installed::Policy;
use crate::models::{Known, ModelsError};
use crate::plugins::{Plugins, Report};
use crate::record::{Player, Recorder};
use crate::registry::{Installed, LoadError, Loader, Registry};
use crate::runtime::{CompiledCache, Machine, Plugin};
use crate::store::{Caller, Reader, Ready, Store, StoreError};

/// Why the server cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// wasmtime.
    #[error(transparent)]
    Machine(#[from] crate::runtime::MachineError),
    /// Models and plugins.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The certificates that the system trusts.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The key of a signer.
    #[error("the configuration: plugins_policy.signers: {0}")]
    Signers(#[from] crate::oci::OciError),
    /// Plugin or cache folder.
    #[error("{0}")]
    Folder(#[from] std::io::Error),
}

/// The server without its HTTP.
#[derive(Clone)]
pub struct Service {
    /// The engine.
    pub gateway: Arc<Gateway>,
    /// The models and the plugins.
    pub plugins: Arc<Plugins>,
    /// For writing.
    pub store: Arc<Store>,
    /// For the reads of requests.
    pub reader: Arc<Reader>,
    clients: Clients,
    policy: Arc<EgressPolicy>,
    recorder: Option<Arc<Recorder>>,
}

/// What loads the plugins of a configuration.
fn loader(config: &Config, store: &Store) -> Result<Loader, StartError> {
    Ok(Loader {
        machine: Arc::new(Machine::new(config.bounds())?),
        cache: Some(CompiledCache::open(&config.data_dir.join("cache"), store.vault().key())?),
        models: config.models.clone(),
        folders: config.plugins.clone(),
        installed: Installed { data_dir: config.data_dir.clone(), policy: Policy::of(&config.plugins_policy)? },
    })
}

/// The plugins of a configuration, for commands that need no more.
///
/// # Errors
/// [`StartError`].
pub fn plugins(config: &Config, store: &Store) -> Result<Registry, StartError> {
    Ok(loader(config, store)?.load(&[], &Registry::default())?)
}

/// The models of a configuration, for commands that need no more.
///
/// # Errors
/// [`ModelsError`].
pub fn models(config: &Config) -> Result<Known, ModelsError> {
    Known::read(&config.models)
}

/// What plays recordings as the server of a configuration would answer them.
#[must_use]
pub fn player(config: &Config) -> Player {
    Player::new(config.gateway_limits())
}

impl Service {
    /// Puts everything together.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let store = Store::open(&config.data_dir)?;
        let cursors = Cursors::new(store.vault().key());
        let recorder = Recorder::start(&config.record, cursors.clone(), player(config))?;
        let gateway = Gateway { limits: config.gateway_limits(), cursors, kept: KeptAnswers::default() };
        Ok(Self {
            recorder: recorder.map(Arc::new),
            gateway: Arc::new(gateway),
            plugins: Arc::new(Plugins::start(loader(config, &store)?)?),
            reader: Arc::new(store.reader()?),
            store: Arc::new(store),
            clients: Clients::new(&config.egress)?,
            policy: Arc::new(config.egress_policy()),
        })
    }

    /// The same service over connections of its own: for a thread that shares none.
    #[must_use]
    pub fn apart(&self, egress: &Egress) -> Self {
        Self { clients: self.clients.apart(egress), ..self.clone() }
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// 401 for one that is not known.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let token = door::bearer(headers)?;
        self.reader.caller(token).map_err(internal)?.ok_or_else(door::unknown_token)
    }

    /// An account that the caller may use.
    ///
    /// # Errors
    /// 404 for one that is not there, 403 for another tenant's.
    pub fn account(&self, caller: &Caller, id: &str) -> Result<Arc<Ready>, Problem> {
        let found = self.reader.account(id).map_err(internal)?;
        let account = found.ok_or_else(|| door::unknown_account(id))?;
        allow(caller, &account.tenant_id)?;
        Ok(account)
    }

    /// Reads the models and the plugins again, on a thread that may wait.
    ///
    /// # Errors
    /// Why everything stays as it was, for the operator.
    pub async fn reload(self: Arc<Self>, with: Vec<PathBuf>) -> Result<Report, String> {
        let reloaded = tokio::task::spawn_blocking(move || self.plugins.reload(&with)).await;
        let report = reloaded.map_err(|e| e.to_string()).and_then(|report| report.map_err(|e| e.to_string()));
        report.inspect_err(|error| tracing::error!(error, "models and plugins could not be reloaded; all stay as they were"))
    }

    /// Parses and runs a unified request.
    ///
    /// # Errors
    /// The problem that the caller gets.
    pub async fn unified(&self, caller: &Caller, request: Unified<'_>) -> Result<Reply<Receiving>, Problem> {
        let Unified { method, path, query, headers, body, .. } = request;
        // A request keeps its model and its plugin to its end, whatever is loaded meanwhile.
        let current = self.plugins.current();
        let parsed = self.gateway.parse(current.models.all(), method, path, query, headers, body)?;
        let account = self.account(caller, &parsed.params.account_id)?;
        self.run(current, parsed, request, &account).await
    }

    async fn run(
        &self,
        current: Arc<Registry>,
        parsed: Parsed,
        request: Unified<'_>,
        ready: &Arc<Ready>,
    ) -> Result<Reply<Receiving>, Problem> {
        let (plugin, models) = (plugin(&current, ready)?, current.models.clone());
        // What a reload takes away is not held for a provider that takes its time.
        drop(current);
        ready.account.require_active()?;
        let access = ready.access(&*plugin, &self.policy)?;
        let exchanges = self.clients.for_request(request.trace.outbound());
        let outcome = match &self.recorder {
            None => self.gateway.run(parsed, &access, &*plugin, &exchanges).await,
            Some(recorder) => recorder.run((&self.gateway, &models), (parsed, request), (ready, &access), &plugin, &exchanges).await,
        };
        if let Some(why) = outcome.refused_credential {
            self.needs_reauth(ready.account.id.clone(), why).await;
        }
        outcome.reply
    }

    /// What an account accepts for an operation.
    ///
    /// # Errors
    /// The problem that the caller gets.
    pub fn describe(&self, caller: &Caller, route: &Route, query: &str) -> Result<serde_json::Value, Problem> {
        let params = params::parse(query, &HeaderMap::new())?;
        let ready = self.account(caller, &params.account_id)?;
        let current = self.plugins.current();
        let plugin = plugin(&current, &ready)?;
        let access = ready.access(&*plugin, &self.policy)?;
        meta::describe(current.models.all(), route, plugin.manifest(), &access)
    }

    /// Forwards a request to an account's provider.
    ///
    /// # Errors
    /// The problem that the caller gets; an error of the provider's is an answer.
    pub async fn proxy(
        &self,
        caller: &Caller,
        forward: &Forward,
        method: &Method,
        headers: &HeaderMap,
        body: Option<Body>,
        trace: &Trace,
    ) -> Result<Proxied, Problem> {
        let ready = self.account(caller, &forward.account_id)?;
        let plugin = plugin(&self.plugins.current(), &ready)?;
        ready.account.require_active()?;
        let access = ready.access(&*plugin, &self.policy)?;
        let deadline = Instant::now() + self.gateway.limits.overall;
        let outbound = forward.outbound(method, headers, &access, deadline)?;
        let answered = self.clients.for_request(trace.outbound()).forward(&outbound, body).await;
        let answer = answered.map_err(|error| proxy::failed(error, &ready.account.provider))?;
        let (head, answer) = answer.into_parts();
        let status = head.status;
        if status == StatusCode::UNAUTHORIZED {
            self.needs_reauth(ready.account.id.clone(), "the provider answered 401 to a proxied request".to_owned()).await;
        }
        let headers = proxy::answer_headers(&head.headers, plugin.manifest(), &access);
        Ok(Proxied { status, headers, answer })
    }

    async fn needs_reauth(&self, id: String, why: String) {
        tracing::warn!(account = id, "the provider has refused the account's credential");
        let marked = self.write(move |store| store.needs_reauth(&id, &why)).await;
        if let Err(problem) = marked {
            tracing::error!(detail = problem.detail, "the account could not be marked needs_reauth");
        }
    }

    /// Runs a write of the store on a thread that may wait for the disk.
    ///
    /// # Errors
    /// 500; the cause is logged.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.map_err(internal)?.map_err(internal)
    }
}

/// The plugin that an account uses.
fn plugin(current: &Registry, ready: &Ready) -> Result<Arc<Plugin>, Problem> {
    current.find(&ready.account.provider, ready.follows.as_ref()).cloned()
}

/// A provider's answer on its way through.
#[derive(Debug)]
pub struct Proxied {
    /// The provider's status.
    pub status: StatusCode,
    /// Its headers, without those of the connection.
    pub headers: HeaderMap,
    /// Its body, not read yet.
    pub answer: Receiving,
}

/// A unified request as it came.
#[derive(Debug, Clone, Copy)]
pub struct Unified<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Path, still encoded.
    pub path: &'a str,
    /// Query string, still encoded.
    pub query: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Body, whole.
    pub body: &'a [u8],
    /// What ties it to others.
    pub trace: &'a Trace,
}

/// Refuses a caller whose token is another tenant's.
///
/// # Errors
/// 403.
pub fn allow(caller: &Caller, tenant_id: &str) -> Result<(), Problem> {
    door::allow(caller.tenant.as_deref(), tenant_id)
}

/// An error of ours: the caller gets the request id, the log gets the cause.
pub fn internal(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "internal error");
    door::internal()
}
