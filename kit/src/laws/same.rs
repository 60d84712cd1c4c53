//! The same input gives the same bytes.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::{Exchange, UnifiedRequest};

use crate::context::{Context, Played};
use crate::declaration::Found;
use crate::native;
use crate::report::{Check, Difference, Section};
use crate::rig::{Stepped, steadily};

/// How often everything is asked again.
const TIMES: usize = 4;

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for played in &context.played {
        let Some(request) = &played.ran.request else { continue };
        found.looked();
        for _ in 0..TIMES {
            again(context, played, request, &mut found).await;
        }
    }
    found.check(Section::Laws, "the same input gives the same bytes", "cases")
}

async fn again<P: Provider>(context: &Context<'_, P>, played: &Played<'_>, request: &UnifiedRequest, found: &mut Found) {
    let Some(settings) = context.settled(&played.case.settings) else { return };
    let mapped = steadily(async || context.rig.provider.map_request(&settings, request).await).await;
    let first = mapped.ok().and_then(Result::ok);
    let before = played.ran.exchanges.first().map(exact);
    let after = first.as_ref().map(exact);
    if before != after {
        let what = format!("in the case \"{}\" the first native request is another one the next time", played.case.name);
        found.add(Difference::new(what, before.unwrap_or_default(), after.unwrap_or_default()));
    }
    for (nth, Stepped { state, response, step }) in played.ran.steps.iter().enumerate() {
        let next = steadily(async || context.rig.provider.map_response(&settings, request, state.clone(), response).await).await;
        let (before, after) = (format!("{step:#?}"), format!("{next:#?}"));
        if before != after {
            let what =
                format!("in the case \"{}\" the answer to exchange {} is mapped in another way the next time", played.case.name, nth + 1);
            found.add(Difference::new(what, before, after));
        }
    }
}

fn exact(exchange: &Exchange) -> String {
    native::exact(exchange)
}
