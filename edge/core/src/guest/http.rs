//! Requests and answers between Spin's types and ours.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use ::http::header::CONTENT_LENGTH;
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use spin_sdk::http::{Fields, IncomingRequest, IncomingResponse, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme};
use spin_sdk::wit::wasi::http0_2_0::outgoing_handler;
use spin_sdk::wit::wasi::http0_2_0::types::{ErrorCode, Method as WasiMethod, RequestOptions};

use super::{Incoming, Outgoing, Wait};
use crate::{Answer, Head};

fn method(method: &WasiMethod) -> Method {
    match method {
        WasiMethod::Get => Method::GET,
        WasiMethod::Head => Method::HEAD,
        WasiMethod::Post => Method::POST,
        WasiMethod::Put => Method::PUT,
        WasiMethod::Delete => Method::DELETE,
        WasiMethod::Connect => Method::CONNECT,
        WasiMethod::Options => Method::OPTIONS,
        WasiMethod::Trace => Method::TRACE,
        WasiMethod::Patch => Method::PATCH,
        WasiMethod::Other(name) => Method::from_bytes(name.as_bytes()).unwrap_or_default(),
    }
}

fn wasi_method(method: &Method) -> WasiMethod {
    match method.as_str() {
        "GET" => WasiMethod::Get,
        "HEAD" => WasiMethod::Head,
        "POST" => WasiMethod::Post,
        "PUT" => WasiMethod::Put,
        "DELETE" => WasiMethod::Delete,
        "CONNECT" => WasiMethod::Connect,
        "OPTIONS" => WasiMethod::Options,
        "TRACE" => WasiMethod::Trace,
        "PATCH" => WasiMethod::Patch,
        other => WasiMethod::Other(other.to_owned()),
    }
}

fn headers(entries: Vec<(String, Vec<u8>)>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(&value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// Those of the connection are the runtime's, and it refuses them; they are left out.
fn fields(headers: &HeaderMap) -> Fields {
    let fields = Fields::new();
    for (name, value) in headers {
        let _ = fields.append(name.as_ref(), value.as_bytes());
    }
    fields
}

/// The head of a request that came.
#[must_use]
pub fn head(request: &IncomingRequest) -> Head {
    let given = request.path_with_query().unwrap_or_default();
    Head::new(method(&request.method()), &given, headers(request.headers().entries()))
}

/// A request to be sent; none where a part of it cannot be said.
#[must_use]
pub fn request(verb: &Method, tls: bool, authority: &str, path_and_query: &str, headers: &HeaderMap) -> Option<OutgoingRequest> {
    let request = OutgoingRequest::new(fields(headers));
    request.set_method(&wasi_method(verb)).ok()?;
    request.set_scheme(Some(if tls { &Scheme::Https } else { &Scheme::Http })).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(path_and_query)).ok()?;
    Some(request)
}

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until there is a connection.
    pub connect: Duration,
    /// Between two pieces of the answer, and until the first.
    pub read: Duration,
}

/// An answer whose body has not been read.
pub struct Received {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Incoming,
}

/// Sends a request. Its body may still be on its way when the answer is there.
///
/// # Errors
/// What Spin says.
pub async fn send(request: OutgoingRequest, times: Times) -> Result<Received, ErrorCode> {
    let options = RequestOptions::new();
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).ok();
    // A runtime that takes no times has times of its own.
    let _ = options.set_connect_timeout(nanoseconds(times.connect));
    let _ = options.set_first_byte_timeout(nanoseconds(times.read));
    let _ = options.set_between_bytes_timeout(nanoseconds(times.read));
    let coming = outgoing_handler::handle(request, Some(options))?;
    let mut wait = Wait::default();
    let answer = poll_fn(|context| match coming.get() {
        None => wait.pending(coming.subscribe(), context),
        Some(Ok(answer)) => Poll::Ready(answer),
        Some(Err(())) => Poll::Ready(Err(ErrorCode::InternalError(None))),
    })
    .await?;
    received(answer).ok_or(ErrorCode::InternalError(None))
}

fn received(answer: IncomingResponse) -> Option<Received> {
    let body = Incoming::new(answer.consume().ok()?)?;
    Some(Received { status: StatusCode::from_u16(answer.status()).ok()?, headers: headers(answer.headers().entries()), body })
}

/// Begins an answer, whose body is to be sent; none where the runtime refuses it.
#[must_use]
pub fn start(out: ResponseOutparam, status: StatusCode, headers: &HeaderMap) -> Option<Outgoing> {
    let response = OutgoingResponse::new(fields(headers));
    response.set_status_code(status.as_u16()).ok()?;
    let body = Outgoing::new(response.body().ok()?)?;
    out.set(response);
    Some(body)
}

/// Gives a whole answer.
pub async fn answer(out: ResponseOutparam, answer: Answer) {
    respond(out, answer.status, answer.headers, &answer.body).await;
}

/// Gives an answer with all of its body, and says how long it is: without that, some
/// exchanges wait for an acknowledgement of forty milliseconds.
pub async fn respond(out: ResponseOutparam, status: StatusCode, mut headers: HeaderMap, body: &[u8]) {
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if let Some(outgoing) = start(out, status, &headers)
        && outgoing.write(body).await.is_ok()
    {
        let _ = outgoing.finish();
    }
}
