//! Capsule API v2, projects, which the API calls `kases`. What is modelled is on these pages:
//! operations <https://developer.capsulecrm.com/v2/operations/Project>,
//! members <https://developer.capsulecrm.com/v2/models/project>,
//! writing <https://developer.capsulecrm.com/v2/overview/writing-to-the-api>,
//! errors and limits <https://developer.capsulecrm.com/v2/overview/handling-api-responses>.
//! What they do not say is from <https://github.com/soil-dev/capsulemcp/blob/main/NOTES-ON-CAPSULE-API.md>.

mod collections;
mod contacts;
mod embed;
mod list;
mod refusal;
mod related;
mod seeds;
mod write;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use time::Duration;

use self::contacts::Contacts;
use self::embed::Embed;
use self::refusal::Refusal;
use self::related::Related;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, object, seeded};
use crate::provider::Provider;
use crate::quota::{Left, Quota};
use crate::timestamps::Precision;
use crate::world::StandIn;

const UPDATED: &str = "updatedAt";

/// Projects that one request may name.
const MOST_IDS: usize = 10;

/// Requests of a user in an hour.
const LIMIT: u32 = 4_000;

/// The stand-in for Capsule.
pub(crate) struct Capsule {
    projects: Objects,
    contacts: Contacts,
    deleted: Objects,
    related: Related,
    created: u64,
    quota: Quota,
}

impl Capsule {
    pub(crate) fn seeded() -> Self {
        Self {
            projects: Objects::new(seeds::projects()),
            contacts: Contacts::default(),
            deleted: Objects::new([]),
            related: Related::seeded(),
            created: 0,
            quota: Quota::new(LIMIT, Duration::HOUR),
        }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let access = match bearer(&request.headers) {
            None => return Err(Refusal::TokenMissing),
            token => access(Provider::Capsule, token),
        };
        if access == Access::Refused {
            return Err(Refusal::TokenInvalid);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["api", "v2", "kases", path @ ..] = segments.as_slice() else {
            return Err(Refusal::NotFound);
        };
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        match (&request.method, path) {
            (&Method::GET, []) => self.list(request),
            (&Method::POST, []) => self.create(request),
            (&Method::GET, ["deleted"]) => self.list_deleted(request),
            (&Method::GET, ["tags"]) => page(request, "tags", &self.related.tags),
            (&Method::GET, ["fields", "definitions"]) => page(request, "definitions", &self.related.definitions),
            (&Method::GET, [ids]) if ids.contains(',') => self.read_several(request, ids),
            (&Method::GET, [id]) => self.read(request, id),
            (&Method::PUT, [id]) => self.update(request, id),
            (&Method::DELETE, [id]) => self.delete(id),
            (&Method::GET, [id, "parties"]) => {
                self.find(id)?;
                list::answer(request, "parties", &self.contacts.of(id, &self.related.parties), whole)
            }
            (&Method::POST, [id, "parties", party]) => {
                let project = self.projects.get(id).ok_or(Refusal::NotFound)?;
                self.contacts.add(id, project, party, &self.related.parties)
            }
            (&Method::DELETE, [id, "parties", party]) => {
                self.find(id)?;
                self.contacts.remove(id, party)
            }
            (_, [] | [_] | ["fields", "definitions"] | [_, "parties"] | [_, "parties", _]) => Err(Refusal::MethodNotAllowed),
            _ => Err(Refusal::NotFound),
        }
    }

    fn find(&self, id: &str) -> Result<&Object, Refusal> {
        self.projects.get(id).ok_or(Refusal::NotFound)
    }

    fn list(&self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let embed = Embed::read(request)?;
        let since = list::since(request)?;
        let taken = |project: &&Object| since.is_none_or(|since| list::is_after(project, UPDATED, since));
        let projects: Vec<&Object> = self.projects.iter().filter(taken).collect();
        list::answer(request, "kases", &projects, |project| embed.view(project))
    }

    fn list_deleted(&self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let since = list::since(request)?.ok_or_else(|| Refusal::required("since"))?;
        let deleted: Vec<&Object> = self.deleted.iter().filter(|one| list::is_after(one, "deletedAt", since)).collect();
        list::answer(request, "kases", &deleted, whole)
    }

    fn read(&self, request: &NativeRequest, id: &str) -> Result<Answer, Refusal> {
        let embed = Embed::read(request)?;
        Ok(one(StatusCode::OK, &embed, self.find(id)?))
    }

    fn read_several(&self, request: &NativeRequest, ids: &str) -> Result<Answer, Refusal> {
        let embed = Embed::read(request)?;
        let ids: Vec<&str> = ids.split(',').collect();
        if ids.len() > MOST_IDS {
            return Err(Refusal::invalid("id", "too many ids"));
        }
        let projects: Vec<Value> = ids.iter().filter_map(|id| self.projects.get(id)).map(|project| embed.view(project)).collect();
        Ok(Answer::json(StatusCode::OK, &json!({ "kases": projects })))
    }

    fn create(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let embed = Embed::read(request)?;
        let mut kase = write::body(request)?;
        // Tracks make tasks of their own, and show nowhere in the project.
        if kase.shift_remove("tracks").is_some_and(|tracks| !tracks.is_array()) {
            return Err(Refusal::invalid("tracks", "tracks must be an array"));
        }
        write::check_new(&kase)?;
        let number = self.created.saturating_add(1);
        let mut project = seeds::new_project(number);
        write::apply(&mut project, &kase, &mut self.related)?;
        self.created = number;
        let location = format!("{}{}/{}", request.base, request.path, project.get("id").unwrap_or(&Value::Null));
        let answer = one(StatusCode::CREATED, &embed, &project).with_header("location", &location);
        self.projects.push(project);
        Ok(answer)
    }

    fn update(&mut self, request: &NativeRequest, id: &str) -> Result<Answer, Refusal> {
        let embed = Embed::read(request)?;
        let project = self.projects.get_mut(id).ok_or(Refusal::NotFound)?;
        let kase = write::body(request)?;
        // On a copy: nothing is written when a later member is wrong.
        let mut changed = project.clone();
        write::apply(&mut changed, &kase, &mut self.related)?;
        touch(&mut changed);
        *project = changed;
        self.contacts.main_changed(id, project);
        Ok(one(StatusCode::OK, &embed, project))
    }

    fn delete(&mut self, id: &str) -> Result<Answer, Refusal> {
        let project = self.projects.remove(id).ok_or(Refusal::NotFound)?;
        self.contacts.forget(id);
        self.deleted.push(object(json!({ "id": project.get("id"), "deletedAt": Precision::Seconds.now() })));
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

fn whole(object: &Object) -> Value {
    Value::Object(object.clone())
}

fn page(request: &NativeRequest, name: &str, objects: &Objects) -> Result<Answer, Refusal> {
    list::answer(request, name, &objects.iter().collect::<Vec<_>>(), whole)
}

fn one(status: StatusCode, embed: &Embed, project: &Object) -> Answer {
    Answer::json(status, &json!({ "kase": embed.view(project) }))
}

fn touch(project: &mut Object) {
    let now = Precision::Seconds.after(project.get(UPDATED));
    project.insert(UPDATED.to_owned(), now.into());
}

fn with_quota(answer: Answer, left: Left) -> Answer {
    answer
        .with_header("x-ratelimit-limit", &left.limit.to_string())
        .with_header("x-ratelimit-remaining", &left.remaining.to_string())
        .with_header("x-ratelimit-reset", &left.ends.unix_timestamp().to_string())
}

impl StandIn for Capsule {
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
        project.insert("name".to_owned(), seeded(self.created));
        self.projects.push(project);
    }
}
