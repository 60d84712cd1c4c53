//! The plugin, with a protocol of what it was asked and what it said.

use std::cell::RefCell;

use patchboard_gateway::Manifest;
use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginFailure, PluginIdentity, Provider, Step, UnifiedRequest};

use super::Stepped;

/// How often a call that ran over its deadline is made: a machine that is busy with
/// something else can stop a plugin that is not slow.
const ATTEMPTS: usize = 3;

#[derive(Default)]
pub(super) struct Log {
    pub(super) request: Option<UnifiedRequest>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) steps: Vec<Stepped>,
}

pub(super) struct Recorder<'a, P> {
    provider: &'a P,
    identity: PluginIdentity,
    pub(super) log: RefCell<Log>,
}

impl<'a, P: Provider> Recorder<'a, P> {
    /// Cases can show what a dry run answers, so the digest is none of a file's.
    pub(super) fn new(provider: &'a P) -> Self {
        let identity = PluginIdentity { digest: "sha256:0".to_owned(), ..provider.identity().clone() };
        Self { provider, identity, log: RefCell::default() }
    }
}

impl<P: Provider> Provider for Recorder<'_, P> {
    fn manifest(&self) -> &Manifest {
        self.provider.manifest()
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let mapped = steadily(async || self.provider.map_request(settings, request).await).await;
        let mut log = self.log.borrow_mut();
        log.request = Some(request.clone());
        if let Ok(Ok(exchange)) = &mapped {
            log.exchanges.push(exchange.clone());
        }
        mapped
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        let step = steadily(async || self.provider.map_response(settings, request, state.clone(), response).await).await;
        let mut log = self.log.borrow_mut();
        log.steps.push(Stepped { state, response: response.clone(), step: step.clone() });
        if let Ok(Ok(Step::Send(exchange))) = &step {
            log.exchanges.push((**exchange).clone());
        }
        step
    }
}

/// Makes a call outside of a request, where a plugin's verdict counts and not its speed:
/// once more where it ran over its deadline.
///
/// # Errors
/// Those of the last call.
pub async fn steadily<T>(call: impl AsyncFn() -> Called<T>) -> Called<T> {
    let mut called = call().await;
    for _ in 1..ATTEMPTS {
        if !matches!(called, Err(PluginFailure::Deadline(_))) {
            break;
        }
        called = call().await;
    }
    called
}
