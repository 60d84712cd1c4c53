//! What `projects-v2/projects.create` and `projects-v2/projects.update` do to a project.

use serde_json::{Value, json};

use super::body::{Body, date, text};
use super::money::{euros, money, time};
use super::refusal::Refusal;
use super::related::Related;
use super::{custom_fields, seeds};
use crate::objects::{self, Object};

const BILLING: [&str; 3] = ["time_and_materials", "fixed_price", "non_billable"];

const COLORS: [&str; 12] =
    ["#00B2B2", "#008A8C", "#992600", "#ED9E00", "#D157D3", "#A400B2", "#0071F2", "#004DA6", "#64788F", "#C0C0C4", "#82828C", "#1A1C20"];

/// Members that set the beginning of another one.
const INITIAL: [(&str, &str); 4] = [
    ("initial_price", "price"),
    ("initial_cost", "cost"),
    ("initial_amount_billed", "amount_billed"),
    ("initial_amount_paid", "amount_paid"),
];

/// Makes a new project of a body.
pub(super) fn create(project: &mut Object, mut body: Body, related: &Related) -> Result<(), Refusal> {
    let title = body.required("title")?;
    project.insert("title".to_owned(), title.into());
    if let Some(method) = body.choice("billing_method", &BILLING)? {
        project.insert("billing_method".to_owned(), method.into());
    }
    // The user of the token is an owner in any case.
    let mut owners = vec![json!({ "type": "user", "id": seeds::USER })];
    for id in body.texts("owner_ids")?.unwrap_or_default() {
        let owner = related.by_id(&body, "owner_ids", "user", &id)?;
        owners.extend((!owners.contains(&owner)).then_some(owner));
    }
    project.insert("owners".to_owned(), owners.into());
    for (name, member, kind) in [("deal_ids", "deals", "deal"), ("quotation_ids", "quotations", "quotation")] {
        let ids = body.texts(name)?.unwrap_or_default();
        let entries = ids.iter().map(|id| related.by_id(&body, name, kind, id)).collect::<Result<Vec<_>, _>>()?;
        project.insert(member.to_owned(), entries.into());
    }
    let customers = body.list("customers")?.unwrap_or_default();
    let customers = customers.into_iter().map(|item| related.reference(&body, "customers", item, &["company", "contact"]));
    project.insert("customers".to_owned(), customers.collect::<Result<Vec<_>, _>>()?.into());
    let assignees = body.list("assignees")?.unwrap_or_default();
    let assignees = assignees.into_iter().map(|item| {
        let assignee = related.reference(&body, "assignees", item, &["user", "team"])?;
        Ok(json!({ "assignee": assignee, "assign_type": "manual" }))
    });
    project.insert("assignees".to_owned(), assignees.collect::<Result<Vec<_>, _>>()?.into());
    members(project, &mut body, related)?;
    body.finish()
}

/// Changes a project. A null clears what can be empty.
pub(super) fn update(project: &mut Object, mut body: Body, related: &Related) -> Result<(), Refusal> {
    if let Some(title) = body.take("title") {
        if title.as_str().is_none_or(|title| title.trim().is_empty()) {
            return Err(Refusal::Bad { title: "Title must not be empty".to_owned(), field: Some("title".to_owned()) });
        }
        project.insert("title".to_owned(), title);
    }
    if let Some(method) = body.take("billing_method") {
        billing_method(project, &body, method)?;
    }
    members(project, &mut body, related)?;
    body.finish()
}

/// The method of billing, and with it what belongs to another method.
fn billing_method(project: &mut Object, body: &Body, value: Value) -> Result<(), Refusal> {
    let mut given = body.within("billing_method", value)?;
    let method = given.choice("value", &BILLING)?.ok_or_else(|| given.refuse("value", "must not be empty"))?;
    let strategy = given.choice("update_strategy", &["none", "cascade"])?;
    let strategy = strategy.ok_or_else(|| given.refuse("update_strategy", "must not be empty"))?;
    if matches!((method.as_str(), strategy.as_str()), ("time_and_materials", "cascade") | ("non_billable", "none")) {
        return Err(given.refuse("update_strategy", "does not go with this billing method"));
    }
    given.finish()?;
    for (member, of) in [("external_budget", "time_and_materials"), ("fixed_price", "fixed_price")] {
        if method != of {
            project.insert(member.to_owned(), Value::Null);
        }
    }
    project.insert("billing_method".to_owned(), method.into());
    Ok(())
}

/// What both calls have.
fn members(project: &mut Object, body: &mut Body, related: &Related) -> Result<(), Refusal> {
    let method = objects::text(project, "billing_method").unwrap_or_default().to_owned();
    for (name, of) in [("external_budget", "time_and_materials"), ("fixed_price", "fixed_price")] {
        let read = if name == "external_budget" { euros } else { money };
        if let Some(value) = body.nullable(name, read)? {
            if !value.is_null() && method != of {
                return Err(body.refuse(name, &format!("is only allowed for the billing method {of}")));
            }
            project.insert(name.to_owned(), value);
        }
    }
    for (name, member) in INITIAL.into_iter().chain([("internal_budget", "internal_budget")]) {
        set(project, member, body.nullable(name, money)?);
    }
    set(project, "time_tracked", body.nullable("initial_time_tracked", time)?);
    set(project, "time_budget", body.nullable("time_budget", time)?);
    set(project, "description", body.nullable("description", text)?);
    set(project, "purchase_order_number", body.nullable("purchase_order_number", text)?);
    set(project, "start_date", body.nullable("start_date", date)?);
    set(project, "end_date", body.nullable("end_date", date)?);
    if let (Some(start), Some(end)) = (objects::text(project, "start_date"), objects::text(project, "end_date"))
        && start > end
    {
        return Err(body.refuse("start_date", "must not be after end_date"));
    }
    let entity = body
        .nullable("company_entity_id", |body, name, value| related.by_id(body, name, "department", value.as_str().unwrap_or_default()))?;
    set(project, "company_entity", entity);
    set(project, "color", body.choice("color", &COLORS)?.map(Value::from));
    custom_fields::write(project, body, related)
}

fn set(project: &mut Object, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        project.insert(name.to_owned(), value);
    }
}
