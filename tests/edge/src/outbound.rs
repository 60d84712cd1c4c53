//! Requests that a component sends: held against its allowed hosts, answered inside the
//! app where they name a component, and sent over plain TCP otherwise.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use tokio::net::TcpStream;
use tokio::time::timeout;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiBody, WasiHttpHooks};

use crate::app::Inner;
use crate::hosts::target;
use crate::instance::Config;
use crate::routes::Matched;

/// Spin's own time-outs, where the guest sets none.
const PATIENCE: Duration = Duration::from_secs(600);

/// The way out of one instance.
pub(crate) struct Outbound {
    app: Arc<Inner>,
    component: Arc<Config>,
}

type Done = Box<dyn Future<Output = Result<()>> + Send>;
type Answered = Result<(Response<WasiBody>, Done)>;

impl Outbound {
    pub(crate) fn new(app: Arc<Inner>, component: Arc<Config>) -> Self {
        Self { app, component }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Box<dyn Future<Output = Answered> + Send> {
        let (app, component) = (self.app.clone(), self.component.clone());
        Box::new(async move {
            let response = send(&app, &component, request, options.unwrap_or_default()).await?;
            Ok((response, Box::new(async { Ok(()) }) as Done))
        })
    }
}

async fn send(app: &Arc<Inner>, component: &Config, request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>> {
    if !component.hosts.allow(request.uri()) {
        return Err(Error::HttpRequestDenied);
    }
    let chained = request.uri().host().and_then(target).map(|id| Matched::inside(id, request.uri().path()));
    match chained {
        Some(matched) => inside(app, request, matched).await,
        None => outside(request, options).await,
    }
}

/// To another component of the app, without its own name as the host.
async fn inside(app: &Arc<Inner>, mut request: Request<WasiBody>, matched: Matched) -> Result<Response<WasiBody>> {
    request.headers_mut().remove(http::header::HOST);
    // A future that can hold itself must be boxed.
    let answered = Box::pin(app.respond(request, matched, "0.0.0.0:0".to_owned()));
    answered.await.map_err(|error| Error::InternalError(Some(error.to_string())))
}

async fn outside(mut request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>> {
    if request.uri().scheme() != Some(&Scheme::HTTP) {
        // Nothing leaves this machine, so there is nobody to speak TLS with.
        return Err(Error::TlsProtocolError);
    }
    let authority = request.uri().authority().ok_or(Error::HttpRequestUriInvalid)?;
    let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
    let stream = timeout(options.connect_timeout.unwrap_or(PATIENCE), TcpStream::connect(address)).await;
    let stream = stream.map_err(|_| Error::ConnectionTimeout)?.map_err(Error::Connect)?;
    let _ = stream.set_nodelay(true);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    *request.uri_mut() = origin_form(request.uri());
    let sent = timeout(options.first_byte_timeout.unwrap_or(PATIENCE), sender.send_request(request)).await;
    let response = sent.map_err(|_| Error::ConnectionReadTimeout)??;
    let pause = options.between_bytes_timeout.unwrap_or(PATIENCE);
    Ok(response.map(|body| paced(body, pause)))
}

fn origin_form(uri: &Uri) -> Uri {
    uri.path_and_query().cloned().map(Uri::from).unwrap_or_default()
}

/// A body whose pieces must come without too long a pause.
fn paced(body: Incoming, pause: Duration) -> WasiBody {
    let pieces = stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match timeout(pause, body.frame()).await {
            Ok(Some(Ok(frame))) => Some((Ok(frame), Some(body))),
            Ok(Some(Err(error))) => Some((Err(Error::from(error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(Error::ConnectionReadTimeout), None)),
        }
    });
    StreamBody::new(pieces).boxed_unsync()
}
