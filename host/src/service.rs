//! Everything a request needs, put together once at the start.

use std::sync::Arc;
use std::time::Instant;

use http::{HeaderMap, Method, StatusCode};
use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::egress::EgressPolicy;
use patchboard_gateway::engine::Parsed;
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::model::{ModelError, Models};
use patchboard_gateway::proxy::Forward;
use patchboard_gateway::route::Route;
use patchboard_gateway::{Code, Gateway, Problem, Reply, meta, params, proxy};
use thiserror::Error;

use crate::config::Config;
use crate::egress::Clients;
use crate::installed::{self, Policy};
use crate::registry::Registry;
use crate::runtime::{CompiledCache, Machine};
use crate::store::{Caller, Reader, Ready, Store, StoreError};
use crate::trace::Trace;

/// Why the server cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// wasmtime.
    #[error(transparent)]
    Machine(#[from] crate::runtime::MachineError),
    /// The built-in models.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// The HTTP client.
    #[error("the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The key of a signer.
    #[error("the configuration: plugins_policy.signers: {0}")]
    Signers(#[from] crate::oci::OciError),
    /// Plugin or cache folder.
    #[error("{0}")]
    Folder(#[from] std::io::Error),
}

/// The server without its HTTP.
pub struct Service {
    /// The engine.
    pub gateway: Gateway,
    /// The plugins.
    pub registry: Registry,
    /// For writing.
    pub store: Arc<Store>,
    /// For the reads of requests.
    pub reader: Reader,
    clients: Clients,
    policy: EgressPolicy,
}

/// The plugins of a configuration, for commands that need no more.
///
/// # Errors
/// [`StartError`].
pub fn plugins(config: &Config, store: &Store) -> Result<Registry, StartError> {
    let machine = Arc::new(Machine::new(config.bounds())?);
    let cache = CompiledCache::open(&config.data_dir.join("cache"), store.vault().key())?;
    let policy = Policy::of(&config.plugins_policy)?;
    let installed = installed::load(&config.data_dir, &policy);
    Ok(Registry::load(&machine, &config.plugins, installed, &policy, Some(&cache))?)
}

impl Service {
    /// Puts everything together.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let store = Store::open(&config.data_dir)?;
        Ok(Self {
            gateway: Gateway {
                models: Models::built_in()?,
                limits: config.gateway_limits(),
                cursors: Cursors::new(store.vault().key()),
                kept: KeptAnswers::default(),
            },
            registry: plugins(config, &store)?,
            reader: store.reader()?,
            store: Arc::new(store),
            clients: Clients::new(&config.egress)?,
            policy: config.egress_policy(),
        })
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// 401 for one that is not known.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let header = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = token else { return Err(Problem::new(Code::Unauthorized, "send an API token: Authorization: Bearer …")) };
        self.reader
            .caller(token)
            .map_err(internal)?
            .ok_or_else(|| Problem::new(Code::Unauthorized, "the API token is not known; it may have been revoked"))
    }

    /// An account that the caller may use.
    ///
    /// # Errors
    /// 404 for one that is not there, 403 for another tenant's.
    pub fn account(&self, caller: &Caller, id: &str) -> Result<Arc<Ready>, Problem> {
        let found = self.reader.account(id).map_err(internal)?;
        let account = found.ok_or_else(|| Problem::new(Code::UnknownAccount, format!("no integrated account has the id {id:?}")))?;
        allow(caller, &account.tenant_id)?;
        Ok(account)
    }

    /// Parses and runs a unified request.
    ///
    /// # Errors
    /// The problem that the caller gets.
    pub async fn unified(&self, caller: &Caller, request: Unified<'_>) -> Result<Reply<reqwest::Response>, Problem> {
        let Unified { method, path, query, headers, body, trace } = request;
        let parsed = self.gateway.parse(method, path, query, headers, body)?;
        let account = self.account(caller, &parsed.params.account_id)?;
        self.run(parsed, &account, trace).await
    }

    async fn run(&self, parsed: Parsed, ready: &Ready, trace: &Trace) -> Result<Reply<reqwest::Response>, Problem> {
        let plugin = self.registry.find(&ready.account.provider)?;
        ready.account.require_active()?;
        let access = ready.access(plugin.manifest(), &self.policy)?;
        let exchanges = self.clients.for_request(trace.outbound());
        let outcome = self.gateway.run(parsed, access, &**plugin, &exchanges).await;
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
        let plugin = self.registry.find(&ready.account.provider)?;
        let access = ready.access(plugin.manifest(), &self.policy)?;
        meta::describe(&self.gateway.models, route, plugin.manifest(), access)
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
        body: Option<reqwest::Body>,
        trace: &Trace,
    ) -> Result<Proxied, Problem> {
        let ready = self.account(caller, &forward.account_id)?;
        let plugin = self.registry.find(&ready.account.provider)?;
        ready.account.require_active()?;
        let access = ready.access(plugin.manifest(), &self.policy)?;
        let deadline = Instant::now() + self.gateway.limits.overall;
        let outbound = forward.outbound(method, headers, access, deadline)?;
        let answered = self.clients.for_request(trace.outbound()).forward(outbound, body).await;
        let answer = answered.map_err(|error| proxy::failed(error, &ready.account.provider))?;
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED {
            self.needs_reauth(ready.account.id.clone(), "the provider answered 401 to a proxied request".to_owned()).await;
        }
        let headers = proxy::answer_headers(answer.headers(), plugin.manifest(), access);
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

/// A provider's answer on its way through.
#[derive(Debug)]
pub struct Proxied {
    /// The provider's status.
    pub status: StatusCode,
    /// Its headers, without those of the connection.
    pub headers: HeaderMap,
    /// Its body, not read yet.
    pub answer: reqwest::Response,
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
    match &caller.tenant {
        Some(tenant) if tenant != tenant_id => {
            Err(Problem::new(Code::Forbidden, "the API token may not use this account: it belongs to another tenant"))
        }
        _ => Ok(()),
    }
}

/// An error of ours: the caller gets the request id, the log gets the cause.
pub fn internal(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "internal error");
    Problem::new(Code::Internal, "something went wrong in the server; its log has more under the request id")
}
