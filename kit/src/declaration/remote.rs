//! `remote_data` has a place where a call declares one.

use patchboard_gateway::manifest::Call;
use patchboard_gateway::{Code, Problem, Provider};
use serde_json::json;

use super::Found;
use crate::context::{Context, Scene};
use crate::report::{Check, Difference, Section};

/// A member that no provider has.
const PROBE: &str = "a_member_that_no_provider_has";

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for scene in context.scenes() {
        let takes = |call: &&Call| call.remote_data.is_some() && call.when.holds(&scene.variant.settled);
        let Some(call) = scene.place.spec.calls.iter().find(takes) else { continue };
        found.looked();
        let Some(problem) = refused(context, &scene).await else { continue };
        let pointer = call.remote_data.clone().unwrap_or_default();
        let what = format!(
            "{}: the call `{}` declares remote_data at {pointer:?}, and none can be given: {}",
            scene.place.name(),
            call.name,
            problem.detail
        );
        found.add(Difference::new(what, "a place in the native body", problem.detail));
    }
    found.check(Section::Declaration, "declared remote_data has a place", "operations")
}

/// Why neither an object nor a list is taken.
async fn refused<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>) -> Option<Problem> {
    let mut refusal = None;
    for data in [json!({PROBE: "x"}), json!([{PROBE: "x"}])] {
        let mut fields = scene.base.case.fields();
        fields.insert("remote_data".to_owned(), data);
        let ran = context.rig.run(&scene.ask().with_fields(&fields), &context.answers(scene)).await;
        match ran.reply.err().filter(|problem| problem.code == Code::InvalidRemoteData) {
            None => return None,
            Some(problem) => refusal = refusal.or(Some(problem)),
        }
    }
    refusal
}
