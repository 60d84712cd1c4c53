//! Connections to providers: kept open, over TLS where the URL says so, and only to addresses
//! that were checked.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as Received;
use bytes::Bytes;
use http::Uri;
use http_body_util::{Either, Full};
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use patchboard_gateway::egress::Reach;
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::net::TcpStream;
use tower::BoxError;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

use super::resolve::CheckedResolver;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(90);
/// A peer that is gone without a word is noticed: asked after so long, so often, and given up
/// when it has acknowledged nothing for twice as long.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const KEEP_ALIVE_TIMES: u32 = 3;

/// What is sent: a body that is known, or one that is being received.
pub(super) type Body = Either<Full<Bytes>, Received>;
/// The connections of one thread to hosts of one reach.
pub(super) type Connections = Client<BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>, Body>;

/// The one TLS of the process: certificates are checked as the system checks them.
///
/// # Errors
/// When the system's roots cannot be read.
pub(super) fn tls() -> Result<ClientConfig, rustls::Error> {
    // Set by whoever comes first; a second attempt changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ClientConfig::with_platform_verifier()
}

/// Opens nothing yet. `within` is how long a connection may take, its TLS included.
pub(super) fn connections(tls: &Arc<ClientConfig>, reach: Reach, within: Duration, idle_per_host: usize) -> Connections {
    let mut tcp = HttpConnector::new_with_resolver(CheckedResolver { reach });
    // https comes through here, too.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(within));
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_keepalive_interval(Some(KEEP_ALIVE));
    tcp.set_keepalive_retries(Some(KEEP_ALIVE_TIMES));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(KEEP_ALIVE * 2));
    let https =
        HttpsConnectorBuilder::new().with_tls_config(ClientConfig::clone(tls)).https_or_http().enable_all_versions().wrap_connector(tcp);
    let mut client = Client::builder(TokioExecutor::new());
    client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).pool_max_idle_per_host(idle_per_host);
    client.build(BoxCloneSyncService::new(Timeout::new(https, within)))
}
