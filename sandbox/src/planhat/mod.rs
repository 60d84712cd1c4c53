//! Planhat, workspaces and projects, which it treats alike. What is modelled is on these pages:
//! models <https://www.planhat.com/developers/api/workspace>, <https://www.planhat.com/developers/api/project>,
//! credentials <https://www.planhat.com/developers/api/authentication-limits>,
//! status codes <https://www.planhat.com/developers/api/http-response-codes>,
//! bulk upsert <https://www.planhat.com/developers/api/bulk-upsert>. Where these are silent: what clients in use have
//! seen, such as that an update is partial (<https://github.com/da-troll/planhat-mcp>).

mod body;
mod bulk;
mod collection;
mod list;
mod model;
mod refusal;
mod seeds;

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use self::collection::Collection;
use self::model::Model;
use self::refusal::Refusal;
use crate::auth::{Access, access, basic, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::Change;
use crate::world::StandIn;

/// The stand-in for Planhat.
pub(crate) struct Planhat {
    workspaces: Collection,
    projects: Collection,
}

impl Planhat {
    pub(crate) fn seeded() -> Self {
        Self {
            workspaces: Collection::new(Model::Workspace, seeds::workspace()),
            projects: Collection::new(Model::Project, seeds::project()),
        }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let access = access(request.provider, token(&request.headers).as_deref());
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (name, id) = match segments.as_slice() {
            // An empty id is none: the path is that of the whole collection, and PUT is the bulk call.
            [name] | [name, ""] => (*name, None),
            [name, id] => (*name, Some(*id)),
            _ => return Err(Refusal::NotFound),
        };
        let collection = match name {
            "workspaces" => &mut self.workspaces,
            "projects" => &mut self.projects,
            _ => return Err(Refusal::NotFound),
        };
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        answer(collection, request, id)
    }

    fn collections(&self) -> [&Collection; 2] {
        [&self.workspaces, &self.projects]
    }
}

/// The token: a bearer's, or the user name of Basic with an empty password.
fn token(headers: &HeaderMap) -> Option<String> {
    let user = || basic(headers).filter(|(_, password)| password.is_empty()).map(|(user, _)| user);
    bearer(headers).map(str::to_owned).or_else(user)
}

fn answer(collection: &mut Collection, request: &NativeRequest, id: Option<&str>) -> Result<Answer, Refusal> {
    let (status, body) = match (&request.method, id) {
        (&Method::GET, None) => (StatusCode::OK, list::page(collection, request)?),
        (&Method::POST, None) => (StatusCode::OK, collection.create(body::object(request)?)?),
        (&Method::PUT, None) => bulk::upsert(collection, body::json(request)?)?,
        (&Method::GET, Some(id)) => (StatusCode::OK, collection.read(id)?),
        (&Method::PUT, Some(id)) => (StatusCode::OK, collection.update(id, body::object(request)?)?),
        (&Method::DELETE, Some(id)) => (StatusCode::OK, deleted(collection.delete(id))),
        _ => return Err(Refusal::MethodNotAllowed),
    };
    Ok(Answer::json(status, &body))
}

/// A deletion that found nothing is a success that counts none, in the counts that
/// <https://github.com/darrenparkinson/planhat> has seen.
fn deleted(found: bool) -> Value {
    let count = u8::from(found);
    json!({ "n": count, "ok": 1, "deletedCount": count })
}

impl StandIn for Planhat {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        self.route(request).unwrap_or_else(|refusal| refusal.answer())
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        refusal::any(status, message)
    }

    /// The workspaces, then the projects.
    fn objects(&self) -> Vec<Value> {
        self.collections().into_iter().flat_map(|collection| collection.objects.to_values()).collect()
    }

    fn id_member(&self) -> &'static str {
        "_id"
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        for collection in [&mut self.workspaces, &mut self.projects] {
            if let Some(object) = collection.objects.get_mut(id) {
                change.apply(object, "updatedAt", |object| collection.model.touch(object));
                return true;
            }
        }
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["workspaces", "projects"]
    }

    fn add(&mut self, kind: &str) {
        let collection = if kind == "projects" { &mut self.projects } else { &mut self.workspaces };
        collection.seed();
    }
}
