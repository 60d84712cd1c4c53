//! Insightly API v3.1, projects. What is modelled is in the introduction, <https://api.na1.insightly.com/v3.1/>, and in
//! the description, <https://api.na1.insightly.com/v3.1/swagger/docs/v3.1>. Where traffic was seen to differ, as in the
//! status of an update and in the form of dates, it is as in the traffic:
//! <https://github.com/Insightly/insightly-ruby>, <https://github.com/amp-labs/connectors/tree/main/providers/insightly/test>.

mod collections;
mod dates;
mod list;
mod parts;
mod refusal;
mod seeds;
mod write;

use http::{Method, StatusCode};
use serde_json::Value;
use time::Duration;

use self::refusal::Refusal;
use crate::auth::{Access, access, basic};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, seeded};
use crate::provider::Provider;
use crate::quota::{Left, Quota};
use crate::world::StandIn;

const ID: &str = "PROJECT_ID";
const UPDATED: &str = "DATE_UPDATED_UTC";

/// Requests in a day. The real number depends on the plan.
const LIMIT: u32 = 40_000;

/// The stand-in for Insightly.
pub(crate) struct Insightly {
    projects: Objects,
    related: Related,
    created: u64,
    quota: Quota,
}

/// What projects refer to.
struct Related {
    users: Objects,
    opportunities: Objects,
    stages: Objects,
    last_link: u64,
}

impl Related {
    fn next_link(&mut self) -> u64 {
        self.last_link = self.last_link.saturating_add(1);
        self.last_link
    }
}

impl Insightly {
    pub(crate) fn seeded() -> Self {
        let related = Related {
            users: Objects::keyed("USER_ID", seeds::users()),
            opportunities: Objects::keyed("OPPORTUNITY_ID", seeds::opportunities()),
            stages: Objects::keyed("STAGE_ID", seeds::stages()),
            last_link: seeds::LAST_LINK,
        };
        Self { projects: Objects::keyed(ID, seeds::projects()), related, created: 0, quota: Quota::new(LIMIT, Duration::DAY) }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        // The API key is the user name, and the password empty.
        let key = basic(&request.headers).filter(|(_, password)| password.is_empty()).map(|(key, _)| key);
        let access = access(Provider::Insightly, key.as_deref());
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["v3.1", path @ ..] = segments.as_slice() else {
            return Err(Refusal::NotFound);
        };
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        match (&request.method, path) {
            (&Method::GET, ["Projects"]) => list::all(&self.projects, request),
            (&Method::POST, ["Projects"]) => self.create(request),
            (&Method::PUT, ["Projects"]) => self.update(request),
            (&Method::GET, ["Projects", "Search"]) => list::search(&self.projects, request),
            (&Method::GET, ["Projects", "SearchByTag"]) => list::search_by_tag(&self.projects, request),
            (&Method::GET, ["Projects", id]) => read(&self.projects, id),
            (&Method::DELETE, ["Projects", id]) => self.delete(id),
            (&Method::GET, ["Users", id]) => read(&self.related.users, id),
            (&Method::GET, ["Opportunities", id]) => read(&self.related.opportunities, id),
            (&Method::GET, ["PipelineStages", id]) => read(&self.related.stages, id),
            (_, ["Projects"] | [_, _]) => Err(Refusal::MethodNotAllowed),
            (_, ["Projects", id, part @ ..]) => {
                check_id(id)?;
                let project = self.projects.get_mut(id).ok_or(Refusal::NotFound)?;
                parts::answer(project, &mut self.related, request, part)
            }
            _ => Err(Refusal::NotFound),
        }
    }

    fn create(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let body = write::body(request)?;
        write::check_new(&body)?;
        let number = self.created.saturating_add(1);
        let mut project = seeds::new_project(number);
        write::apply(&mut project, &body, &mut self.related)?;
        self.created = number;
        let answer = one(StatusCode::CREATED, &project);
        self.projects.push(project);
        Ok(answer)
    }

    /// The id is in the body. 200 is what traffic shows, where the description has 201.
    fn update(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let mut body = write::body(request)?;
        let id = body.shift_remove(ID).and_then(|id| id.as_u64()).ok_or_else(|| Refusal::bad("PROJECT_ID is required"))?;
        // 404 is not among the answers of this call.
        let project = self.projects.get_mut(&id.to_string()).ok_or_else(|| Refusal::bad(format!("PROJECT_ID {id} does not exist")))?;
        // On a copy: nothing is written when a later member is wrong.
        let mut changed = project.clone();
        write::apply(&mut changed, &body, &mut self.related)?;
        touch(&mut changed);
        *project = changed;
        Ok(one(StatusCode::OK, project))
    }

    fn delete(&mut self, id: &str) -> Result<Answer, Refusal> {
        check_id(id)?;
        self.projects.remove(id).ok_or(Refusal::NotFound)?;
        Ok(Answer::empty(StatusCode::ACCEPTED))
    }
}

fn check_id(id: &str) -> Result<(), Refusal> {
    id.parse::<u64>().map(|_| ()).map_err(|_| Refusal::bad("The id must be a number"))
}

fn read(objects: &Objects, id: &str) -> Result<Answer, Refusal> {
    check_id(id)?;
    Ok(one(StatusCode::OK, objects.get(id).ok_or(Refusal::NotFound)?))
}

fn one(status: StatusCode, object: &Object) -> Answer {
    Answer::json(status, &Value::Object(object.clone()))
}

fn touch(project: &mut Object) {
    let now = dates::after(project.get(UPDATED));
    project.insert(UPDATED.to_owned(), now.into());
}

fn with_quota(answer: Answer, left: Left) -> Answer {
    answer.with_header("x-ratelimit-limit", &left.limit.to_string()).with_header("x-ratelimit-remaining", &left.remaining.to_string())
}

impl StandIn for Insightly {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        let left = self.quota.spend();
        let answer = self.route(request).unwrap_or_else(Refusal::answer);
        with_quota(answer, left)
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        let left = if status == StatusCode::TOO_MANY_REQUESTS { self.quota.exhausted() } else { self.quota.left() };
        with_quota(refusal::any(status, message), left)
    }

    fn objects(&self) -> Vec<Value> {
        self.projects.to_values()
    }

    fn id_member(&self) -> &'static str {
        ID
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        let Some(project) = self.projects.get_mut(id) else {
            return false;
        };
        change.apply(project, UPDATED, touch);
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["projects"]
    }

    fn add(&mut self, _kind: &str) {
        self.created = self.created.saturating_add(1);
        let mut project = seeds::new_project(self.created);
        project.insert("PROJECT_NAME".to_owned(), seeded(self.created));
        self.projects.push(project);
    }
}
