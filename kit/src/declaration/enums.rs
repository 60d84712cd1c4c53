//! Every value of an enum maps there and back.
//!
//! There: each value gives native requests of its own. Back: the native spelling of each
//! value is put into a provider's answer, at every place of it; a place where some
//! spelling comes back as its value is where the provider keeps it, and there all must
//! come back. Values of which no request speaks must be answered by some case.

use std::collections::BTreeSet;
use std::mem::Discriminant;

use patchboard_gateway::Provider;
use patchboard_gateway::contract::{NativeResponse, Pair, Step, UnifiedRequest};
use serde_json::{Map, Value};

use super::Found;
use super::fields::with;
use crate::context::{Context, Scene, items};
use crate::native;
use crate::report::{Check, Difference, Section};
use crate::rig::{Stepped, steadily};
use crate::value::{leaves, replaced};

/// Places of an answer that are tried.
const MAX_PLACES: usize = 60;
/// Values of a long enum that are tried on the way back; the others are left to the cases.
const MAX_VALUES: usize = 12;

/// A unified value with the native request's members that tell it from the others.
struct Sent {
    unified: String,
    native: Value,
}

/// One place of an answer with one place of a request: how each value comes back.
struct Place {
    pointer: String,
    back: Vec<Back>,
}

struct Back {
    unified: String,
    native: Value,
    answered: Option<String>,
}

impl Place {
    fn right(&self) -> usize {
        self.back.iter().filter(|back| back.answered.as_ref() == Some(&back.unified)).count()
    }

    /// Whether it makes a difference what stands there.
    fn matters(&self) -> bool {
        let answers: BTreeSet<&Option<String>> = self.back.iter().map(|back| &back.answered).collect();
        answers.len() > 1
    }
}

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    let mut confirmed: BTreeSet<(String, String, String)> = BTreeSet::new();
    for scene in context.scenes() {
        for field in scene.fields() {
            let Some(values) = values(&scene, &field.name, field.values.as_ref()) else { continue };
            let sent = there(context, &scene, &field.name, &values, &mut found).await;
            let back = back(context, &scene, &field.name, &sent).await;
            confirmed.extend(back.iter().flat_map(|place| &place.back).filter_map(|back| {
                let resource = format!("{}/{}", scene.place.resource.model, scene.place.resource.resource);
                Some((resource, field.name.clone(), back.answered.clone()?))
            }));
            wrong(context, &scene, &field.name, &back, &mut found);
        }
    }
    answered(context, &confirmed, &mut found);
    found.check(Section::Declaration, "every enum value maps there and back", "values")
}

/// The values of a field, if it is an enum.
fn values(scene: &Scene<'_, '_>, field: &str, declared: Option<&Vec<String>>) -> Option<Vec<String>> {
    let of_model = || scene.model.values(field).map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    declared.cloned().or_else(of_model)
}

/// Sends every value, and says what tells them apart.
async fn there<'a, P: Provider>(
    context: &Context<'a, P>,
    scene: &Scene<'_, 'a>,
    field: &str,
    values: &[String],
    found: &mut Found,
) -> Vec<(String, Value)> {
    let scene = &context.showing(scene, |fields| fields.get(field).is_some_and(|value| !value.is_null()));
    let others = others(context, scene, field, values).await;
    let mut sent: Vec<(String, Value)> = Vec::new();
    for value in values {
        found.looked();
        let driven = context.drive(scene, with(&others, field, &value.as_str().into())).await;
        if let Some(why) = driven.end.why().filter(|_| !driven.taken()) {
            let what = format!("{}: `{field}` = `{value}` is declared, and refused", scene.place.name());
            found.add(Difference::new(what, "it is taken", why));
            continue;
        }
        let natives = native::requests(&driven.natives());
        let same = sent.iter().find(|(_, other)| *other == natives).filter(|_| !driven.reports(field));
        if let Some((same, _)) = same {
            let what = format!("{}: `{field}` = `{value}` and `{same}` are sent alike", scene.place.name());
            found.add(Difference::new(what, "native requests that differ", serde_json::to_string_pretty(&natives).unwrap_or_default()));
        }
        sent.push((value.clone(), natives));
    }
    sent
}

/// The fields beside it: those that are required, or those of a case where it needs more.
async fn others<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &str, values: &[String]) -> Map<String, Value> {
    let required = context.required(scene, field);
    let Some(first) = values.first() else { return required };
    if context.drive(scene, with(&required, field, &first.as_str().into())).await.taken() {
        return required;
    }
    let mut fields = scene.base.case.fields();
    fields.shift_remove(field);
    fields
}

