//! Every field that answers are declared to hold appears in some case, and no other.

use std::collections::{BTreeMap, BTreeSet};

use patchboard_gateway::Provider;
use patchboard_gateway::contract::Operation;
use patchboard_gateway::manifest::{AnswerField, Effect, Resource};
use serde_json::{Map, Value};

use super::Found;
use crate::context::{Context, Place, Played};
use crate::report::{Check, Difference, Section};

pub(super) fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for resource in &context.rig.manifest().resources {
        let name = format!("{}/{}", resource.model, resource.resource);
        let of_resource = |played: &&Played<'_>| {
            let request = &played.case.request;
            request.model == resource.model && request.resource == resource.resource
        };
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for played in context.played.iter().filter(of_resource) {
            for item in played.items() {
                seen.extend(item.body.keys().map(|field| (field.as_str(), played.case.name.as_str())));
                values(context, resource, played, &item.body, &mut found);
            }
        }
        compare(&name, resource, &seen, &mut found);
    }
    found.check(Section::Declaration, "answers hold the declared fields and values", "fields")
}

/// `raw` and `stream` hand one exchange's answer over, and a dry run is complete with it.
pub(super) fn marked<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for place in context.places() {
        for played in context.played.iter().filter(|played| place.has(played.case) && played.succeeds()) {
            found.looked();
            if !only_looked(&place, played) && !played.ran.exchanges.iter().any(|exchange| exchange.answers) {
                let what = format!(
                    "{}: no exchange is marked as the one that answers: `response_format=raw` has nothing to hand over",
                    place.name()
                );
                let calls: Vec<&str> = played.ran.exchanges.iter().map(|exchange| exchange.call.as_str()).collect();
                found.add(Difference::new(what, "answers: true in one exchange", format!("none of {}", calls.join(", "))));
            }
        }
    }
    found.check(Section::Declaration, "one exchange is marked as the one that answers", "cases")
}

/// A write that found nothing to do after a read: that read cannot be marked, for a write may follow it.
fn only_looked(place: &Place<'_>, played: &Played<'_>) -> bool {
    let reads = |name: &str| place.spec.calls.iter().any(|call| call.name == name && call.effect == Effect::Read);
    matches!(place.operation, Operation::Update | Operation::Upsert) && played.ran.exchanges.iter().all(|exchange| reads(&exchange.call))
}

/// Names that are declared and not answered, and the other way round.
fn compare(name: &str, resource: &Resource, seen: &BTreeMap<&str, &str>, found: &mut Found) {
    let declared: BTreeSet<&str> = resource.answers.iter().map(|answer| answer.name.as_str()).collect();
    for field in &declared {
        found.looked();
        if !seen.contains_key(field) {
            let what = format!("{name}: the answer's field `{field}` is declared, and no case answers it");
            found.add(Difference::new(what, format!("a case whose answer holds {field}"), "none"));
        }
    }
    for (field, case) in seen.iter().filter(|(field, _)| !declared.contains(*field)) {
        let what = format!("{name}: the answer's field `{field}` is not declared, and the case \"{case}\" answers it");
        found.add(Difference::new(what, "", field));
    }
}

/// Values of the wrong type, and of an enum that the declaration does not have.
fn values<P: Provider>(context: &Context<'_, P>, resource: &Resource, played: &Played<'_>, body: &Map<String, Value>, found: &mut Found) {
    let case = &played.case.name;
    let Some(model) = context.rig.models.get(&resource.model, &resource.resource) else { return };
    for error in model.check(body) {
        let what = format!("the case \"{case}\" answers {}, which is not of the model: {}", error.path, error.message);
        found.add_once(format!("{} {}", error.path, error.message), Difference::new(what, "a value of the model", error.message));
    }
    for AnswerField { name, values, .. } in &resource.answers {
        let (Some(values), Some(value)) = (values, body.get(name).and_then(Value::as_str)) else { continue };
        if !values.iter().any(|declared| declared == value) {
            let what = format!("the case \"{case}\" answers `{name}` = `{value}`, which is not declared");
            found.add_once(format!("{name} {value}"), Difference::new(what, values.join("\n"), value));
        }
    }
}
