//! The app: started from a manifest, answering until it is dropped.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, oneshot};
use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

use crate::compose::{ComposeError, Part, compose};
use crate::hosts::{AllowedHosts, HostError};
use crate::instance::{Component, Config, State, store};
use crate::key_value::KeyValue;
use crate::manifest::{self, Manifest, ManifestError};
use crate::request::{Unanswerable, locate, tell};
use crate::routes::{Matched, Routes};
use crate::variables::{VariableError, Variables};
use crate::{compiled, link, server};

/// One tick of the clock that deadlines are counted in.
const TICK: Duration = Duration::from_millis(10);
/// Instances that may run at once, as Spin's pool has them by default.
const INSTANCES: usize = 1000;

/// Why an app does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The variables.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// `allowed_outbound_hosts`.
    #[error("the component {component:?}: {source}")]
    Host {
        /// The component.
        component: String,
        /// What is wrong.
        source: HostError,
    },
    /// A file.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The dependencies.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// A component that imports what nothing supplies, or exports no handler.
    #[error("the component {component:?}: {why}")]
    Component {
        /// The component.
        component: String,
        /// What is wrong.
        why: String,
    },
    /// wasmtime, the socket.
    #[error("{0}")]
    Machine(String),
}

/// How to start an app.
#[derive(Debug, Clone)]
pub struct Options {
    text: Result<String, String>,
    folder: PathBuf,
    variables: BTreeMap<String, String>,
    store: KeyValue,
    deadline: Duration,
}

impl Options {
    /// The app of a `spin.toml`.
    #[must_use]
    pub fn of(manifest: &Path) -> Self {
        let text = fs::read_to_string(manifest).map_err(|error| format!("cannot read {}: {error}", manifest.display()));
        let folder = manifest.parent().unwrap_or_else(|| Path::new("."));
        Self { text, ..Self::text("", folder) }
    }

    /// The app of a manifest's text; the files that it names are below a folder.
    #[must_use]
    pub fn text(text: &str, folder: &Path) -> Self {
        Self {
            text: Ok(text.to_owned()),
            folder: folder.to_owned(),
            variables: BTreeMap::new(),
            store: KeyValue::default(),
            deadline: Duration::from_secs(30),
        }
    }

    /// Gives a variable a value, as `SPIN_VARIABLE_…` does.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The key-value store to use.
    #[must_use]
    pub fn store(mut self, store: &KeyValue) -> Self {
        self.store = store.clone();
        self
    }

    /// How long a guest may compute before it traps. Spin has no such limit.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts it on a free port of the loopback address.
    pub fn start(self) -> Result<App, StartError> {
        let inner = Arc::new(self.load()?);
        let failed = |error: io::Error| StartError::Machine(error.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        runtime.spawn(server::serve(inner.clone(), listener));
        Ok(App { inner, address, runtime: Some(runtime) })
    }

    fn load(&self) -> Result<Inner, StartError> {
        let manifest = Manifest::parse(self.text.as_deref().map_err(|why| StartError::Machine(why.clone()))?)?;
        let routes = Routes::of(&manifest)?;
        let variables = Variables::resolve(&manifest.variables, &self.variables)?;
        let engine = engine()?;
        let linker = link::linker(&engine).map_err(machine)?;
        let answering: Vec<String> = manifest.triggers().map(|trigger| trigger.component.clone()).collect();
        let loader = Loader { folder: &self.folder, variables: &variables, answering: &answering, engine: &engine, linker: &linker };
        // Each takes seconds where nothing is compiled yet.
        let loaded: Vec<Result<Component, StartError>> = thread::scope(|scope| {
            let threads: Vec<_> = manifest.components.iter().map(|(id, component)| scope.spawn(|| loader.load(id, component))).collect();
            let gone = |_| Err(StartError::Machine("a thread that compiles has panicked".to_owned()));
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(gone)).collect()
        });
        let components = loaded.into_iter().map(|loaded| loaded.map(|component| (component.id.clone(), component)));
        let ticks = u64::try_from(self.deadline.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX);
        Ok(Inner {
            components: components.collect::<Result<_, _>>()?,
            routes,
            store: self.store.clone(),
            engine,
            ticks,
            instances: Semaphore::new(INSTANCES),
            faults: Mutex::default(),
        })
    }
}

/// An engine whose clock ticks as long as it is there.
fn engine() -> Result<Engine, StartError> {
    let mut config = wasmtime::Config::new();
    // Tests compile often and run little.
    config.epoch_interruption(true).cranelift_opt_level(wasmtime::OptLevel::None);
    let engine = Engine::new(&config).map_err(machine)?;
    let weak = engine.weak();
    thread::spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    });
    Ok(engine)
}

fn machine(error: wasmtime::Error) -> StartError {
    StartError::Machine(format!("{error:#}"))
}

/// What is needed to make a component ready.
struct Loader<'a> {
    folder: &'a Path,
    variables: &'a Variables,
    answering: &'a [String],
    engine: &'a Engine,
    linker: &'a Linker<State>,
}

