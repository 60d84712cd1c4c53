//! Every field that is declared changes a native request; no other field does.

use std::collections::BTreeSet;

use patchboard_gateway::Provider;
use patchboard_gateway::contract::NativeRequest;
use patchboard_gateway::manifest::Field;
use serde_json::{Map, Value};

use super::Found;
use crate::context::{Context, Played, Scene};
use crate::native;
use crate::report::{Check, Difference, Section};
use crate::rig::Driven;
use crate::value::short;

/// A field that no model has.
const UNKNOWN: &str = "a_field_that_no_model_has";

pub(super) async fn declared<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    let mut confirmed = BTreeSet::new();
    let mut reported = Vec::new();
    for scene in context.scenes() {
        for field in scene.fields() {
            found.looked();
            let name = (scene.place.name(), field.name.as_str());
            match changes(context, &scene, field).await {
                Changes::Yes => {
                    confirmed.insert(name);
                }
                Changes::Reported(difference) => reported.push((name, difference)),
                Changes::No(difference) => found.add(difference),
            }
        }
    }
    // Where the plugin says that one kind of account does not have it, another must.
    reported.into_iter().filter(|(name, _)| !confirmed.contains(name)).for_each(|(_, difference)| found.add(difference));
    found.check(Section::Declaration, "every declared field changes a native request", "fields")
}

/// What a field becomes natively only a case can tell right from wrong.
pub(super) fn given<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for place in context.places() {
        for field in &place.spec.fields {
            found.looked();
            let gives = |played: &Played<'_>| {
                let fields = played.ran.request.as_ref().and_then(|request| request.body.as_ref());
                let given = fields.and_then(|fields| fields.get(&field.name)).is_some_and(|value| !value.is_null());
                given && context.settled(&played.case.settings).is_some_and(|settings| field.when.holds(&settings))
            };
            if !context.played.iter().any(|played| place.has(played.case) && played.succeeds() && gives(played)) {
                let what = format!("{}: the field `{}` is declared, and no case gives it a value", place.name(), field.name);
                found.add(Difference::new(what, format!("a case whose request has {}", field.name), "none"));
            }
        }
    }
    found.check(Section::Declaration, "every declared field is given in a case", "fields")
}

/// Whether a field changes a native request.
enum Changes {
    Yes,
    /// No, and the plugin warns of it.
    Reported(Difference),
    No(Difference),
}

/// What a field's values do to native requests.
struct Tried {
    without: Driven,
    sent: Vec<(Value, Vec<NativeRequest>)>,
    refusals: Vec<String>,
    reported: bool,
}

async fn changes<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field) -> Changes {
    let what = |then: &str| format!("{}: the field `{}` is declared, and {then}", scene.place.name(), field.name);
    let scene = &context.showing(scene, |fields| fields.get(&field.name).is_some_and(|value| !value.is_null()));
    let Tried { without, sent, refusals, reported } = tried(context, scene, field).await;
    let Some((value, first)) = sent.first() else {
        let found = if refusals.is_empty() { "no value is known that it takes".to_owned() } else { refusals.join("\n") };
        let what = what("refused; a case that gives it would say which values it takes");
        return Changes::No(Difference::new(what, "a value that is taken", found));
    };
    // A plugin may send a value of its own where the provider needs one.
    if without.taken() && sent.iter().all(|(_, natives)| *natives == owned(&without)) {
        let expected = format!("a native request that changes with {} = {}", field.name, short(value));
        let difference = Difference::new(what("changes no native request"), expected, shown(&without));
        return if reported { Changes::Reported(difference) } else { Changes::No(difference) };
    }
    // One thing can be written in two ways, such as one object and a list of it.
    if sent.len() > 1 && sent.iter().all(|(_, natives)| natives == first) {
        let values: Vec<String> = sent.iter().map(|(value, _)| short(value)).collect();
        let expected = format!("other native requests for other values of {}: {}", field.name, values.join(", "));
        let found = native::requests(&first.iter().collect::<Vec<_>>());
        return Changes::No(Difference::new(what("its value is not sent"), expected, format!("the same for all: {found}")));
    }
    Changes::Yes
}

/// Tries the field alone; where it needs others, with those of a case that gives it.
async fn tried<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field) -> Tried {
    let tried = tried_with(context, scene, field, context.required(scene, &field.name)).await;
    if !tried.sent.is_empty() {
        return tried;
    }
    let mut others = scene.base.case.fields();
    others.shift_remove(&field.name);
    let again = tried_with(context, scene, field, others).await;
    if again.sent.is_empty() { tried } else { again }
}

async fn tried_with<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field, others: Map<String, Value>) -> Tried {
    let mut tried = Tried { without: context.drive(scene, others.clone()).await, sent: Vec::new(), refusals: Vec::new(), reported: false };
    for value in context.probes(scene, field) {
        let driven = context.drive(scene, with(&others, &field.name, &value)).await;
        tried.reported |= driven.reports(&field.name);
        match driven.end.why().filter(|_| !driven.taken()) {
            Some(why) => tried.refusals.push(format!("{}: {why}", short(&value))),
            None => tried.sent.push((value, owned(&driven))),
        }
    }
    tried
}

/// The same fields and one more.
pub(crate) fn with(fields: &Map<String, Value>, name: &str, value: &Value) -> Map<String, Value> {
    let mut fields = fields.clone();
    fields.insert(name.to_owned(), value.clone());
    fields
}

fn owned(driven: &Driven) -> Vec<NativeRequest> {
    driven.natives().into_iter().cloned().collect()
}

/// Native requests in lines.
pub(crate) fn shown(driven: &Driven) -> String {
    serde_json::to_string_pretty(&native::requests(&driven.natives())).unwrap_or_default()
}

pub(super) async fn undeclared<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for scene in context.scenes() {
        let given = scene.request.body.clone().unwrap_or_default();
        let before = context.drive(&scene, given.clone()).await;
        let declared: Vec<&str> = scene.fields().map(|field| field.name.as_str()).collect();
        for name in scene.model.fields().chain([UNKNOWN]).filter(|name| !declared.contains(name)) {
            found.looked();
            let value = context.undeclared(&scene, name);
            let after = context.drive(&scene, with(&given, name, &value)).await;
            if after.taken() && after.natives() != before.natives() {
                let what = format!("{}: the field `{name}` is not declared, and changes a native request", scene.place.name());
                let expected = native::requests(&before.natives());
                found.add(Difference::json(what, &expected, &native::requests(&after.natives())));
            }
        }
    }
    found.check(Section::Declaration, "no other field changes anything", "fields")
}
