//! `map-response` takes the provider's own errors, wherever they come.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::{Answer, MappingError, NativeResponse, Operation, Pair, Step, UnifiedRequest};
use serde_json::Value;

use crate::context::Context;
use crate::declaration::Found;
use crate::report::{Check, Difference, Section};
use crate::rig::{Stepped, failed, steadily, words};

/// Statuses that the provider's own error body is answered with.
const STATUSES: [u16; 11] = [400, 401, 403, 404, 409, 412, 422, 429, 500, 502, 503];

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    let errors = errors(context);
    if errors.is_empty() {
        let what = "no case shows an error of the provider's: what becomes of one cannot be confirmed";
        found.add(Difference::new(what, "a case that the provider rejects", "none"));
    }
    for moment in moments(context) {
        // An error inside a success is one of its own call.
        for (_, error) in errors.iter().filter(|(call, error)| error.status >= 400 || *call == moment.call) {
            found.looked();
            takes(context, &moment, error, &mut found).await;
        }
    }
    found.check(Section::Laws, "the provider's own errors are taken", "answers")
}

/// The provider's errors out of the cases: what the plugin calls rejected and every object
/// with an error's status, as they are and with every other such status.
fn errors<'c, P: Provider>(context: &'c Context<'_, P>) -> Vec<(&'c str, NativeResponse)> {
    let mut errors: Vec<(&str, NativeResponse)> = Vec::new();
    let steps = context.played.iter().flat_map(|played| played.ran.exchanges.iter().zip(&played.ran.steps));
    for (exchange, step) in steps.filter(|(_, step)| is_own(step)) {
        let statuses = STATUSES.into_iter().filter(|_| step.response.status >= 400 && errors.len() < MAX_BODIES * STATUSES.len());
        for status in std::iter::once(step.response.status).chain(statuses).collect::<Vec<_>>() {
            let error = NativeResponse { status, ..step.response.clone() };
            if !errors.iter().any(|(call, known)| *known == error && (status >= 400 || *call == exchange.call)) {
                errors.push((&exchange.call, error));
            }
        }
    }
    errors
}

/// A web page of some proxy's is no error of the provider's own.
fn is_own(step: &Stepped) -> bool {
    let object = || serde_json::from_slice::<Value>(&step.response.body).is_ok_and(|body| body.is_object());
    matches!(step.step, Ok(Err(MappingError::Rejected(_)))) || step.response.status >= 400 && object()
}

/// Waiting for the answer to a call.
struct Moment<'c> {
    settings: Vec<Pair>,
    request: &'c UnifiedRequest,
    call: &'c str,
    state: &'c [u8],
    /// An exchange before has answered; what follows only adds to it.
    answered: bool,
}

/// Moments of one call that are tried.
const MAX_MOMENTS: usize = 3;
/// Error bodies that are tried with every status.
const MAX_BODIES: usize = 3;

/// Every moment of the cases that succeed, each kind once.
fn moments<'c, P: Provider>(context: &'c Context<'_, P>) -> Vec<Moment<'c>> {
    let mut moments: Vec<Moment<'c>> = Vec::new();
    for played in context.played.iter().filter(|played| played.succeeds()) {
        let (Some(settings), Some(request)) = (context.settled(&played.case.settings), &played.ran.request) else { continue };
        let mut answered = false;
        for (exchange, step) in played.ran.exchanges.iter().zip(&played.ran.steps) {
            let moment = Moment { settings: settings.clone(), request, call: &exchange.call, state: &step.state, answered };
            answered |= exchange.answers;
            let of_call = |other: &&Moment<'_>| {
                let (other_target, target) = (&other.request.target, &request.target);
                (&other_target.model, &other_target.resource, other_target.operation) == (&target.model, &target.resource, target.operation)
                    && other.call == moment.call
            };
            let known = moments.iter().filter(of_call);
            if known.clone().count() < MAX_MOMENTS && !known.clone().any(|other| other.state == moment.state) {
                moments.push(moment);
            }
        }
    }
    moments
}

async fn takes<P: Provider>(context: &Context<'_, P>, moment: &Moment<'_>, error: &NativeResponse, found: &mut Found) {
    let Moment { settings, request, call, state, answered } = moment;
    let step = steadily(async || context.rig.provider.map_response(settings, request, state.to_vec(), error).await).await;
    let target = &request.target;
    let gone = target.operation == Operation::Delete && matches!(error.status, 404 | 410);
    let why = match step {
        Ok(Err(MappingError::Rejected(_)) | Ok(Step::Send(_))) => return,
        Ok(Ok(Step::Finish(Answer::Deleted(_), _))) if gone => return,
        Ok(Ok(Step::Finish(..))) if *answered => return,
        Ok(Ok(Step::Finish(..))) => "answered as a success".to_owned(),
        Ok(Err(other)) => words(&other),
        Err(failure) => failed(&failure),
    };
    let body = String::from_utf8_lossy(&error.body).into_owned();
    let short: String = body.chars().take(80).collect();
    let what =
        format!("{}/{} {}: the provider's error {short} to the call `{call}` is {why}", target.model, target.resource, target.operation);
    found.add(Difference::new(what, "rejected", format!("{why}\n{} {body}", error.status)));
}