impl Loader<'_> {
    fn load(&self, id: &str, component: &manifest::Component) -> Result<Component, StartError> {
        let config = Arc::new(self.configure(id, component)?);
        let parts = component.dependencies.iter().map(|(name, dependency)| {
            Ok(Part { name: name.clone(), export: dependency.export.clone(), bytes: self.read(&dependency.path)? })
        });
        let parts = parts.collect::<Result<Vec<Part>, StartError>>()?;
        let bytes = compose(id, self.read(&component.source)?, parts)?;
        let failed = |error: wasmtime::Error| StartError::Component { component: id.to_owned(), why: format!("{error:#}") };
        let compiled = compiled::component(self.engine, id, &bytes).map_err(failed)?;
        let pre = link::prepare(self.linker, &compiled).map_err(failed)?;
        Ok(Component { id: id.to_owned(), pre, config })
    }

    fn configure(&self, id: &str, component: &manifest::Component) -> Result<Config, StartError> {
        let filled = component.variables.iter().map(|(name, template)| Ok((name.clone(), self.variables.fill(template)?)));
        let hosts = AllowedHosts::parse(&component.allowed_outbound_hosts, self.variables, self.answering);
        Ok(Config {
            id: id.to_owned(),
            variables: filled.collect::<Result<_, VariableError>>()?,
            environment: component.environment.clone(),
            hosts: hosts.map_err(|source| StartError::Host { component: id.to_owned(), source })?,
            stores: component.key_value_stores.iter().cloned().collect(),
        })
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, StartError> {
        let path = self.folder.join(path);
        fs::read(&path).map_err(|source| StartError::File { path, source })
    }
}

/// A running app.
pub struct App {
    inner: Arc<Inner>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl App {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Its key-value store.
    #[must_use]
    pub fn store(&self) -> &KeyValue {
        &self.inner.store
    }

    /// What went wrong in components so far, as Spin would log it.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.inner.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What every request of an app shares.
pub(crate) struct Inner {
    pub(crate) routes: Routes,
    pub(crate) store: KeyValue,
    components: BTreeMap<String, Component>,
    engine: Engine,
    ticks: u64,
    instances: Semaphore,
    faults: Mutex<Vec<String>>,
}

impl Inner {
    /// The answer of a component. One that traps, or gives none, makes an empty 500.
    pub(crate) async fn respond(
        self: &Arc<Self>,
        mut request: Request<WasiBody>,
        matched: Matched,
        client: String,
    ) -> Result<Response<WasiBody>, Unanswerable> {
        locate(&mut request)?;
        let answered = match tell(&mut request, &matched, &client) {
            Ok(()) => self.ask(&matched.component, request).await,
            Err(error) => Err(error.to_string()),
        };
        Ok(answered.unwrap_or_else(|why| {
            self.fault(&matched.component, &why);
            server::plain(StatusCode::INTERNAL_SERVER_ERROR, "")
        }))
    }

    /// Runs a fresh instance of a component, which goes on while its answer is sent.
    async fn ask(self: &Arc<Self>, id: &str, request: Request<WasiBody>) -> Result<Response<WasiBody>, String> {
        let component = self.components.get(id).ok_or("no such component")?;
        let (say, said) = oneshot::channel();
        let mut store = store(&self.engine, self, component, self.ticks);
        let inbound = store.data_mut().http().new_incoming_request(Scheme::Http, request).map_err(|error| error.to_string())?;
        let outparam = store.data_mut().http().new_response_outparam(say).map_err(|error| error.to_string())?;
        let (pre, app) = (component.pre.clone(), self.clone());
        let (end, ended) = oneshot::channel();
        tokio::spawn(async move {
            let ran = match app.instances.try_acquire() {
                Err(_) => Err("every instance is in use".to_owned()),
                Ok(_permit) => run(&mut store, &pre, inbound, outparam).await.map_err(|error| format!("{error:#}")),
            };
            // The answer's sender goes with the store, and with it the wait below.
            drop(store);
            let _ = end.send(ran);
        });
        let Ok(answered) = said.await else {
            return match ended.await {
                Ok(Err(why)) => Err(why),
                _ => Err("the guest failed to produce a response prior to returning".to_owned()),
            };
        };
        let (app, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            if let Ok(Err(why)) = ended.await {
                app.fault(&id, &format!("after the response started: {why}"));
            }
        });
        answered.map_err(|code| format!("the guest failed to produce a response: {code:?}"))
    }

    fn fault(&self, id: &str, why: &str) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{id}: {why}"));
    }
}

type Inbound = wasmtime::component::Resource<wasmtime_wasi_http::p2::types::HostIncomingRequest>;
type Outparam = wasmtime::component::Resource<wasmtime_wasi_http::p2::types::HostResponseOutparam>;

async fn run(
    store: &mut wasmtime::Store<State>,
    pre: &wasmtime_wasi_http::p2::bindings::ProxyPre<State>,
    inbound: Inbound,
    outparam: Outparam,
) -> wasmtime::Result<()> {
    let proxy = pre.instantiate_async(&mut *store).await?;
    proxy.wasi_http_incoming_handler().call_handle(store, inbound, outparam).await
}
