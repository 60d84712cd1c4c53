//! The threads that serve connections. Each has a runtime and clients of its own: a request
//! is read, mapped, sent and answered without another thread being woken for it.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum::ServiceExt as _;
use axum::serve::Listener;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tower::service_fn;

use super::App;
use super::serve::ServeError;
use crate::config::Config;
use crate::service::Service;

/// Sooner than any time-out of a request.
const SOON: Duration = Duration::from_secs(1);

/// The threads.
pub(super) struct Threads {
    takers: Vec<mpsc::UnboundedSender<TcpStream>>,
    next: usize,
    /// Closed when the last thread has ended.
    running: mpsc::Receiver<()>,
}

impl Threads {
    /// Starts them. They end when `stop` says so and their requests have ended.
    pub(super) fn start(service: &Service, config: &Config, address: SocketAddr, stop: &watch::Receiver<bool>) -> Result<Self, ServeError> {
        let (run, running) = mpsc::channel(1);
        let mut takers = Vec::new();
        for nth in 0..config.bounds().threads {
            let (taker, connections) = mpsc::unbounded_channel();
            let service = Arc::new(service.apart(&config.egress));
            let app = Arc::new(App::new(service, config));
            let (mut stop, run) = (stop.clone(), run.clone());
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let work = move || {
                let stopping = async move {
                    let _ = stop.wait_for(|stop| *stop).await;
                };
                let answer = service_fn(move |request| {
                    let app = app.clone();
                    async move { Ok::<_, Infallible>(app.answer(request).await) }
                });
                let serve = axum::serve(Handed { connections, address }, answer.into_make_service());
                // Serving has no errors; what a connection has ends the connection.
                let _ = runtime.block_on(async {
                    tokio::spawn(keep_time());
                    serve.with_graceful_shutdown(stopping).await
                });
                drop(run);
            };
            thread::Builder::new().name(format!("requests-{nth}")).spawn(work)?;
            takers.push(taker);
        }
        Ok(Self { takers, next: 0, running })
    }

    /// Gives a connection to the next thread.
    pub(super) fn hand(&mut self, connection: TcpStream) {
        self.next = (self.next + 1) % self.takers.len().max(1);
        if let Some(taker) = self.takers.get(self.next) {
            // A thread that has ended is stopping: the connection is closed.
            let _ = taker.send(connection);
        }
    }

    /// Waits until every thread has ended.
    pub(super) async fn ended(mut self) {
        self.takers.clear();
        self.running.recv().await;
    }
}

/// A runtime wakes itself for each timer that ends before all that it knows of, which is two
/// system calls, and a request sets some. While it knows of one that ends sooner, it does not.
async fn keep_time() {
    let mut soon = tokio::time::interval(SOON);
    loop {
        soon.tick().await;
    }
}

/// Connections that the listening thread hands over.
struct Handed {
    connections: mpsc::UnboundedReceiver<TcpStream>,
    address: SocketAddr,
}

impl Listener for Handed {
    type Io = tokio::net::TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let Some(connection) = self.connections.recv().await else { return std::future::pending().await };
            let connection = connection.peer_addr().and_then(|peer| Ok((tokio::net::TcpStream::from_std(connection)?, peer)));
            match connection {
                Ok(connection) => return connection,
                Err(error) => tracing::debug!(%error, "a connection has gone before it was served"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
