//! A field that is left out is not sent.
//!
//! What a field adds to a native request is found by sending it alone. None of it may
//! stand there without the field, unless the provider's own answer had it: an update that
//! must be whole sends what it has read.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::Exchange;
use serde_json::Value;

use crate::context::{Context, Scene};
use crate::declaration::Found;
use crate::declaration::fields::with;
use crate::native;
use crate::report::{Check, Difference, Section};
use crate::rig::Driven;
use crate::value::{leaves, short};

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for scene in context.scenes() {
        for field in scene.fields().filter(|field| !field.required) {
            let others = context.required(&scene, &field.name);
            let without = context.drive(&scene, others.clone()).await;
            let Some(value) = context.probes(&scene, field).into_iter().next() else { continue };
            let given = context.drive(&scene, with(&others, &field.name, &value)).await;
            found.looked();
            for (call, pointer, sent) in sent_without(&without, &given) {
                let what = format!(
                    "{}: the field `{}` is left out, and {pointer} = {} is sent in the call `{call}`",
                    scene.place.name(),
                    field.name,
                    short(&sent)
                );
                found.add(Difference::new(what, without_place(&without, &pointer), shown(&without)));
            }
        }
        null_for_nothing(context, &scene, &mut found).await;
    }
    found.check(Section::Laws, "a field left out is not sent", "fields")
}

/// Members that stand in a request with and without a field, with other values.
fn sent_without(without: &Driven, given: &Driven) -> Vec<(String, String, Value)> {
    let mut sent = Vec::new();
    for (nth, exchange) in without.exchanges.iter().enumerate() {
        let read: Vec<Value> = without.steps.iter().take(nth).flat_map(|step| answered(&step.response.body)).collect();
        let Some(same) = given.exchanges.iter().find(|other| other.call == exchange.call) else { continue };
        let with_field = body(same);
        let differs = |(pointer, leaf): &(String, Value)| with_field.iter().any(|(at, other)| at == pointer && other != leaf);
        let own = |(_, leaf): &(String, Value)| !read.contains(leaf);
        let leaves = body(exchange).into_iter().filter(differs).filter(own);
        sent.extend(leaves.map(|(pointer, leaf)| (exchange.call.clone(), pointer, leaf)));
    }
    sent
}

/// A null in a native request that nobody gave: it clears what the caller left alone.
async fn null_for_nothing<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, found: &mut Found) {
    let without = context.drive(scene, context.required(scene, "")).await;
    for (nth, exchange) in without.exchanges.iter().enumerate() {
        let read: Vec<Value> = without.steps.iter().take(nth).flat_map(|step| answered(&step.response.body)).collect();
        for (pointer, _) in body(exchange).iter().filter(|(_, leaf)| leaf.is_null() && !read.contains(leaf)) {
            let what = format!("{}: nothing is cleared, and {pointer} = null is sent in the call `{}`", scene.place.name(), exchange.call);
            found.add(Difference::new(what, without_place(&without, pointer), shown(&without)));
        }
    }
}

/// The leaves of what is sent, the path aside.
fn body(exchange: &Exchange) -> Vec<(String, Value)> {
    let request = native::request(&exchange.request);
    leaves(&request).into_iter().filter(|(pointer, _)| pointer != "/path" && pointer != "/method").collect()
}

fn answered(body: &[u8]) -> Vec<Value> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    leaves(&body).into_iter().map(|(_, leaf)| leaf).collect()
}

fn shown(driven: &Driven) -> String {
    serde_json::to_string_pretty(&native::requests(&driven.natives())).unwrap_or_default()
}

fn without_place(driven: &Driven, pointer: &str) -> String {
    let natives = driven.natives().into_iter().map(|native| crate::value::without(&native::request(native), pointer));
    serde_json::to_string_pretty(&natives.collect::<Value>()).unwrap_or_default()
}
