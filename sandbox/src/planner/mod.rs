//! Planner plans of Microsoft Graph v1.0. What is modelled is on these pages:
//! update <https://learn.microsoft.com/en-us/graph/api/plannerplan-update>,
//! create <https://learn.microsoft.com/en-us/graph/api/planner-post-plans>,
//! delete <https://learn.microsoft.com/en-us/graph/api/plannerplan-delete>,
//! list <https://learn.microsoft.com/en-us/graph/api/plannergroup-list-plans>,
//! etags and limits <https://learn.microsoft.com/en-us/graph/api/resources/planner-overview>.

mod body;
mod etag;
mod list;
mod query;
mod refusal;
mod seeds;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use self::refusal::Refusal;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, object, text};
use crate::provider::Provider;
use crate::world::StandIn;

const ETAG: &str = "@odata.etag";

/// What Graph sends with a body; a client that compares the whole value to `application/json` fails here too.
const CONTENT_TYPE: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The stand-in for Microsoft Planner.
pub(crate) struct Planner {
    plans: Objects,
    /// Counts every write, so that a later etag of a plan is a greater one.
    version: u64,
    created: u64,
}

impl Planner {
    pub(crate) fn seeded() -> Self {
        Self { plans: Objects::new([seeds::plan()]), version: seeds::VERSION, created: 0 }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let access = access(Provider::MicrosoftPlanner, bearer(&request.headers));
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["v1.0", path @ ..] = segments.as_slice() else {
            return Err(Refusal::NotFound);
        };
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        match (&request.method, path) {
            (&Method::GET, ["planner", "plans"]) => {
                Err(Refusal::bad("The entity set must be queried with a filter, for example by owner."))
            }
            (&Method::POST, ["planner", "plans"]) => self.create(request),
            (&Method::GET, ["planner", "plans", id]) => self.read(request, id),
            (&Method::PATCH, ["planner", "plans", id]) => self.update(request, id),
            (&Method::DELETE, ["planner", "plans", id]) => self.delete(request, id),
            (&Method::GET, ["groups", group, "planner", "plans"]) => list::of_group(&self.plans, request, group),
            (&Method::GET, ["me", "planner", "plans"]) => list::of_user(&self.plans, request),
            (&Method::GET, ["users", seeds::USER, "planner", "plans"]) => list::of_user(&self.plans, request),
            (_, ["planner", "plans"] | ["planner", "plans", _] | [.., "planner", "plans"]) => Err(Refusal::MethodNotAllowed),
            _ => Err(Refusal::NotFound),
        }
    }

    fn read(&self, request: &NativeRequest, id: &str) -> Result<Answer, Refusal> {
        check_id(id)?;
        let shape = query::Shape::read(request)?;
        let plan = self.plans.get(id).ok_or(Refusal::NotFound)?;
        Ok(one(StatusCode::OK, shape.entity(plan)))
    }

    fn create(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let shape = query::Shape::read(request)?;
        let (title, container) = body::new_plan(request)?;
        self.created += 1;
        self.version += 1;
        let etag = etag::write(self.version);
        let plan = object(seeds::new_plan(self.created, &etag, &title, &container));
        let answer = one(StatusCode::CREATED, shape.entity(&plan));
        self.plans.push(plan);
        Ok(answer)
    }

    fn update(&mut self, request: &NativeRequest, id: &str) -> Result<Answer, Refusal> {
        check_id(id)?;
        let shape = query::Shape::read(request)?;
        let expected = etag::if_match(request)?;
        let title = body::new_title(request)?;
        let plan = self.plans.get_mut(id).ok_or(Refusal::NotFound)?;
        check_etag(plan, expected)?;
        self.version += 1;
        plan.insert("title".to_owned(), title.into());
        plan.insert(ETAG.to_owned(), etag::write(self.version).into());
        if wants_representation(request) {
            Ok(one(StatusCode::OK, shape.entity(plan)).with_header("preference-applied", "return=representation"))
        } else {
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
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
}
