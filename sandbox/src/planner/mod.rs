//! Planner plans of Microsoft Graph, for Microsoft Planner and Microsoft 365 alike. What is modelled is on these pages:
//! update <https://learn.microsoft.com/en-us/graph/api/plannerplan-update>,
//! create <https://learn.microsoft.com/en-us/graph/api/planner-post-plans>,
//! delete <https://learn.microsoft.com/en-us/graph/api/plannerplan-delete>,
//! list <https://learn.microsoft.com/en-us/graph/api/plannergroup-list-plans>,
//! etags and limits <https://learn.microsoft.com/en-us/graph/api/resources/planner-overview>.

mod archive;
mod body;
mod etag;
mod list;
mod query;
mod refusal;
mod seeds;
pub(crate) mod tenant;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use self::query::Shape;
use self::refusal::Refusal;
use self::tenant::Tenant;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, object, seeded, text};
use crate::world::StandIn;

const ETAG: &str = "@odata.etag";

/// What Graph sends with a body; a client that compares the whole value to `application/json` fails here too.
const CONTENT_TYPE: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// A version of Graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Version {
    #[default]
    V1,
    Beta,
}

impl Version {
    /// The members of a plan that no other version shows.
    fn own_members(self) -> impl Iterator<Item = &'static str> {
        archive::MEMBERS.into_iter().filter(move |_| self == Self::Beta).map(|(name, _)| name)
    }

    fn metadata(self) -> &'static str {
        match self {
            Self::V1 => "https://graph.microsoft.com/v1.0/$metadata#planner/plans",
            Self::Beta => "https://graph.microsoft.com/beta/$metadata#planner/plans",
        }
    }
}

/// The stand-in for Microsoft Planner, and with another tenant for Microsoft 365.
pub(crate) struct Planner {
    tenant: &'static Tenant,
    plans: Objects,
    /// Counts every write, so that a later etag of a plan is a greater one.
    version: u64,
    created: u64,
}

impl Planner {
    pub(crate) fn seeded(tenant: &'static Tenant) -> Self {
        Self { tenant, plans: Objects::new([seeds::plan(tenant)]), version: seeds::VERSION, created: 0 }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let access = access(request.provider, bearer(&request.headers));
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (version, path) = match segments.as_slice() {
            ["v1.0", path @ ..] => (Version::V1, path),
            ["beta", path @ ..] => (Version::Beta, path),
            _ => return Err(Refusal::NotFound),
        };
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        let method = &request.method;
        match path {
            ["planner", "plans"] | ["me" | "users" | "groups", .., "planner", "plans"] if method == Method::GET => {
                self.list(request, version, path)
            }
            ["planner", "plans"] if method == Method::POST => self.create(request, version),
            ["planner", "plans", id] if method == Method::GET => self.read(request, version, id),
            ["planner", "plans", id] if method == Method::PATCH => self.update(request, version, id),
            ["planner", "plans", id] if method == Method::DELETE => self.delete(request, id),
            ["planner", "plans", id, action @ ("archive" | "unarchive")] if method == Method::POST && version == Version::Beta => {
                self.archive(request, id, *action == "archive")
            }
            ["planner", "plans"] | ["planner", "plans", _] | [.., "planner", "plans"] => Err(Refusal::MethodNotAllowed),
            _ => Err(Refusal::NotFound),
        }
    }

    fn list(&self, request: &NativeRequest, version: Version, path: &[&str]) -> Result<Answer, Refusal> {
        let shape = Shape::read_list(request, version)?;
        match path {
            ["planner", "plans"] => Err(Refusal::bad("The entity set must be queried with a filter, for example by owner.")),
            ["groups", group, "planner", "plans"] => list::of_group(&self.plans, request, &shape, self.tenant, group),
            ["me", "planner", "plans"] => Ok(list::of_user(&self.plans, request, &shape)),
            ["users", user, "planner", "plans"] if *user == self.tenant.user => Ok(list::of_user(&self.plans, request, &shape)),
            _ => Err(Refusal::NotFound),
        }
    }

    fn read(&self, request: &NativeRequest, version: Version, id: &str) -> Result<Answer, Refusal> {
        check_id(id)?;
        let shape = Shape::read(request, version)?;
        let plan = self.plans.get(id).ok_or(Refusal::NotFound)?;
        Ok(one(StatusCode::OK, shape.entity(plan)))
    }

