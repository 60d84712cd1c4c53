use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use http::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::fields::{ControlError, Fields, provider};
use super::index::index;
use crate::exchange::{Answer, form_pairs};
use crate::failures;
use crate::objects::{Change, has_id};
use crate::provider::Provider;
use crate::server::App;
use crate::world::World;

/// Control bodies are written by hand or by a test.
const MOST_BODY: usize = 1024 * 1024;

/// Objects added by one request: all of them stay in memory.
const MOST_SEEDED: u64 = 100_000;

type Outcome = Result<Value, ControlError>;

/// Serves `/_control` and everything below it.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let outcome = match to_bytes(body, MOST_BODY).await {
        Ok(body) => {
            let query = parts.uri.query().unwrap_or_default();
            route(&app, &parts.method, parts.uri.path(), query, &body)
        }
        Err(_) => Err(ControlError::bad("the body is longer than a megabyte")),
    };
    let answer = match outcome {
        Ok(body) => Answer::json(StatusCode::OK, &body),
        Err(error) => Answer::json(error.status, &json!({ "error": error.to_string() })),
    };
    answer.into_response()
}

fn route(app: &App, method: &Method, path: &str, query: &str, body: &[u8]) -> Outcome {
    let name = path.strip_prefix("/_control").unwrap_or(path);
    match (method, name) {
        (&Method::GET, "" | "/") => Ok(index()),
        (&Method::POST, "/fail") => fail(&mut app.world(), body),
        (&Method::GET, "/requests") => {
            let only = only(query)?;
            Ok(json!({ "requests": app.world().log.to_json(only) }))
        }
        (&Method::DELETE, "/requests") => {
            app.world().log.clear();
            Ok(done())
        }
        (&Method::GET, "/state") => {
            let only = only(query)?;
            Ok(state(&mut app.world(), only))
        }
        (&Method::POST, "/object") => object(&mut app.world(), body),
        (&Method::POST, "/seed") => seed(&mut app.world(), body),
        (&Method::POST, "/switch") => switch(&mut app.world(), body),
        (&Method::POST, "/log") => log(&mut app.world(), body),
        (&Method::POST, "/reset") => {
            app.world().reset();
            Ok(done())
        }
        _ => Err(ControlError::not_found(format!("there is no {method} {path}; GET /_control lists what there is"))),
    }
}

fn done() -> Value {
    json!({ "ok": true })
}

/// The provider named in the query, if one is.
fn only(query: &str) -> Result<Option<Provider>, ControlError> {
    let mut only = None;
    for (name, value) in form_pairs(query.as_bytes()) {
        if name != "provider" {
            return Err(ControlError::bad(format!("'{name}' is not known here")));
        }
        only = Some(provider(&value)?);
    }
    Ok(only)
}

fn fail(world: &mut World, body: &[u8]) -> Outcome {
    world.rules.add(failures::rule(body)?);
    Ok(json!({ "ok": true, "failures": world.rules.to_json() }))
}

fn state(world: &mut World, only: Option<Provider>) -> Value {
    let objects: Map<String, Value> = Provider::ALL
        .into_iter()
        .filter(|provider| only.is_none_or(|only| only == *provider))
        .map(|provider| {
            let objects = world.stand_in(provider).objects();
            (provider.name().to_owned(), Value::from(objects))
        })
        .collect();
    json!({
        "objects": objects,
        "failures": world.rules.to_json(),
        "switches": switches(world),
        "log": { "enabled": world.log.is_enabled() },
    })
}