/// For every place of the requests that differs between values: what stands there.
fn spellings(sent: &[(String, Value)]) -> Vec<Vec<Sent>> {
    let all: Vec<(&String, Vec<(String, Value)>)> = sent.iter().map(|(unified, natives)| (unified, leaves(natives))).collect();
    let pointers: BTreeSet<&String> = all.iter().flat_map(|(_, leaves)| leaves.iter().map(|(pointer, _)| pointer)).collect();
    let at = |pointer: &String| -> Vec<Sent> {
        let of = |(unified, leaves): &(&String, Vec<(String, Value)>)| {
            let leaf = leaves.iter().find(|(at, _)| at == pointer)?;
            Some(Sent { unified: (*unified).clone(), native: leaf.1.clone() })
        };
        all.iter().filter_map(of).collect()
    };
    let differs = |sent: &Vec<Sent>| sent.iter().any(|one| sent.iter().any(|other| other.native != one.native));
    pointers.into_iter().map(at).filter(differs).collect()
}

/// Where the provider keeps the field, as far as its answer tells.
async fn back<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &str, sent: &[(String, Value)]) -> Option<Place> {
    let last = scene.base.ran.steps.last()?;
    let answer: Value = serde_json::from_slice(&last.response.body).ok()?;
    let settings = context.settled(&scene.base.case.settings)?;
    let mut best: Option<Place> = None;
    let spelled_at: Vec<Vec<Sent>> = spellings(sent.get(..MAX_VALUES).unwrap_or(sent));
    for (pointer, leaf) in leaves(&answer).into_iter().take(MAX_PLACES) {
        // What stands there now is of the kind that it would be.
        let fits = |spelled: &&Vec<Sent>| spelled.iter().any(|sent| kind(&sent.native) == kind(&leaf));
        for spelled in spelled_at.iter().filter(fits) {
            let mut place = Place { pointer: pointer.clone(), back: Vec::new() };
            for Sent { unified, native } in spelled {
                let body = replaced(&answer, &pointer, native.clone());
                let answered = unified_value(context, &settings, scene.request, last, &body, field).await;
                place.back.push(Back { unified: unified.clone(), native: native.clone(), answered });
            }
            if place.matters() && place.right() > best.as_ref().map_or(0, Place::right) {
                best = Some(place);
            }
        }
    }
    best
}

fn kind(value: &Value) -> Discriminant<Value> {
    std::mem::discriminant(value)
}

/// What the plugin makes of another answer in place of the last one.
async fn unified_value<P: Provider>(
    context: &Context<'_, P>,
    settings: &[Pair],
    request: &UnifiedRequest,
    last: &Stepped,
    body: &Value,
    field: &str,
) -> Option<String> {
    let response = NativeResponse { body: body.to_string().into(), ..last.response.clone() };
    let step = steadily(async || context.rig.provider.map_response(settings, request, last.state.clone(), &response).await).await;
    let Ok(Ok(Step::Finish(answer, _))) = step else { return None };
    items(Some(&answer)).iter().find_map(|item| item.body.get(field)?.as_str().map(str::to_owned))
}

/// Values that do not come back, unless a case shows their way there and back.
fn wrong<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &str, place: &Option<Place>, found: &mut Found) {
    let Some(place) = place else { return };
    for back in place.back.iter().filter(|back| back.answered.as_ref() != Some(&back.unified)) {
        let both = context.played.iter().filter(|played| scene.place.has(played.case)).any(|played| {
            let is = |body: &Map<String, Value>| body.get(field).and_then(Value::as_str) == Some(&back.unified);
            is(&played.case.fields()) && played.items().iter().any(|item| is(&item.body))
        });
        if !both {
            let answered = back.answered.as_deref().unwrap_or("nothing");
            let what = format!(
                "{}: `{field}` = `{}` is sent as {}, which comes back as `{answered}` (at {} of the answer)",
                scene.place.name(),
                back.unified,
                back.native,
                place.pointer
            );
            found.add(Difference::new(what, &back.unified, answered));
        }
    }
}

/// Every value that answers can have appears in some answer.
fn answered<P: Provider>(context: &Context<'_, P>, confirmed: &BTreeSet<(String, String, String)>, found: &mut Found) {
    for resource in &context.rig.manifest().resources {
        let name = format!("{}/{}", resource.model, resource.resource);
        let Some(model) = context.rig.models.get(&resource.model, &resource.resource) else { continue };
        let of_model = |field: &str| -> Vec<String> {
            model.values(field).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        for field in &resource.answers {
            for value in field.values.clone().unwrap_or_else(|| of_model(&field.name)) {
                found.looked();
                let case = context
                    .played
                    .iter()
                    .filter(|played| played.case.request.resource == resource.resource)
                    .any(|played| played.items().iter().any(|item| item.body.get(&field.name).and_then(Value::as_str) == Some(&value)));
                if !case && !confirmed.contains(&(name.clone(), field.name.clone(), value.clone())) {
                    let what = format!("{name}: `{}` = `{value}` is declared for answers, and no answer has it", field.name);
                    found.add(Difference::new(what, format!("a case whose answer has {} = {value}", field.name), "none"));
                }
            }
        }
    }
}
