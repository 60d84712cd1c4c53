//! The socket in front.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::app::Inner;
use crate::request::{Unanswerable, strip};

/// Paths that Spin answers itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// Accepts connections for ever.
pub(crate) async fn serve(app: Arc<Inner>, listener: TcpListener) {
    while let Ok((stream, client)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let app = app.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| handle(app.clone(), request, client));
            // A caller that breaks off, or gets no answer, ends its own connection.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle(app: Arc<Inner>, mut request: Request<Incoming>, client: SocketAddr) -> Result<Response<WasiBody>, Unanswerable> {
    strip(request.headers_mut());
    let path = request.uri().path().to_owned();
    if let Some(name) = path.strip_prefix(WELL_KNOWN) {
        return Ok(if name == "health" { plain(StatusCode::OK, "OK") } else { plain(StatusCode::NOT_FOUND, "") });
    }
    let Some(matched) = app.routes.find(&path) else { return Ok(plain(StatusCode::NOT_FOUND, "")) };
    let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
    app.respond(request, matched, client.to_string()).await
}

/// An answer that no component gave.
pub(crate) fn plain(status: StatusCode, body: &'static str) -> Response<WasiBody> {
    let body = Full::new(Bytes::from_static(body.as_bytes())).map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
