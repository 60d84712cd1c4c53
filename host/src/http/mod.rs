//! The server's HTTP: routes, and what every request and answer has in common.

mod accounts;
mod body;
mod frame;
mod health;
mod proxy;
mod serve;
mod threads;
mod unified;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use patchboard_gateway::{Problem, door};

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

/// Every route.
pub fn router(service: Arc<Service>, config: &Config) -> Router {
    let shared = Shared { service, body: body::BodyLimits::of(config) };
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
        .fallback(unified::handle)
        .layer(from_fn(frame::frame))
        .with_state(shared)
}

async fn method_not_allowed(request: Request) -> Refusal {
    door::method_not_allowed(request.method(), request.uri().path()).into()
}
