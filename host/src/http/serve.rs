//! Listening, and stopping without losing a request.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::threads::Threads;
use crate::config::Config;
use crate::control;
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
    /// Signals, sockets, threads.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until SIGTERM or SIGINT, then lets running requests end. SIGHUP, and a command
/// over the socket in the data folder, read the plugins again.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(service: Service, config: &Config) -> Result<(), ServeError> {
    let listener = TcpListener::bind(config.listen).await.map_err(|source| ServeError::Listen { address: config.listen, source })?;
    let address = listener.local_addr()?;
    let service = Arc::new(service);
    let signals = signals()?;
    reload_on_hangup(service.clone())?;
    let _control = control::listen(&config.data_dir, &service);
    let (stop, stopping) = watch::channel(false);
    let mut threads = Threads::start(&service, config, address, &stopping)?;
    announce(address, &service)?;
    tokio::select! {
        () = hand_over(listener, &mut threads) => {}
        () = signals => {}
    }
    tracing::info!("stopping: running requests may end, new ones are refused");
    let _ = stop.send(true);
    if timeout(Duration::from_secs(config.shutdown_seconds), threads.ended()).await.is_err() {
        tracing::warn!(seconds = config.shutdown_seconds, "stopped with requests still running");
    }
    Ok(())
}

/// Hands connections to the threads, for ever.
async fn hand_over(mut listener: TcpListener, threads: &mut Threads) {
    loop {
        let (connection, _) = Listener::accept(&mut listener).await;
        // Answers are written whole; waiting for more to send would only delay them.
        let handed = connection.set_nodelay(true).and_then(|()| connection.into_std());
        match handed {
            Ok(connection) => threads.hand(connection),
            Err(error) => tracing::debug!(%error, "a connection has gone before it was served"),
        }
    }
}

/// One line on standard output, for people and for scripts that chose port 0.
fn announce(address: SocketAddr, service: &Service) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "patchboard listening on http://{address} with {}", service.plugins.current().names())?;
    out.flush()
}

/// SIGHUP reads the plugins again.
#[cfg(unix)]
fn reload_on_hangup(service: Arc<Service>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            // What went wrong is logged.
            let _ = service.clone().reload(Vec::new()).await;
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn reload_on_hangup(_service: Arc<Service>) -> io::Result<()> {
    Ok(())
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
