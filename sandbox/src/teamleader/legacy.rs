//! The calls of the legacy module: `src/07-projects/projects.apib` of <https://github.com/teamleadercrm/api>.

use http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::body::Body;
use super::list::{Paging, Sort};
use super::refusal::Refusal;
use super::related::{Related, data};
use super::{legacy_write, seeds};
use crate::auth::Access;
use crate::exchange::Answer;
use crate::objects::{Object, Objects, seeded, text};

pub(super) const UPDATED: &str = "updated_at";

pub(super) const STATUSES: [&str; 4] = ["active", "on_hold", "done", "cancelled"];

/// Members that `projects.info` lacks, and those that `projects.list` does.
const NOT_IN_INFO: [&str; 2] = ["created_at", UPDATED];
const NOT_IN_LIST: [&str; 5] = [UPDATED, "milestones", "participants", "purchase_order_number", "custom_fields"];

/// Members for administrators of a project only, whom the token that may only read is not.
const CONFIDENTIAL: [&str; 2] = ["actuals", "budget"];

/// The projects of the legacy module.
pub(super) struct LegacyProjects {
    pub(super) projects: Objects,
    created: u64,
    milestones: u64,
}

impl LegacyProjects {
    pub(super) fn seeded() -> Self {
        Self { projects: Objects::new(seeds::legacy_projects()), created: 0, milestones: 0 }
    }

    /// Answers `projects.<name>`.
    pub(super) fn call(&mut self, name: &str, body: Body, access: Access, related: &Related) -> Result<Answer, Refusal> {
        match name {
            "info" => self.info(body, access),
            "list" => self.list(body, access),
            "create" => self.create(body, related),
            "update" => self.change(body, |project, body| legacy_write::update(project, body, related)),
            "delete" => self.delete(body),
            "close" => self.change(body, |project, _| set_status(project, "done")),
            "reopen" => self.change(body, |project, _| set_status(project, "active")),
            "addParticipant" => self.change(body, |project, body| legacy_write::add_participant(project, body, related)),
            "updateParticipant" => self.change(body, |project, body| legacy_write::update_participant(project, body, related)),
            _ => Err(Refusal::NotFound),
        }
    }

    fn info(&self, mut body: Body, access: Access) -> Result<Answer, Refusal> {
        let id = body.required("id")?;
        body.finish()?;
        let project = self.projects.get(&id).ok_or(Refusal::NotFound)?;
        Ok(data(view(project, &NOT_IN_INFO, access)))
    }

    fn list(&self, mut body: Body, access: Access) -> Result<Answer, Refusal> {
        let filter = Filter::read(&mut body)?;
        let paging = Paging::read(&mut body)?;
        let sort = Sort::read(&mut body, &["due_on", "title", "created_at"], ("due_on", false))?;
        body.finish()?;
        let mut taken: Vec<&Object> = self.projects.iter().filter(|project| filter.takes(project)).collect();
        sort.apply(&mut taken, |project, field| project.get(field).cloned().unwrap_or_default());
        Ok(data(paging.page(&taken).map(|project| view(project, &NOT_IN_LIST, access)).collect()))
    }

    /// Adds one with the shape of a new one.
    pub(super) fn add(&mut self) {
        self.created = self.created.saturating_add(1);
        let mut project = seeds::new_legacy_project(self.created);
        project.insert("title".to_owned(), seeded(self.created));
        self.projects.push(project);
    }

    fn create(&mut self, body: Body, related: &Related) -> Result<Answer, Refusal> {
        let number = self.created.saturating_add(1);
        let mut project = seeds::new_legacy_project(number);
        let milestones = legacy_write::create(&mut project, body, related)?;
        let milestones: Vec<Value> = (1..=milestones).map(|place| seeds::new_milestone(self.milestones.saturating_add(place))).collect();
        self.milestones = self.milestones.saturating_add(milestones.len() as u64);
        project.insert("milestones".to_owned(), milestones.into());
        self.created = number;
        let reference = json!({ "data": { "type": "project", "id": project.get("id") } });
        self.projects.push(project);
        Ok(Answer::json(StatusCode::CREATED, &reference))
    }

