use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::routing::any;
use http::{Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::connection::{Line, LineListener};
use crate::control;
use crate::exchange::{Answer, NativeRequest};
use crate::failures;
use crate::provider::Provider;
use crate::world::World;

/// The largest body that is read. Workiva's payload limit, the only one that a provider publishes:
/// <http://endpoints-public-docs.s3-website-us-east-1.amazonaws.com/2026-01-01/limits.html>.
const MOST_BODY: usize = 10_485_760;

/// How long connections in use may take to finish after a stop was asked for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What all requests share.
pub(crate) struct App {
    world: Mutex<World>,
    stopping: watch::Receiver<bool>,
}

impl App {
    /// The world, for a moment. A poisoned lock still holds a usable world: no invariant spans two of its members.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when the sandbox is told to stop. Whatever waits has to wait for this too.
    pub(crate) async fn stopping(&self) {
        // An error means that the sender is gone, and the server with it.
        let _ = self.stopping.clone().wait_for(|stopping| *stopping).await;
    }
}

/// Serves the sandbox on `listener` until `shutdown` ends, from fresh seeds.
///
/// Requests under way get a moment to finish; requests that a failure keeps hanging are cut.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let app = Arc::new(App { world: Mutex::new(World::new()), stopping });
    let service = router(Arc::clone(&app)).into_make_service_with_connect_info::<Line>();
    let server = axum::serve(LineListener(listener), service).with_graceful_shutdown(async move {
        shutdown.await;
        stop.send_replace(true);
    });
    let out_of_patience = async {
        app.stopping().await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        outcome = server.into_future() => outcome,
        () = out_of_patience => Ok(()),
    }
}

fn router(app: Arc<App>) -> Router {
    let mut router =
        Router::new().route("/_control", any(control::handle)).route("/_control/{*route}", any(control::handle)).fallback(elsewhere);
    for provider in Provider::ALL {
        let handler =
            move |State(app): State<Arc<App>>, ConnectInfo(line): ConnectInfo<Line>, request: Request| native(provider, app, line, request);
        router = router.route(&format!("/{provider}"), any(handler)).route(&format!("/{provider}/{{*path}}"), any(handler));
    }
    router.with_state(app)
}

async fn native(provider: Provider, app: Arc<App>, line: Line, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BODY).await else {
        let mut world = app.world();
        return world.stand_in(provider).error(StatusCode::PAYLOAD_TOO_LARGE, None).into_response();
    };
    let request = NativeRequest::new(provider, parts, body);
    let (ticket, fired) = {
        let mut world = app.world();
        let ticket = world.log.enter(&request);
        match world.rules.fire(&request) {
            Some(failure) => (ticket, failure),
            None => {
                let answer = world.stand_in(provider).answer(&request);
                world.log.answered(ticket, answer.status, &answer.body);
                return answer.into_response();
            }
        }
    };
    failures::deliver(&app, &line, request, ticket, fired).await
}

async fn elsewhere() -> Response<Body> {
    let help = "{\"error\":\"no provider has this prefix; GET /_control lists what is here\"}";
    Answer::text(StatusCode::NOT_FOUND, "application/json", help).into_response()
}

/// Starts sandboxes inside a program, for tests.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts one on a free port of the loopback address.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> io::Result<RunningSandbox> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(serve(listener, async move {
            // Dropping the handle stops the sandbox as well.
            let _ = stopped.await;
        }));
        Ok(RunningSandbox { address, stop, task })
    }
}

/// A sandbox in this program. It ends when this is dropped.
#[derive(Debug)]
pub struct RunningSandbox {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl RunningSandbox {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path on it: `url("/wrike/api/v4")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Stops it and waits for the end.
    ///
    /// # Errors
    /// When the server had failed.
    pub async fn stop(self) -> io::Result<()> {
        // An error means that it had ended already.
        let _ = self.stop.send(());
        self.task.await.map_err(io::Error::other)?
    }
}
