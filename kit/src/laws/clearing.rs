//! Null is sent as the provider's way to clear, or refused; it is never dropped.

use std::collections::BTreeSet;

use patchboard_gateway::Provider;
use patchboard_gateway::contract::Operation;
use patchboard_gateway::manifest::Field;
use serde_json::{Map, Value, json};

use crate::context::{Context, Played, Scene};
use crate::declaration::Found;
use crate::declaration::fields::{shown, with};
use crate::report::{Check, Difference, Section};

/// A member of an object field that is cleared alone.
const MEMBER: &str = "kit_member";

/// Cases that are tried to see a field cleared.
const MAX_CASES: usize = 8;

/// What null for a field does.
enum Null {
    Clears,
    Refused(Difference),
    Dropped(Difference),
}

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    let mut clearable = BTreeSet::new();
    let mut refusals = Vec::new();
    for scene in context.scenes() {
        for field in scene.fields() {
            found.looked();
            let name = (scene.place.name(), field.name.as_str());
            if !field.nullable {
                refused(context, &scene, field, &mut found).await;
            } else {
                match cleared(context, &scene, field).await {
                    Null::Clears => {
                        clearable.insert(name);
                    }
                    Null::Refused(difference) => refusals.push((name, difference)),
                    Null::Dropped(difference) => found.add(difference),
                }
            }
            if scene.model.is_object(&field.name) {
                member(context, &scene, field, &mut found).await;
            }
        }
    }
    // A plugin can refuse what one kind of account cannot do, where another can.
    refusals.into_iter().filter(|(name, _)| !clearable.contains(name)).for_each(|(_, difference)| found.add(difference));
    found.check(Section::Laws, "null clears, or is refused", "fields")
}

/// Some request has the provider clear it. Where a read says that nothing is there, there
/// is nothing to clear, so the cases that give the field are tried, too.
async fn cleared<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field) -> Null {
    let mut fault = Null::Clears;
    for scene in shown_by(context, scene, field) {
        let mut others = context.required(&scene, &field.name);
        // What a case clears with it must perhaps be cleared with it.
        let given = scene.base.case.fields();
        if given.get(&field.name).is_some_and(Value::is_null) {
            others.extend(given.into_iter().filter(|(name, value)| value.is_null() && *name != field.name));
        }
        fault = clears(context, &scene, field, others).await;
        if matches!(fault, Null::Clears) {
            break;
        }
    }
    fault
}

/// The scene, after those of the cases that give the field.
fn shown_by<'c, 'a, P: Provider>(context: &'c Context<'a, P>, scene: &Scene<'c, 'a>, field: &Field) -> Vec<Scene<'c, 'a>> {
    let cases = context.played.iter().filter(|played| scene.place.has(played.case) && played.succeeds());
    let giving = cases.filter(|played| played.case.fields().contains_key(&field.name));
    let mut giving: Vec<&Played<'a>> = giving.collect();
    // Those that clear it go first.
    giving.sort_by_key(|played| played.case.fields().get(&field.name).is_some_and(|value| !value.is_null()));
    let shown = giving.into_iter().take(MAX_CASES).filter_map(|base| scene.of(context, base));
    let mut scenes: Vec<Scene<'c, 'a>> = shown.map(|shown| Scene { variant: scene.variant.clone(), ..shown }).collect();
    scenes.push(scene.clone());
    scenes
}

/// What null for the field does beside these others.
async fn clears<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field, others: Map<String, Value>) -> Null {
    let name = format!("{}: null for the field `{}`", scene.place.name(), field.name);
    let null = context.drive(scene, with(&others, &field.name, &Value::Null)).await;
    // Beside fields that are cleared with it, it is they together that must change something.
    let without = context.drive(scene, context.required(scene, &field.name)).await;
    if !null.taken() {
        let what = format!("{name} is declared to clear it, and refused");
        return Null::Refused(Difference::new(what, "it is taken", null.end.why().unwrap_or_default()));
    }
    // What is made has nothing to be cleared yet: to leave null out is to take it.
    let made = scene.place.operation == Operation::Create;
    let changes = made || !without.taken() || null.natives() != without.natives();
    if changes || null.reports(&field.name) || absent(context, scene, field, &others).await {
        return Null::Clears;
    }
    Null::Dropped(Difference::new(format!("{name} is dropped"), "a native request that clears it", shown(&null)))
}

/// Whether the plugin says that this kind of account does not have the field at all.
async fn absent<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field, others: &Map<String, Value>) -> bool {
    let Some(value) = context.probes(scene, field).into_iter().next() else { return false };
    context.drive(scene, with(others, &field.name, &value)).await.reports(&field.name)
}

/// The engine keeps null from a plugin that cannot clear.
async fn refused<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field, found: &mut Found) {
    let fields = with(&context.required(scene, &field.name), &field.name, &Value::Null);
    let ran = context.rig.run(&scene.ask().with_fields(&fields), &context.answers(scene)).await;
    if ran.request.is_some() {
        let what = format!("{}: null for the field `{}` is not declared, and not refused", scene.place.name(), field.name);
        found.add(Difference::new(what, "a refusal", "it is taken"));
    }
}

/// Inside an object, too, null is not passed over.
async fn member<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field, found: &mut Found) {
    let others = context.required(scene, &field.name);
    let object = |members: Value| -> Map<String, Value> { with(&others, &field.name, &members) };
    let null = json!({ MEMBER: null });
    if !scene.model.check(&object(null.clone())).is_empty() {
        return;
    }
    let empty = context.drive(scene, object(json!({}))).await;
    let cleared = context.drive(scene, object(null)).await;
    if empty.taken() && cleared.taken() && cleared.natives() == empty.natives() {
        let what = format!("{}: null for a member of `{}` is dropped", scene.place.name(), field.name);
        found.add(Difference::new(what, "a native request that clears it, or a refusal", shown(&cleared)));
    }
}
