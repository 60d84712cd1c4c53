//! What is required is refused when it is missing, and nothing else is required.

use patchboard_gateway::{Problem, Provider};
use serde_json::{Map, Value};

use super::Found;
use crate::context::{Context, Scene};
use crate::report::{Check, Difference, Section};
use crate::rig::{Ask, access};

pub(super) async fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    settings(context, &mut found);
    for scene in context.scenes() {
        fields(context, &scene, &mut found).await;
        params(context, &scene, &mut found).await;
        nothing_else(context, &scene, &mut found).await;
    }
    found.check(Section::Declaration, "what is required, and only that, is refused when missing", "things")
}

/// Whether a problem is a refusal of the member at a path.
fn refuses(problem: Option<&Problem>, path: &str) -> bool {
    problem.is_some_and(|problem| problem.status.is_client_error() && problem.errors.iter().any(|error| error.path == path))
}

fn not_refused(what: String, path: &str, problem: Option<&Problem>) -> Difference {
    let found = problem.map_or_else(|| "it is taken".to_owned(), |problem| format!("{} {}", problem.code.slug(), problem.detail));
    Difference::new(what, format!("a refusal of {path}"), found)
}

fn settings<P: Provider>(context: &Context<'_, P>, found: &mut Found) {
    let manifest = context.rig.manifest();
    let accounts = context.played.iter().map(|played| &played.case.settings).filter(|settings| context.settled(settings).is_some());
    let Some(account) = accounts.into_iter().next() else { return };
    for setting in manifest.settings.iter().filter(|setting| setting.required) {
        found.looked();
        let mut without = account.clone();
        without.remove(&setting.name);
        let problem = access("account", &without, manifest).err();
        let path = format!("/settings/{}", setting.name);
        if !refuses(problem.as_ref(), &path) {
            found.add(not_refused(
                format!("the setting `{}` is required, and an account without it is taken", setting.name),
                &path,
                problem.as_ref(),
            ));
        }
    }
}

async fn fields<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, found: &mut Found) {
    let given = scene.base.case.fields();
    for field in scene.fields().filter(|field| field.required) {
        found.looked();
        let mut fields = context.required(scene, &field.name);
        fields.extend(given.clone());
        fields.shift_remove(&field.name);
        let ran = context.rig.run(&scene.ask().with_fields(&fields), &context.answers(scene)).await;
        let path = format!("/{}", field.name);
        // Where nothing is left, the refusal says so instead.
        if !fields.is_empty() && !refuses(ran.reply.as_ref().err(), &path) {
            let what = format!("{}: the field `{}` is required, and a request without it is taken", scene.place.name(), field.name);
            found.add(not_refused(what, &path, ran.reply.as_ref().err()));
        }
    }
}

async fn params<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, found: &mut Found) {
    let declared = scene.place.spec.params.iter();
    for param in declared.filter(|param| param.required && param.when.holds(&scene.variant.settled)) {
        found.looked();
        let mut ask: Ask = scene.ask();
        ask.query.retain(|(name, _)| *name != param.name);
        let ran = context.rig.run(&ask, &context.answers(scene)).await;
        let path = format!("?{}", param.name);
        if !refuses(ran.reply.as_ref().err(), &path) {
            let what = format!("{}: the parameter `{}` is required, and a request without it is taken", scene.place.name(), param.name);
            found.add(not_refused(what, &path, ran.reply.as_ref().err()));
        }
    }
}

/// What is declared as required must do.
async fn nothing_else<'a, P: Provider>(context: &Context<'a, P>, scene: &Scene<'_, 'a>, found: &mut Found) {
    let fields: Map<String, Value> = context.required(scene, "");
    let calls = scene.place.spec.calls.iter();
    let only_remote = fields.is_empty() && !scene.place.spec.fields.is_empty();
    if only_remote && !calls.into_iter().any(|call| call.remote_data.is_some()) {
        return;
    }
    found.looked();
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    let with = if names.is_empty() { "no field".to_owned() } else { names.join(", ") };
    let driven = context.drive(scene, fields.clone()).await;
    if !driven.taken() {
        let what = format!("{}: nothing more is required, and a request with {with} alone is refused", scene.place.name());
        found.add(Difference::new(what, "it is taken", driven.end.why().unwrap_or_default()));
    }
}