    fn delete(&mut self, mut body: Body) -> Result<Answer, Refusal> {
        let id = body.required("id")?;
        body.finish()?;
        self.projects.remove(&id).ok_or(Refusal::NotFound)?;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    /// Changes a project. On a copy: nothing is written when a later member is wrong.
    fn change(&mut self, mut body: Body, change: impl FnOnce(&mut Object, &mut Body) -> Result<(), Refusal>) -> Result<Answer, Refusal> {
        let id = body.required("id")?;
        let project = self.projects.get_mut(&id).ok_or(Refusal::NotFound)?;
        let mut changed = project.clone();
        change(&mut changed, &mut body)?;
        body.finish()?;
        touch(&mut changed);
        *project = changed;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

fn set_status(project: &mut Object, status: &str) -> Result<(), Refusal> {
    project.insert("status".to_owned(), status.into());
    Ok(())
}

/// Moves the time of the last change on.
pub(super) fn touch(project: &mut Object) {
    let now = seeds::after(project.get(UPDATED));
    project.insert(UPDATED.to_owned(), now.into());
}

fn view(project: &Object, without: &[&str], access: Access) -> Value {
    let mut view = project.clone();
    view.retain(|name, _| {
        let name = name.as_str();
        !without.contains(&name) && (access == Access::Full || !CONFIDENTIAL.contains(&name))
    });
    Value::Object(view)
}

/// The `filter` of `projects.list`: all that is given has to hold.
#[derive(Debug, Default)]
struct Filter {
    customer: Option<String>,
    status: Option<String>,
    participant: Option<String>,
    term: String,
    updated_since: Option<OffsetDateTime>,
}

impl Filter {
    fn read(body: &mut Body) -> Result<Self, Refusal> {
        let mut read = Self::default();
        let Some(filter) = body.take("filter") else {
            return Ok(read);
        };
        let mut filter = body.within("filter", filter)?;
        if let Some(customer) = filter.take("customer") {
            let mut customer = filter.within("customer", customer)?;
            customer.choice("type", &["contact", "company"])?.ok_or_else(|| customer.refuse("type", "must not be empty"))?;
            read.customer = Some(customer.required("id")?);
            customer.finish()?;
        }
        read.status = filter.choice("status", &STATUSES)?;
        read.participant = filter.text("participant_id")?;
        read.term = filter.text("term")?.unwrap_or_default().to_lowercase();
        if let Some(since) = filter.text("updated_since")? {
            let since = OffsetDateTime::parse(&since, &Rfc3339);
            read.updated_since = Some(since.map_err(|_| filter.refuse("updated_since", "must be a date and a time"))?);
        }
        filter.finish()?;
        Ok(read)
    }

    fn takes(&self, project: &Object) -> bool {
        let lower = |name: &str| text(project, name).unwrap_or_default().to_lowercase();
        let customer = project.get("customer").and_then(|customer| customer.get("id")).and_then(Value::as_str);
        let mut participants = project.get("participants").and_then(Value::as_array).into_iter().flatten();
        let updated = || OffsetDateTime::parse(text(project, UPDATED)?, &Rfc3339).ok();
        self.customer.as_deref().is_none_or(|id| customer == Some(id))
            && self.status.as_deref().is_none_or(|status| text(project, "status") == Some(status))
            && self.participant.as_deref().is_none_or(|id| participants.any(|one| is_participant(one, id)))
            && (lower("title").contains(&self.term) || lower("description").contains(&self.term))
            && self.updated_since.is_none_or(|since| updated().is_some_and(|at| at >= since))
    }
}

/// True when it is this user who takes part.
pub(super) fn is_participant(entry: &Value, id: &str) -> bool {
    entry.pointer("/participant/id").and_then(Value::as_str) == Some(id)
}
