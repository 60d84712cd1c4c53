//! Workiva, workspaces of an organization. What is modelled is in the 2026-01-01 document,
//! <https://developers.workiva.com/2026-01-01/_downloads/8163ce5db22ef171947b5bfb6c92c108/oas.yaml>, and on the page
//! of the deprecated update below `/prototype/admin` (2022-01-01), which takes the same body.

mod list;
mod patch;
mod refusal;
mod seeds;
mod version;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use self::refusal::Refusal;
use self::version::Version;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, object, seeded};
use crate::provider::Provider;
use crate::timestamps::Precision;
use crate::world::StandIn;

/// The stand-in for Workiva.
pub(crate) struct Workiva {
    workspaces: Objects,
    created: u64,
}

impl Workiva {
    pub(crate) fn seeded() -> Self {
        Self { workspaces: Objects::new([seeds::workspace()]), created: 0 }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let access = access(Provider::Workiva, bearer(&request.headers));
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let version = version::of(request)?;
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (organization, id) = match (version, segments.as_slice()) {
            (Version::V2026, ["organizations", organization, "workspaces"]) => (organization, None),
            (Version::V2026, ["organizations", organization, "workspaces", id])
            | (Version::V2022, ["prototype", "admin", "organizations", organization, "workspaces", id]) => (organization, Some(*id)),
            _ => return Err(Refusal::NotFound),
        };
        check_organization(organization)?;
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        match (&request.method, version, id) {
            (&Method::PATCH, _, Some(id)) => self.update(request, id),
            (&Method::GET, Version::V2026, Some(id)) => self.read(id),
            (&Method::GET, Version::V2026, None) => list::answer(&self.workspaces, request),
            (&Method::POST, Version::V2026, None) => self.create(request),
            _ => Err(Refusal::MethodNotAllowed),
        }
    }

    fn read(&self, id: &str) -> Result<Answer, Refusal> {
        let workspace = self.workspaces.get(id).ok_or(Refusal::NotFound)?;
        Ok(whole(StatusCode::OK, workspace))
    }

    fn update(&mut self, request: &NativeRequest, id: &str) -> Result<Answer, Refusal> {
        let body = json_body(request)?;
        let name = patch::new_name(&body)?;
        let workspace = self.workspaces.get_mut(id).ok_or(Refusal::NotFound)?;
        if let Some(name) = name {
            workspace.insert("name".to_owned(), name.into());
            modified(workspace);
        }
        Ok(whole(StatusCode::OK, workspace))
    }

    fn create(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let body = object(json_body(request)?);
        let name = match body.get("name") {
            Some(Value::String(name)) if !name.is_empty() => name,
            _ => return Err(Refusal::bad("name", "A workspace needs a name.")),
        };
        let solutions = match body.get("solutions") {
            None | Some(Value::Null) => Value::Null,
            Some(Value::Array(items)) if items.len() <= 1 => items.clone().into(),
            Some(_) => {
                return Err(Refusal::bad("solutions", "At most one solution is possible."));
            }
        };
        self.created += 1;
        let workspace = object(seeds::new_workspace(self.created, name, &solutions));
        let answer = whole(StatusCode::CREATED, &workspace);
        self.workspaces.push(workspace);
        Ok(answer)
    }
}

/// The token belongs to one organization: another one is not there for it.
fn check_organization(organization: &str) -> Result<(), Refusal> {
    if organization == seeds::ORGANIZATION {
        Ok(())
    } else if Uuid::try_parse(organization).is_ok() {
        Err(Refusal::NotFound)
    } else {
        Err(Refusal::bad("organizationId", "The organization id must be a UUID."))
    }
}

/// The body. `application/json` is the only type that the document lists, for JSON Patch too.
fn json_body(request: &NativeRequest) -> Result<Value, Refusal> {
    if !request.says_json() {
        return Err(Refusal::bad("Content-Type", "The body must be application/json."));
    }
    serde_json::from_slice(&request.body).map_err(|error| Refusal::bad("body", &format!("The body is not JSON: {error}.")))
}

fn whole(status: StatusCode, workspace: &Object) -> Answer {
    Answer::json(status, &Value::Object(workspace.clone()))
}

fn modified(workspace: &mut Object) {
    let last = workspace.get("modified").and_then(|at| at.get("dateTime"));
    let now = Precision::Seconds.after(last);
    workspace.insert("modified".to_owned(), json!({ "dateTime": now }));
}

impl StandIn for Workiva {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        self.route(request).unwrap_or_else(|refusal| refusal.answer(version::name(request)))
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        refusal::any(status, message)
    }

    fn objects(&self) -> Vec<Value> {
        self.workspaces.to_values()
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        let Some(workspace) = self.workspaces.get_mut(id) else {
            return false;
        };
        change.apply(workspace, "modified", modified);
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["workspaces"]
    }

    fn add(&mut self, _kind: &str) {
        self.created += 1;
        let name: String = seeded(self.created);
        self.workspaces.push(object(seeds::new_workspace(self.created, &name, &Value::Null)));
    }
}
