//! Recordings: what a unified request was, every native exchange of it, and its answer,
//! in one file, so that the same can be answered again offline.
//!
//! A recording is off unless the operator names a folder. While it is on, a request is
//! only listened to ([`tap`]); a thread of its own makes files of what was heard
//! ([`writer`]). Where an operator wants values left out, what the plugin made of them
//! would still hold them: so they are replaced in what came from outside, and the rest is
//! made again by the plugin ([`play`]).

pub mod file;
mod folder;
pub mod play;
mod redact;
mod tap;
mod writer;

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use patchboard_gateway::access::Access;
use patchboard_gateway::engine::Parsed;
use patchboard_gateway::redact::Redactor;
use patchboard_gateway::{Gateway, Outcome, ReplyBody};

use crate::egress::{Exchanges, Receiving};
use crate::models::Known;
use crate::runtime::Plugin;
use crate::service::Unified;
use crate::store::Ready;
use tap::{Made, Tap};

pub use file::{Recording, RecordingError};
pub use play::{Played, Player};
pub use writer::Recorder;

/// What was heard of a request.
struct Draft {
    at: SystemTime,
    request_id: String,
    models: Arc<Known>,
    plugin: Arc<Plugin>,
    ready: Arc<Ready>,
    redactor: Redactor,
    asked: Asked,
    made: Vec<Made>,
    answer: Answered,
}

/// The request as it came, and where it was read to go.
struct Asked {
    operation: String,
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    /// None where it is handed through piece by piece.
    body: Option<Bytes>,
}

impl Recorder {
    /// Runs a request as the engine does, and keeps what passed.
    pub async fn run(
        &self,
        (gateway, models): (&Gateway, &Arc<Known>),
        (parsed, request): (Parsed, Unified<'_>),
        (ready, access): (&Arc<Ready>, &Access),
        plugin: &Arc<Plugin>,
        exchanges: &Exchanges<'_>,
    ) -> Outcome<Receiving> {
        let at = SystemTime::now();
        let operation = format!("{} {}/{}", parsed.route.operation, parsed.route.model, parsed.route.resource);
        let tap = Tap::new(&**plugin, exchanges, access);
        let outcome = gateway.run(parsed, access, &tap, &tap).await;
        self.keep(Draft {
            at,
            request_id: request.trace.request_id.clone(),
            models: models.clone(),
            plugin: plugin.clone(),
            ready: ready.clone(),
            redactor: access.redactor.clone(),
            asked: Asked::of(operation, &request),
            made: tap.made(),
            answer: Answered::of(&outcome, &request.trace.request_id),
        });
        outcome
    }
}

impl Asked {
    fn of(operation: String, request: &Unified<'_>) -> Self {
        let meant = [http::header::CONTENT_TYPE, http::header::IF_MATCH];
        let headers = request.headers.iter().filter(|(name, _)| meant.contains(name));
        Self {
            operation,
            method: request.method.to_string(),
            path: request.path.to_owned(),
            query: request.query.to_owned(),
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            body: Bytes::copy_from_slice(request.body),
        }
    }
}

impl Answered {
    fn of(outcome: &Outcome<Receiving>, request_id: &str) -> Self {
        match &outcome.reply {
            Ok(reply) => {
                let body = match &reply.body {
                    ReplyBody::Bytes(bytes) => Some(bytes.clone()),
                    ReplyBody::Stream(..) => None,
                };
                Self { status: reply.status, headers: reply.headers.clone(), body }
            }
            Err(problem) => {
                let (status, headers, body) = problem.clone().into_http(request_id);
                Self { status, headers, body: Some(body.into()) }
            }
        }
    }
}
