//! The server's HTTP: routes, and what every request and answer has in common.

mod accounts;
mod body;
mod frame;
mod health;
mod proxy;
mod serve;
mod threads;
mod unified;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::uri::PathAndQuery;
use patchboard_gateway::Problem;
use patchboard_gateway::door::{self, Place};
use patchboard_gateway::trace::Trace;
use tower::ServiceExt as _;

use crate::config::Config;
use crate::service::Service;

pub use serve::{ServeError, serve};

/// What handlers share.
#[derive(Clone)]
struct Shared {
    service: Arc<Service>,
    body: body::BodyLimits,
}

/// A problem on its way out. It becomes HTTP in `frame`, which knows the request's id.
struct Refusal(Box<Problem>);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(frame::Failed(self.0));
        response
    }
}

type Handled = Result<Response, Refusal>;

/// What answers the requests of a thread.
struct App {
    shared: Shared,
    /// Every route but those of unified requests.
    others: Router,
}

impl App {
    fn new(service: Arc<Service>, config: &Config) -> Self {
        let shared = Shared { service, body: body::BodyLimits::of(config) };
        Self { others: others(shared.clone()), shared }
    }

    async fn answer(&self, request: Request) -> Response {
        frame::frame(one_slash(request), async |request, trace| self.route(request, trace).await).await
    }

    /// Unified requests are nearly all, and need nothing of what a router does.
    async fn route(&self, mut request: Request, trace: &Trace) -> Response {
        if Place::of(request.uri().path()) == Place::Unified {
            return unified::handle(&self.shared, request, trace).await.into_response();
        }
        request.extensions_mut().insert(trace.clone());
        self.others.clone().oneshot(request).await.into_response()
    }
}

/// Clients of the reference API write more than one slash in places.
fn one_slash(mut request: Request) -> Request {
    let given = request.uri().path_and_query().map(PathAndQuery::as_str).map(door::one_slash);
    if let Some(Cow::Owned(one)) = given
        && let Ok(uri) = one.parse()
    {
        *request.uri_mut() = uri;
    }
    request
}

fn others(shared: Shared) -> Router {
    Router::new()
        .route("/ping", get(health::ping))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/integrated-account", get(accounts::list).post(accounts::create))
        .route("/integrated-account/{id}", get(accounts::show).patch(accounts::update).delete(accounts::remove))
        .route("/proxy", any(proxy::handle))
        .route("/proxy/", any(proxy::handle))
        .route("/proxy/{*path}", any(proxy::handle))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(shared)
}

async fn method_not_allowed(request: Request) -> Refusal {
    door::method_not_allowed(request.method(), request.uri().path()).into()
}