    fn create(&mut self, request: &NativeRequest, version: Version) -> Result<Answer, Refusal> {
        let shape = Shape::read(request, version)?;
        let (title, container) = body::new_plan(request, self.tenant)?;
        let plan = self.new_plan(&title, &container);
        let answer = one(StatusCode::CREATED, shape.entity(&plan));
        self.plans.push(plan);
        Ok(answer)
    }

    fn new_plan(&mut self, title: &str, container: &Value) -> Object {
        self.created += 1;
        self.version += 1;
        let etag = etag::write(self.version);
        object(seeds::new_plan(self.tenant, self.created, &etag, title, container))
    }

    fn update(&mut self, request: &NativeRequest, version: Version, id: &str) -> Result<Answer, Refusal> {
        check_id(id)?;
        let shape = Shape::read(request, version)?;
        let expected = etag::if_match(request)?;
        let title = body::new_title(request)?;
        let plan = self.plans.get_mut(id).ok_or(Refusal::NotFound)?;
        check_etag(plan, expected)?;
        archive::check_writable(plan)?;
        self.version += 1;
        plan.insert("title".to_owned(), title.into());
        plan.insert(ETAG.to_owned(), etag::write(self.version).into());
        if wants_representation(request) {
            Ok(one(StatusCode::OK, shape.entity(plan)).with_header("preference-applied", "return=representation"))
        } else {
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
    }

    fn archive(&mut self, request: &NativeRequest, id: &str, archived: bool) -> Result<Answer, Refusal> {
        check_id(id)?;
        let expected = etag::if_match(request)?;
        let justification = archive::justification(request)?;
        let plan = self.plans.get_mut(id).ok_or(Refusal::NotFound)?;
        check_etag(plan, expected)?;
        self.version += 1;
        archive::mark(plan, archived, &justification, self.tenant.user);
        plan.insert(ETAG.to_owned(), etag::write(self.version).into());
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    fn delete(&mut self, request: &NativeRequest, id: &str) -> Result<Answer, Refusal> {
        check_id(id)?;
        let expected = etag::if_match(request)?;
        let plan = self.plans.get(id).ok_or(Refusal::NotFound)?;
        check_etag(plan, expected)?;
        self.plans.remove(id);
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

/// The service validates the form of an id: 28 characters
/// (<https://learn.microsoft.com/en-us/graph/api/resources/plannerplan>).
fn check_id(id: &str) -> Result<(), Refusal> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.len() == 28 && id.bytes().all(valid) { Ok(()) } else { Err(Refusal::bad("The identifier of the plan is not valid.")) }
}

fn check_etag(plan: &Object, expected: &str) -> Result<(), Refusal> {
    if text(plan, ETAG) == Some(expected) { Ok(()) } else { Err(Refusal::Stale) }
}

fn wants_representation(request: &NativeRequest) -> bool {
    let values = request.headers.get_all("prefer").iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|preference| preference.trim().eq_ignore_ascii_case("return=representation"))
}

fn one(status: StatusCode, plan: Value) -> Answer {
    Answer::text(status, CONTENT_TYPE, plan.to_string())
}

impl StandIn for Planner {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        let id = Uuid::new_v4().to_string();
        let answer = self.route(request).unwrap_or_else(|refusal| refusal.answer(&id)).with_header("request-id", &id);
        match request.header("client-request-id") {
            Some(theirs) => answer.with_header("client-request-id", theirs),
            None => answer,
        }
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        let id = Uuid::new_v4().to_string();
        refusal::any(status, message, &id).with_header("request-id", &id)
    }

    fn objects(&self) -> Vec<Value> {
        self.plans.to_values()
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        let Some(plan) = self.plans.get_mut(id) else {
            return false;
        };
        self.version += 1;
        let etag = json!(etag::write(self.version));
        change.apply(plan, ETAG, |plan| {
            plan.insert(ETAG.to_owned(), etag);
        });
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["plans"]
    }

    fn add(&mut self, _kind: &str) {
        let title: String = seeded(self.created + 1);
        let plan = self.new_plan(&title, &body::of_group(self.tenant.group));
        self.plans.push(plan);
    }
}
