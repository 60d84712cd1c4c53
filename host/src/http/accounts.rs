//! `/integrated-account`: the accounts of the caller's tenant. Credentials go in and
//! never come out.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use patchboard_gateway::body::not_encoded;
use patchboard_gateway::contract::FieldError;
use patchboard_gateway::{Code, Problem, json};
use serde_json::{Map, Value};

use super::{Handled, Refusal, Shared};
use crate::accounts::{self, DEFAULT_TENANT};
use crate::service::{allow, internal};
use crate::store::{AccountChange, AccountRecord, Caller, NewAccount};

/// The account's id in the path.
pub(super) struct Id(String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem::new(Code::InvalidId, "the id in the path is not valid UTF-8").into())
    }
}

pub(super) async fn list(State(shared): State<Shared>, request: Request) -> Handled {
    let caller = shared.service.caller(request.headers())?;
    let records = shared.service.write(move |store| store.accounts(caller.tenant.as_deref())).await?;
    let count = records.len();
    Ok(Json(serde_json::json!({"result": records, "next_cursor": null, "prev_cursor": null, "result_count": count})).into_response())
}

pub(super) async fn show(State(shared): State<Shared>, Id(id): Id, request: Request) -> Handled {
    let caller = shared.service.caller(request.headers())?;
    let record = find(&shared, &caller, &id)?;
    Ok(Json(record).into_response())
}

pub(super) async fn create(State(shared): State<Shared>, request: Request) -> Handled {
    let caller = shared.service.caller(request.headers())?;
    let mut body = members(&shared, request, &["provider", "tenant_id", "settings", "credentials", "plugin_version"]).await?;
    let tenant_id = text(&mut body, "tenant_id")?.or(caller.tenant.clone()).unwrap_or_else(|| DEFAULT_TENANT.to_owned());
    allow(&caller, &tenant_id)?;
    accounts::tenant(&tenant_id)?;
    let provider = text(&mut body, "provider")?.ok_or_else(|| wrong("/provider", "is required"))?;
    let plugin_version = text(&mut body, "plugin_version")?.map(|text| accounts::follows(&text)).transpose()?;
    let registry = shared.service.plugins.current();
    let plugin = accounts::plugin(&registry, &provider, plugin_version.as_ref())?;
    let settings = settings(BTreeMap::new(), body.remove("settings"))?;
    accounts::settings(plugin, &settings)?;
    let credential = accounts::credential(plugin, body.remove("credentials").unwrap_or_default())?;
    let account = NewAccount { tenant_id, provider, settings, plugin_version, credential };
    let record = shared.service.write(move |store| store.add_account(&account)).await?;
    Ok((StatusCode::CREATED, Json(record)).into_response())
}

pub(super) async fn update(State(shared): State<Shared>, Id(id): Id, request: Request) -> Handled {
    let caller = shared.service.caller(request.headers())?;
    let record = find(&shared, &caller, &id)?;
    let mut body = members(&shared, request, &["settings", "credentials", "plugin_version"]).await?;
    let given = body.contains_key("plugin_version");
    let changed = text(&mut body, "plugin_version")?.map(|text| accounts::follows(&text)).transpose()?;
    let kept = record.plugin_version.as_deref().filter(|_| !given).map(accounts::follows).transpose()?;
    let registry = shared.service.plugins.current();
    let plugin = accounts::plugin(&registry, &record.provider, changed.as_ref().or(kept.as_ref()))?;
    let settings = settings(record.settings, body.remove("settings"))?;
    accounts::settings(plugin, &settings)?;
    let credential = body.remove("credentials").map(|value| accounts::credential(plugin, value)).transpose()?;
    let change = AccountChange { settings: Some(settings), plugin_version: given.then_some(changed), credential };
    let updated = shared.service.write(move |store| store.update_account(&id, &change)).await?;
    updated.map(|record| Json(record).into_response()).ok_or_else(|| unknown().into())
}

pub(super) async fn remove(State(shared): State<Shared>, Id(id): Id, request: Request) -> Handled {
    let caller = shared.service.caller(request.headers())?;
    let record = find(&shared, &caller, &id)?;
    shared.service.write(move |store| store.remove_account(&id)).await?;
    Ok(Json(serde_json::json!({"id": record.id})).into_response() as Response)
}

fn find(shared: &Shared, caller: &Caller, id: &str) -> Result<AccountRecord, Problem> {
    let record = shared.service.store.account(id).map_err(internal)?.ok_or_else(unknown)?;
    allow(caller, &record.tenant_id)?;
    Ok(record)
}

fn unknown() -> Problem {
    Problem::new(Code::UnknownAccount, "no integrated account has this id")
}

/// The members of a JSON object; any other name is refused.
async fn members(shared: &Shared, request: Request, names: &[&str]) -> Result<Map<String, Value>, Problem> {
    let (head, body) = request.into_parts();
    not_encoded(&head.headers)?;
    let media = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    if !matches!(media.split(';').next().map(str::trim), Some("application/json" | "application/merge-patch+json")) {
        return Err(Problem::new(Code::UnsupportedMediaType, format!("the content type {media:?} is not taken; send application/json")));
    }
    let body = shared.body.read(body).await?;
    let value = json::parse(&body, shared.service.gateway.limits.json_depth)?;
    let Value::Object(members) = value else { return Err(Problem::new(Code::InvalidBody, "the body must be a JSON object")) };
    let unknown = members.keys().filter(|name| !names.contains(&name.as_str()));
    let errors: Vec<FieldError> = unknown
        .map(|name| FieldError { path: format!("/{name}"), message: format!("is unknown; there is {}", names.join(", ")) })
        .collect();
    if errors.is_empty() {
        Ok(members)
    } else {
        Err(Problem::new(Code::InvalidField, "the body has members that an account does not have").with_errors(errors))
    }
}

fn text(body: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    match body.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(&format!("/{name}"), "must be a string")),
    }
}

/// Settings with a change laid over them; `null` takes one away.
fn settings(mut settings: BTreeMap<String, String>, change: Option<Value>) -> Result<BTreeMap<String, String>, Problem> {
    let members = match change {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(wrong("/settings", "must be an object of strings")),
    };
    for (name, value) in members {
        match value {
            Value::String(text) => settings.insert(name, text),
            Value::Null => settings.remove(&name),
            _ => return Err(wrong(&format!("/settings/{name}"), "must be a string")),
        };
    }
    Ok(settings)
}

fn wrong(path: &str, why: &str) -> Problem {
    Problem::new(Code::InvalidField, format!("{path} {why}")).with_error(path, why)
}
