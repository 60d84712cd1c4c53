//! Native calls: those declared as reads write nothing, and every one of them is made.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::{Exchange, Operation};
use patchboard_gateway::manifest::{Call, Effect};
use serde_json::Value;

use super::Found;
use crate::context::{Context, Place, Scene};
use crate::native;
use crate::report::{Check, Difference, Section};
use crate::value::{leaves, short};

pub(super) async fn reads<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for place in context.places() {
        for call in place.spec.calls.iter().filter(|call| call.effect != Effect::Write) {
            found.looked();
            told_apart(context, place, call, &mut found);
        }
        if matches!(place.operation, Operation::List | Operation::Get) {
            for call in place.spec.calls.iter().filter(|call| call.effect == Effect::Write) {
                let what = format!("{} only reads, and declares the call `{}` as a write", place.name(), call.name);
                found.add(Difference::new(what, "read", "write"));
            }
        }
    }
    for scene in context.scenes() {
        carries_nothing(context, &scene, &mut found).await;
    }
    found.check(Section::Declaration, "declared reads write nothing", "calls")
}

/// By its method, and by what makes it another call than every write.
fn told_apart<P: Provider>(context: &Context<'_, P>, place: Place<'_>, call: &Call, found: &mut Found) {
    let what = |why: String| format!("{}: the call `{}` is declared as a read, and {why}", place.name(), call.name);
    if matches!(call.method.as_str(), "PUT" | "PATCH" | "DELETE") {
        found.add(Difference::new(what(format!("{} writes", call.method)), "GET or POST", &call.method));
    }
    if call.method != "POST" {
        return;
    }
    let places = context.places();
    let mut writes = places.iter().flat_map(|place| &place.spec.calls).filter(|other| other.effect == Effect::Write);
    let same = |other: &&Call| {
        let fixed = |(pointer, value): (&String, &Value)| other.fixed.get(pointer).is_some_and(|other| other == value);
        other.method == call.method && other.path == call.path && call.fixed.iter().all(fixed) && other.fixed.len() == call.fixed.len()
    };
    if let Some(write) = writes.find(same) {
        let why = format!("nothing tells it from the write `{}`; declare what its body always holds as fixed", write.name);
        found.add(Difference::new(what(why), "method, path or fixed members of its own", format!("those of {}", write.name)));
    }
}

/// An update says by its id what it reads: a value to be written has no place in a read.
async fn carries_nothing<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, found: &mut Found) {
    if scene.place.operation != Operation::Update {
        return;
    }
    for field in scene.fields() {
        let enumerated = field.values.is_some() || scene.model.values(&field.name).is_some();
        for value in context.probes(scene, field).into_iter().filter(|_| !enumerated) {
            let fields = super::fields::with(&context.required(scene, &field.name), &field.name, &value);
            let driven = context.drive(scene, fields).await;
            let mut before = Vec::new();
            for (nth, exchange) in driven.exchanges.iter().enumerate() {
                let carried = carried(scene, exchange, &value, &before);
                before.extend(driven.steps.get(nth).into_iter().flat_map(|step| answered(&step.response.body)));
                if let Some(carried) = carried {
                    let what = format!(
                        "{}: the call `{}` is declared as a read, and carries the new value of `{}`",
                        scene.place.name(),
                        exchange.call,
                        field.name
                    );
                    found.add(Difference::new(what, "", format!("{} in {}", short(&carried), native::request(&exchange.request))));
                }
            }
        }
    }
}

/// The part of a value that a read carries, unless an answer before had it.
fn carried(scene: &Scene<'_, '_>, exchange: &Exchange, value: &Value, before: &[Value]) -> Option<Value> {
    let of_call = |call: &&Call| call.name == exchange.call && call.when.holds(&scene.variant.settled);
    let reads = scene.place.spec.calls.iter().find(of_call).is_some_and(|call| call.effect == Effect::Read);
    let sent: Vec<Value> = leaves(&native::request(&exchange.request)).into_iter().map(|(_, leaf)| leaf).collect();
    let telling = |leaf: &Value| leaf.as_str().is_some_and(|text| text.len() > 3);
    let id = scene.request.target.id.clone().map(Value::from);
    let parts = leaves(value).into_iter().map(|(_, leaf)| leaf);
    let mut parts = parts.filter(|leaf| telling(leaf) && Some(leaf) != id.as_ref() && !before.contains(leaf));
    parts.find(|leaf| reads && sent.contains(leaf))
}

fn answered(body: &[u8]) -> Vec<Value> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    leaves(&body).into_iter().map(|(_, leaf)| leaf).collect()
}

/// A call that no case makes is a declaration that nothing confirms.
pub(super) fn made<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for place in context.places() {
        for call in &place.spec.calls {
            found.looked();
            let cases = context.played.iter().filter(|played| place.has(played.case));
            let mut under = cases.filter(|played| context.settled(&played.case.settings).is_some_and(|s| call.when.holds(&s)));
            if !under.any(|played| played.ran.exchanges.iter().any(|exchange| exchange.call == call.name)) {
                let what = format!(
                    "{}: the call `{}` ({} {}) is declared, and no case makes it",
                    place.name(),
                    call.name,
                    call.method,
                    call.path.as_str()
                );
                found.add(Difference::new(what, format!("a case that makes {}", call.name), "none"));
            }
        }
    }
    found.check(Section::Declaration, "every declared call is made", "calls")
}
