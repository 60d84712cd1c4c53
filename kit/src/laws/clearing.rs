//! Null is sent as the provider's way to clear, or refused; it is never dropped.

use patchboard_gateway::Provider;
use patchboard_gateway::manifest::Field;
use serde_json::{Map, Value, json};

use crate::context::{Context, Scene};
use crate::declaration::Found;
use crate::declaration::fields::{shown, with};
use crate::report::{Check, Difference, Section};

/// A member of an object field that is cleared alone.
const MEMBER: &str = "kit_member";

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for scene in context.scenes() {
        for field in scene.fields() {
            found.looked();
            if field.nullable {
                cleared(context, &scene, field, &mut found).await;
            } else {
                refused(context, &scene, field, &mut found).await;
            }
            if scene.model.is_object(&field.name) {
                member(context, &scene, field, &mut found).await;
            }
        }
    }
    found.check(Section::Laws, "null clears, or is refused", "fields")
}

/// The provider gets other requests with null than without the field. A plugin can refuse
/// what one kind of account cannot do, if a case shows that another can.
async fn cleared<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, field: &Field, found: &mut Found) {
    let null = |fields: &Map<String, Value>| fields.get(&field.name).is_some_and(Value::is_null);
    let shown_by_case =
        context.played.iter().any(|played| scene.place.has(played.case) && played.succeeds() && null(&played.case.fields()));
    let scene = &context.showing(scene, null);
    let others = context.required(scene, &field.name);
    let without = context.drive(scene, others.clone()).await;
    let null = context.drive(scene, with(&others, &field.name, &Value::Null)).await;
    let name = format!("{}: null for the field `{}`", scene.place.name(), field.name);
    if !null.taken() && !shown_by_case {
        let what = format!("{name} is declared to clear it, and refused");
        found.add(Difference::new(what, "it is taken", null.end.why().unwrap_or_default()));
    } else if null.taken() && without.taken() && null.natives() == without.natives() {
        found.add(Difference::new(format!("{name} is dropped"), "a native request that clears it", shown(&null)));
    }
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
