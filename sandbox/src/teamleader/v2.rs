//! The calls of the new module: `src/12-nextgen-projects/projects.apib` of <https://github.com/teamleadercrm/api>, and
//! the OpenAPI document of <https://developer.focus.teamleader.eu>.

use http::StatusCode;
use serde_json::{Value, json};

use super::body::Body;
use super::list::{Paging, Sort};
use super::refusal::Refusal;
use super::related::{Related, data, named};
use super::{seeds, v2_filter, v2_write};
use crate::exchange::Answer;
use crate::objects::{Object, Objects, seeded, text};

const SORTS: [&str; 18] = [
    "amount_billed",
    "amount_paid",
    "amount_unbilled",
    "cost",
    "customer",
    "end_date",
    "external_budget_spent",
    "external_budget",
    "internal_budget",
    "margin",
    "price",
    "project_key",
    "start_date",
    "status",
    "time_budget",
    "time_estimated",
    "time_tracked",
    "title",
];

/// Members that `projects.info` lacks, and those that `projects.list` does.
const NOT_IN_INFO: [&str; 2] = ["time_estimated", "amount_unbilled"];
const NOT_IN_LIST: [&str; 6] = [
    "update_rights",
    "task_external_budget_spent",
    "material_external_budget_spent",
    "purchase_order_number",
    "custom_user_rates",
    "external_parties",
];

/// The projects of the new module.
pub(super) struct Projects {
    pub(super) projects: Objects,
    created: u64,
}

impl Projects {
    pub(super) fn seeded() -> Self {
        Self { projects: Objects::new(seeds::projects()), created: 0 }
    }

    /// Answers `projects-v2/projects.<name>`.
    pub(super) fn call(&mut self, name: &str, body: Body, related: &Related) -> Result<Answer, Refusal> {
        match name {
            "info" => self.info(body),
            "list" => self.list(body, related),
            "create" => self.create(body, related),
            "update" => self.update(body, related),
            "delete" => self.delete(body),
            "close" => self.close(body),
            "reopen" => self.status(body, "open"),
            "addCustomer" | "removeCustomer" | "addDeal" | "removeDeal" | "addOwner" | "removeOwner" | "assign" | "unassign" => {
                self.relate(name, body, related)
            }
            _ => Err(Refusal::NotFound),
        }
    }

    fn info(&self, mut body: Body) -> Result<Answer, Refusal> {
        let id = body.required("id")?;
        let includes = body.includes(&["legacy_project"])?;
        body.finish()?;
        let mut project = self.projects.get(&id).cloned().ok_or(Refusal::NotFound)?;
        project.retain(|name, _| !NOT_IN_INFO.contains(&name.as_str()) && (name != "legacy_project" || includes.contains(name)));
        Ok(data(project.into()))
    }

    fn list(&self, mut body: Body, related: &Related) -> Result<Answer, Refusal> {
        let filter = v2_filter::Filter::read(&mut body)?;
        let paging = Paging::read(&mut body)?;
        let sort = Sort::read(&mut body, &SORTS, ("project_key", true))?;
        let includes = body.includes(&["legacy_project", "custom_fields", "pagination"])?;
        body.finish()?;
        let mut taken: Vec<&Object> = self.projects.iter().filter(|project| filter.takes(project, related)).collect();
        sort.apply(&mut taken, |project, field| sort_value(project, field, related));
        let optional = |name: &String| !["legacy_project", "custom_fields"].contains(&name.as_str()) || includes.contains(name);
        let page = paging.page(&taken).map(|project| {
            let mut project = (*project).clone();
            project.retain(|name, _| !NOT_IN_LIST.contains(&name.as_str()) && optional(name));
            Value::Object(project)
        });
        let mut list = Object::new();
        list.insert("data".to_owned(), page.collect());
        if includes.iter().any(|name| name == "pagination") {
            list.insert("meta".to_owned(), paging.meta(taken.len()));
        }
        Ok(Answer::json(StatusCode::OK, &list.into()))
    }

    /// Adds one with the shape of a new one.
    pub(super) fn add(&mut self) {
        self.created = self.created.saturating_add(1);
        let mut project = seeds::new_project(self.created);
        project.insert("title".to_owned(), seeded(self.created));
        self.projects.push(project);
    }

