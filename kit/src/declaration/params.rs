//! Every query parameter that is declared changes a native request, or the answer: a
//! provider without pages has its list cut by the plugin.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::UnifiedRequest;
use patchboard_gateway::manifest::Param;

use super::Found;
use super::fields::shown;
use crate::context::{Context, Scene};
use crate::report::{Check, Difference, Section};
use crate::rig::{Ask, Driven};
use crate::value::{alter, short};

pub(super) async fn declared<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for scene in context.scenes() {
        for param in scene.place.spec.params.iter().filter(|param| param.when.holds(&scene.variant.settled)) {
            found.looked();
            if let Some(difference) = changes(context, &scene, param).await {
                found.add(difference);
            }
        }
    }
    found.check(Section::Declaration, "every declared parameter has an effect", "parameters")
}

async fn changes<'c, 'a, P: Provider>(context: &'c Context<'a, P>, scene: &Scene<'c, 'a>, param: &Param) -> Option<Difference> {
    let what = |then: &str| format!("{}: the parameter `{}` is declared, and {then}", scene.place.name(), param.name);
    let Some((scene, value)) = given(context, scene, param) else {
        return Some(Difference::new(what("no case gives it"), format!("a case with {}", param.name), "none"));
    };
    let scene = &scene;
    let request = |value: Option<&str>| {
        let mut params = scene.request.params.clone();
        params.retain(|(name, _)| *name != param.name);
        params.extend(value.map(|value| (param.name.clone(), value.to_owned())));
        UnifiedRequest { params, ..scene.request.clone() }
    };
    let with = context.drive_request(scene, &request(Some(&value))).await;
    if !with.taken() {
        return Some(Difference::new(what("refused"), "it is taken", with.end.why().unwrap_or_default()));
    }
    let altered = alter(&value.as_str().into());
    let other = context.drive_request(scene, &request(altered.as_str())).await;
    let without = context.drive_request(scene, &request(None)).await;
    let same = |driven: &Driven| driven.taken() && driven.natives() == with.natives() && driven.end == with.end;
    if other.taken() && !same(&other) || !other.taken() && !same(&without) {
        return None;
    }
    let expected =
        format!("other native requests, or another answer, for {} = {} and {}", param.name, short(&value.as_str().into()), short(&altered));
    Some(Difference::new(what("its value has no effect"), expected, shown(&with)))
}

/// A value out of a case, with that case.
fn given<'c, 'a, P: Provider>(context: &'c Context<'a, P>, scene: &Scene<'c, 'a>, param: &Param) -> Option<(Scene<'c, 'a>, String)> {
    let mut cases = context.played.iter().filter(|played| scene.place.has(played.case) && played.succeeds());
    cases.find_map(|base| {
        let mut query = Ask::of(base.case).query.into_iter();
        let value = query.find(|(name, value)| *name == param.name && !value.is_empty()).map(|(_, value)| value)?;
        Some((scene.of(context, base)?, value))
    })
}
