//! The plugin on a bench: the real engine around it, a made-up account, and answers out
//! of cases instead of a provider. Everything that happens is written down.

mod account;
mod answers;
mod ask;
mod direct;
mod recorder;
mod wire;

use std::cell::Cell;

use bytes::Bytes;
use http::HeaderMap;
use patchboard_gateway::contract::{Answer, Called, Exchange, MappingError, NativeResponse, PluginFailure, Provider, Step, UnifiedRequest};
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::engine::ReplyBody;
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::model::Models;
use patchboard_gateway::upstream::Outbound;
use patchboard_gateway::{Gateway, Limits, Manifest, Problem};

pub(crate) use account::{SECRET, access, settle};
pub(crate) use answers::{Answers, Given, InOrder};
pub(crate) use ask::{Ask, Settings};
pub(crate) use direct::Driven;
pub use recorder::steadily;

use recorder::Recorder;
use wire::Wire;

/// What the helpers of scripting languages say, in a debug build, where the code of a plugin
/// failed: to the contract it is an error like others.
const MISTAKE: &str = "a mistake in the plugin: ";

/// The bench.
pub(crate) struct Rig<'a, P> {
    pub(crate) provider: &'a P,
    pub(crate) gateway: Gateway,
    pub(crate) models: &'a Models,
    runs: Cell<u64>,
}

/// One answer that the plugin was shown, and what it made of it.
#[derive(Debug, Clone)]
pub(crate) struct Stepped {
    pub(crate) state: Vec<u8>,
    pub(crate) response: NativeResponse,
    pub(crate) step: Called<Step>,
}

/// What a request through the engine led to.
pub(crate) struct Ran {
    /// What the engine let through to the plugin.
    pub(crate) request: Option<UnifiedRequest>,
    /// What the plugin asked for, whether it left or not.
    pub(crate) exchanges: Vec<Exchange>,
    /// What the plugin made of the answers.
    pub(crate) steps: Vec<Stepped>,
    /// What left.
    pub(crate) sent: Vec<Outbound>,
    /// What the caller gets.
    pub(crate) reply: Result<Replied, Problem>,
}

/// An answer to the caller.
#[derive(Debug)]
pub(crate) struct Replied {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ran {
    /// How the plugin finished, if it did.
    pub(crate) fn finished(&self) -> Option<&Answer> {
        match &self.steps.last()?.step {
            Ok(Ok(Step::Finish(answer, _))) => Some(answer),
            _ => None,
        }
    }

    /// The first time that the plugin did not do its part.
    pub(crate) fn failure(&self) -> Option<String> {
        let by_engine = self.reply.as_ref().err().filter(|problem| is_failure(problem) || is_mistake(&problem.detail));
        by_engine.map(|problem| problem.detail.clone())
    }
}

/// Whether a problem is what such a helper says, as it is or as an answer that cannot be read.
fn is_mistake(detail: &str) -> bool {
    detail.starts_with(MISTAKE) || detail.contains(&format!("cannot be read: {MISTAKE}"))
}

/// Whether a problem is the plugin's fault, or the engine's.
fn is_failure(problem: &Problem) -> bool {
    matches!(problem.code, patchboard_gateway::Code::PluginFailed | patchboard_gateway::Code::Internal)
}

impl<'a, P: Provider> Rig<'a, P> {
    pub(crate) fn new(provider: &'a P, models: &'a Models) -> Self {
        let gateway = Gateway { limits: Limits::default(), cursors: Cursors::new(b"conformance kit"), kept: KeptAnswers::default() };
        Self { provider, gateway, models, runs: Cell::new(0) }
    }

    pub(crate) fn manifest(&self) -> &'a Manifest {
        self.provider.manifest()
    }

    /// An account of its own for every run, so that no answer is kept from one to another.
    fn next_account(&self) -> String {
        self.runs.set(self.runs.get() + 1);
        format!("account-{}", self.runs.get())
    }

    /// Sends a request through the engine.
    pub(crate) async fn run(&self, ask: &Ask, answers: &dyn Answers) -> Ran {
        let recorder = Recorder::new(self.provider);
        let wire = Wire::new(&recorder.log, answers);
        let reply = self.reply(ask, &recorder, &wire).await;
        let sent = wire.sent.into_inner();
        let log = recorder.log.into_inner();
        Ran { request: log.request, exchanges: log.exchanges, steps: log.steps, sent, reply }
    }

    async fn reply(&self, ask: &Ask, recorder: &Recorder<'_, P>, wire: &Wire<'_>) -> Result<Replied, Problem> {
        let account = self.next_account();
        let access = access(&account, &ask.settings, self.manifest())?;
        let query = ask.query_string(&account, &self.gateway.cursors);
        let parsed = self.gateway.parse(self.models, &ask.method(), &ask.path(), &query, &ask.headers(), &ask.body)?;
        let reply = self.gateway.run(parsed, &access, recorder, wire).await.reply?;
        let body = match reply.body {
            ReplyBody::Bytes(bytes) | ReplyBody::Stream(Ok(bytes), ..) => bytes,
            ReplyBody::Stream(Err(_), ..) => Bytes::new(),
        };
        Ok(Replied { status: reply.status.as_u16(), headers: reply.headers, body })
    }
}

/// A refusal in words.
pub(crate) fn words(error: &MappingError) -> String {
    match error {
        MappingError::Unsupported(why) => format!("refused as unsupported: {why}"),
        MappingError::Invalid(fields) => {
            let all: Vec<String> = fields.iter().map(|field| format!("{} {}", field.path, field.message)).collect();
            format!("refused as invalid: {}", all.join("; "))
        }
        MappingError::Rejected(rejection) => format!("rejected ({:?}): {}", rejection.class, rejection.message),
        MappingError::Unreadable(why) => format!("called unreadable: {why}"),
    }
}

/// A failure in words.
pub(crate) fn failed(failure: &PluginFailure) -> String {
    failure.to_string()
}
