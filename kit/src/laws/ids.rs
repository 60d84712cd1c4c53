//! An id of any characters stays one segment of the path, or one value elsewhere.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::NativeRequest;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::context::{Context, Scene};
use crate::declaration::Found;
use crate::native;
use crate::report::{Check, Difference, Section};
use crate::rig::{Ask, Ran};
use crate::value::leaves;

/// Ids that mean something in a path, a query, JSON, or a shell.
const IDS: [&str; 14] = [
    "a/b",
    "../up",
    "a/../../b",
    "..%2f..",
    "a?b=c&d",
    "a#b",
    "a b+c",
    "a%41b%",
    "a\"}{'\\b",
    "a;b,c:d@e",
    "ä€😀",
    "\u{202e}abc",
    "{id}",
    "-",
];

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for scene in context.scenes().into_iter().filter(|scene| scene.request.target.id.is_some()) {
        for id in IDS {
            found.looked();
            stays(context, &scene, id, &mut found).await;
        }
    }
    found.check(Section::Laws, "an id of any characters stays one segment", "ids")
}

async fn stays<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, id: &str, found: &mut Found) {
    let ask = Ask { id: Some(id.to_owned()), ..scene.ask() };
    let ran = context.rig.run(&ask, &context.answers(scene)).await;
    let name = format!("{}: the id {id:?}", scene.place.name());
    if let Some(why) = ran.failure() {
        found.add(Difference::new(format!("{name} breaks the native request: {why}"), "a native request with that id, or a refusal", why));
        return;
    }
    // A plugin that refuses an id sends nothing.
    if !ran.sent.is_empty() && !ran.exchanges.iter().any(|exchange| whole(&exchange.request, id)) {
        let what = format!("{name} is not whole in any native request");
        found.add(Difference::new(what, format!("{id:?} as one segment or one value"), sent(&ran)));
    }
}

fn whole(request: &NativeRequest, id: &str) -> bool {
    let in_path = request.path.split('/').any(|segment| percent_decode_str(segment).decode_utf8().is_ok_and(|decoded| decoded == id));
    in_path || leaves(&native::request(request)).iter().any(|(_, leaf)| leaf.as_str() == Some(id))
}

fn sent(ran: &Ran) -> String {
    let natives: Value = ran.exchanges.iter().map(|exchange| native::request(&exchange.request)).collect();
    serde_json::to_string_pretty(&natives).unwrap_or_default()
}