    fn create(&mut self, body: Body, related: &Related) -> Result<Answer, Refusal> {
        let number = self.created.saturating_add(1);
        let mut project = seeds::new_project(number);
        v2_write::create(&mut project, body, related)?;
        self.created = number;
        let reference = json!({ "data": { "type": "nextgenProject", "id": project.get("id") } });
        self.projects.push(project);
        Ok(Answer::json(StatusCode::CREATED, &reference))
    }

    fn update(&mut self, mut body: Body, related: &Related) -> Result<Answer, Refusal> {
        let project = find(&mut self.projects, &mut body)?;
        // On a copy: nothing is written when a later member is wrong.
        let mut changed = project.clone();
        v2_write::update(&mut changed, body, related)?;
        *project = changed;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    fn delete(&mut self, mut body: Body) -> Result<Answer, Refusal> {
        let id = body.required("id")?;
        let strategies = ["unlink_tasks_and_time_trackings", "delete_tasks_and_time_trackings", "delete_tasks_unlink_time_trackings"];
        let strategy = body.choice("delete_strategy", &strategies)?;
        strategy.ok_or_else(|| body.refuse("delete_strategy", "must not be empty"))?;
        body.finish()?;
        self.projects.remove(&id).ok_or(Refusal::NotFound)?;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    fn close(&mut self, mut body: Body) -> Result<Answer, Refusal> {
        let strategy = body.choice("closing_strategy", &["mark_tasks_and_materials_as_done", "none"])?;
        strategy.ok_or_else(|| body.refuse("closing_strategy", "must not be empty"))?;
        self.status(body, "closed")
    }

    fn status(&mut self, mut body: Body, status: &str) -> Result<Answer, Refusal> {
        let project = find(&mut self.projects, &mut body)?;
        body.finish()?;
        project.insert("status".to_owned(), status.into());
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    /// Adds or removes something that the project refers to. Neither fails when it is so already, so what is removed need
    /// not be there at all.
    fn relate(&mut self, name: &str, mut body: Body, related: &Related) -> Result<Answer, Refusal> {
        let project = find(&mut self.projects, &mut body)?;
        let adds = name.starts_with("add") || name == "assign";
        let (member, entry) = match name {
            "addCustomer" | "removeCustomer" => ("customers", referred(&mut body, "customer", &["company", "contact"], related, adds)?),
            "addDeal" | "removeDeal" => ("deals", referred_by_id(&mut body, "deal_id", "deal", related, adds)?),
            "addOwner" | "removeOwner" => ("owners", referred_by_id(&mut body, "user_id", "user", related, adds)?),
            _ => {
                let assignee = referred(&mut body, "assignee", &["user", "team"], related, adds)?;
                ("assignees", json!({ "assignee": assignee, "assign_type": "manual" }))
            }
        };
        body.finish()?;
        let mut held = project.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
        let there = held.contains(&entry);
        if adds {
            held.extend((!there).then_some(entry));
        } else {
            held.retain(|other| *other != entry);
        }
        project.insert(member.to_owned(), held.into());
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

/// Takes `{"type":"company","id":"..."}`.
fn referred(body: &mut Body, name: &str, kinds: &[&str], related: &Related, has_to_be: bool) -> Result<Value, Refusal> {
    let value = body.take(name).ok_or_else(|| body.refuse(name, "must not be empty"))?;
    if has_to_be { related.reference(body, name, value, kinds) } else { named(body, name, value, kinds) }
}

/// Takes an id.
fn referred_by_id(body: &mut Body, name: &str, kind: &str, related: &Related, has_to_be: bool) -> Result<Value, Refusal> {
    let id = body.required(name)?;
    if has_to_be { related.by_id(body, name, kind, &id) } else { Ok(json!({ "type": kind, "id": id })) }
}

fn find<'a>(projects: &'a mut Objects, body: &mut Body) -> Result<&'a mut Object, Refusal> {
    let id = body.required("id")?;
    projects.get_mut(&id).ok_or(Refusal::NotFound)
}

/// What a project is sorted by: an amount, a time, a name or the member itself.
fn sort_value(project: &Object, field: &str, related: &Related) -> Value {
    if field == "customer" {
        let customer = project.get("customers").and_then(|customers| customers.get(0)).and_then(Value::as_object);
        return customer.map_or(Value::Null, |customer| {
            let member = |name: &str| text(customer, name).unwrap_or_default();
            related.name(member("type"), member("id")).into()
        });
    }
    let value = project.get(field).unwrap_or(&Value::Null);
    value.get("amount").or_else(|| value.get("value")).unwrap_or(value).clone()
}
