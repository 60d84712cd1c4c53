//! Listening, and stopping without losing a request.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt as _;
use axum::extract::Request;
use axum::serve::ListenerExt as _;
use http::uri::PathAndQuery;
use patchboard_gateway::door;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;
use tower::Layer as _;
use tower::util::MapRequestLayer;

use super::router;
use crate::config::Config;
use crate::service::Service;

/// Why the server does not serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What happened.
        source: io::Error,
    },
    /// Signals, sockets.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until SIGTERM or SIGINT, then lets running requests end.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(service: Service, config: &Config) -> Result<(), ServeError> {
    let listener = TcpListener::bind(config.listen).await.map_err(|source| ServeError::Listen { address: config.listen, source })?;
    let address = listener.local_addr()?;
    announce(address, &service)?;
    let app = MapRequestLayer::new(one_slash).layer(router(Arc::new(service), config));
    let listener = listener.tap_io(|stream| {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
    });
    let (stop, mut stopping) = watch::channel(false);
    let signals = signals()?;
    tokio::spawn(async move {
        signals.await;
        tracing::info!("stopping: running requests may end, new ones are refused");
        let _ = stop.send(true);
    });
    let mut grace = stopping.clone();
    let server = axum::serve(listener, app.into_make_service()).with_graceful_shutdown(async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let limit = Duration::from_secs(config.shutdown_seconds);
    let out_of_time = async move {
        let _ = grace.wait_for(|stop| *stop).await;
        sleep(limit).await;
    };
    tokio::select! {
        served = async { server.await } => served.map_err(ServeError::from),
        () = out_of_time => {
            tracing::warn!(seconds = config.shutdown_seconds, "stopped with requests still running");
            Ok(())
        }
    }
}

fn one_slash(mut request: Request) -> Request {
    let given = request.uri().path_and_query().map(PathAndQuery::as_str).map(door::one_slash);
    if let Some(Cow::Owned(one)) = given
        && let Ok(uri) = one.parse()
    {
        *request.uri_mut() = uri;
    }
    request
}

/// One line on standard output, for people and for scripts that chose port 0.
fn announce(address: SocketAddr, service: &Service) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "patchboard listening on http://{address} with {}", service.registry.names())?;
    out.flush()
}

#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    })
}

#[cfg(not(unix))]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