fn object(world: &mut World, body: &[u8]) -> Outcome {
    let mut fields = Fields::parse(body)?;
    let provider = fields.provider()?;
    let id = fields.required_text("id")?;
    let set = fields.object("change")?.unwrap_or_default();
    let remove = fields.texts("remove")?;
    fields.finish()?;
    if set.is_empty() && remove.is_empty() {
        return Err(ControlError::bad("'change' or 'remove' must name a member"));
    }
    let stand_in = world.stand_in(provider);
    let key = stand_in.id_member();
    if set.contains_key(key) || remove.iter().any(|name| name == key) {
        return Err(ControlError::bad(format!("the '{key}' of an object cannot be changed")));
    }
    if !stand_in.change(&id, &Change { set, remove }) {
        let message = format!("{provider} has no object with id '{id}'");
        return Err(ControlError::not_found(message));
    }
    let changed = stand_in.objects().into_iter().find(|object| object.as_object().is_some_and(|object| has_id(object, key, &id)));
    Ok(json!({ "ok": true, "object": changed }))
}

fn seed(world: &mut World, body: &[u8]) -> Outcome {
    let mut fields = Fields::parse(body)?;
    let provider = fields.provider()?;
    let resource = fields.text("resource")?;
    let count = fields.number("count", 1, MOST_SEEDED)?.ok_or_else(|| ControlError::bad("'count' is required"))?;
    fields.finish()?;
    let stand_in = world.stand_in(provider);
    let kinds = stand_in.kinds();
    let asked = resource.as_deref();
    let kind = kinds.iter().find(|kind| asked.is_none_or(|asked| asked == **kind)).ok_or_else(|| {
        let kinds = kinds.join(", ");
        ControlError::bad(format!("to {provider} can be added: {kinds}"))
    })?;
    for _ in 0..count {
        stand_in.add(kind);
    }
    Ok(json!({ "ok": true, "added": count, "resource": kind }))
}

fn switch(world: &mut World, body: &[u8]) -> Outcome {
    let mut fields = Fields::parse(body)?;
    let provider = fields.provider()?;
    match provider {
        Provider::Polyteia => switch_polyteia(world, fields)?,
        Provider::Teamleader => switch_teamleader(world, fields)?,
        _ => return Err(ControlError::bad(format!("{provider} has no switches"))),
    }
    Ok(json!({ "ok": true, "switches": switches(world).get(provider.name()) }))
}

fn switches(world: &World) -> Value {
    json!({ "polyteia": world.polyteia.switches.to_json(), "teamleader": world.teamleader.switches.to_json() })
}

fn switch_polyteia(world: &mut World, mut fields: Fields) -> Result<(), ControlError> {
    let mut switches = world.polyteia.switches;
    if let Some(accepts_query) = either(&mut fields, "envelope", "query", "command")? {
        switches.changes_under_query = accepts_query;
    }
    if let Some(replaces) = either(&mut fields, "update", "replace", "merge")? {
        switches.update_replaces = replaces;
    }
    fields.finish()?;
    world.polyteia.switches = switches;
    Ok(())
}

fn switch_teamleader(world: &mut World, mut fields: Fields) -> Result<(), ControlError> {
    let legacy = either(&mut fields, "module", "legacy", "projects-v2")?;
    fields.finish()?;
    if let Some(legacy) = legacy {
        world.teamleader.switches.legacy = legacy;
    }
    Ok(())
}

/// True for `yes`, false for `no`, nothing when the member is absent.
fn either(fields: &mut Fields, name: &str, yes: &str, no: &str) -> Result<Option<bool>, ControlError> {
    match fields.text(name)? {
        None => Ok(None),
        Some(text) if text == yes => Ok(Some(true)),
        Some(text) if text == no => Ok(Some(false)),
        Some(_) => Err(ControlError::bad(format!("'{name}' must be '{yes}' or '{no}'"))),
    }
}

fn log(world: &mut World, body: &[u8]) -> Outcome {
    let mut fields = Fields::parse(body)?;
    let enabled = fields.flag("enabled")?;
    fields.finish()?;
    let Some(enabled) = enabled else {
        return Err(ControlError::bad("'enabled' is required"));
    };
    world.log.enable(enabled);
    Ok(json!({ "ok": true, "enabled": enabled }))
}
