//! The plugin alone, without the engine's checks before it: what it does with a request
//! that no manifest has filtered.

use patchboard_gateway::contract::{Answer, Exchange, MappingError, NativeRequest, Pair, PluginFailure, Provider, Step, UnifiedRequest};

use super::{Answers, Rig, Stepped, failed, steadily, words};

/// What a request led to.
#[derive(Debug)]
pub(crate) struct Driven {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) steps: Vec<Stepped>,
    pub(crate) end: End,
}

/// How it ended.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Finished(Answer),
    Refused(MappingError),
    Failed(PluginFailure),
    /// No case says what is answered to this call.
    Unanswered(String),
}

impl End {
    /// Why there is no answer; none where there is one.
    pub(crate) fn why(&self) -> Option<String> {
        match self {
            Self::Finished(_) => None,
            Self::Refused(error) => Some(words(error)),
            Self::Failed(failure) => Some(failed(failure)),
            Self::Unanswered(call) => Some(format!("no case shows an answer to the call {call}")),
        }
    }
}

impl Driven {
    /// The native requests alone.
    pub(crate) fn natives(&self) -> Vec<&NativeRequest> {
        self.exchanges.iter().map(|exchange| &exchange.request).collect()
    }

    /// Whether a warning of the plugin's says that a field was not taken.
    pub(crate) fn reports(&self, field: &str) -> bool {
        let finished = self.steps.iter().filter_map(|stepped| match &stepped.step {
            Ok(Ok(Step::Finish(_, warnings))) => Some(warnings),
            _ => None,
        });
        let mut warnings = self.exchanges.iter().map(|exchange| &exchange.warnings).chain(finished).flatten();
        let inside = |path: &str| path.strip_prefix('/').and_then(|path| path.strip_prefix(field)).map(str::to_owned);
        warnings.any(|warning| inside(&warning.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// Whether the plugin took the request, whatever became of it.
    pub(crate) fn taken(&self) -> bool {
        !matches!(self.end, End::Refused(MappingError::Invalid(_) | MappingError::Unsupported(_)) | End::Failed(_))
    }
}

impl<P: Provider> Rig<'_, P> {
    /// Maps a request, exchange by exchange.
    pub(crate) async fn drive(&self, settings: &[Pair], request: &UnifiedRequest, answers: &dyn Answers) -> Driven {
        let mut driven = Driven { exchanges: Vec::new(), steps: Vec::new(), end: End::Unanswered(String::new()) };
        let mapped = steadily(async || self.provider.map_request(settings, request).await).await;
        let mut next = match mapped {
            Ok(Ok(exchange)) => exchange,
            Ok(Err(error)) => return Driven { end: End::Refused(error), ..driven },
            Err(failure) => return Driven { end: End::Failed(failure), ..driven },
        };
        loop {
            let nth = driven.exchanges.len();
            driven.exchanges.push(next.clone());
            if nth == self.gateway.limits.exchanges {
                driven.end = End::Failed(PluginFailure::OverLimit(format!("more than {nth} exchanges")));
                return driven;
            }
            let Some(Ok(response)) = answers.answer(nth, &next) else {
                driven.end = End::Unanswered(next.call);
                return driven;
            };
            let state = next.state.clone();
            let step = steadily(async || self.provider.map_response(settings, request, state.clone(), &response).await).await;
            driven.steps.push(Stepped { state, response, step: step.clone() });
            driven.end = match step {
                Ok(Ok(Step::Send(exchange))) => {
                    next = *exchange;
                    continue;
                }
                Ok(Ok(Step::Finish(answer, _))) => End::Finished(answer),
                Ok(Err(error)) => End::Refused(error),
                Err(failure) => End::Failed(failure),
            };
            return driven;
        }
    }
}
