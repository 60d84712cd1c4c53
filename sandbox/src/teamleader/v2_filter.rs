use serde_json::Value;

use super::body::Body;
use super::refusal::Refusal;
use super::related::Related;
use crate::objects::{Object, text};
use crate::timestamps::today;

const STATUSES: [&str; 6] = ["open", "planned", "running", "overdue", "over_budget", "closed"];

/// The `filter` of `projects-v2/projects.list`: all that is given has to hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    ids: Option<Vec<String>>,
    status: Option<String>,
    quotations: Option<Vec<String>>,
    deals: Option<Vec<String>>,
    terms: Vec<String>,
    customers: Option<Vec<String>>,
}

impl Filter {
    pub(super) fn read(body: &mut Body) -> Result<Self, Refusal> {
        let Some(filter) = body.take("filter") else {
            return Ok(Self::default());
        };
        let mut filter = body.within("filter", filter)?;
        let term = filter.text("term")?.unwrap_or_default().to_lowercase();
        let read = Self {
            ids: filter.texts("ids")?,
            status: filter.choice("status", &STATUSES)?,
            quotations: filter.texts("quotation_ids")?,
            deals: filter.texts("deal_ids")?,
            terms: term.split_whitespace().map(str::to_owned).collect(),
            customers: customers(&mut filter)?,
        };
        filter.finish()?;
        Ok(read)
    }

    pub(super) fn takes(&self, project: &Object, related: &Related) -> bool {
        let id = text(project, "id").unwrap_or_default();
        let refers = |member: &str, asked: &Option<Vec<String>>| {
            asked.as_ref().is_none_or(|asked| references(project, member).any(|(_, id)| asked.iter().any(|other| other == id)))
        };
        self.ids.as_ref().is_none_or(|ids| ids.iter().any(|asked| asked == id))
            && refers("quotations", &self.quotations)
            && refers("deals", &self.deals)
            && refers("customers", &self.customers)
            && self.status.as_deref().is_none_or(|status| has_status(project, status))
            && (self.terms.is_empty() || self.has_terms(project, related))
    }

    /// Terms are looked for in the number, the title, and the names of customers, assignees and owners.
    fn has_terms(&self, project: &Object, related: &Related) -> bool {
        let mut words = vec![text(project, "title").unwrap_or_default().to_owned()];
        words.extend(project.get("project_key").map(Value::to_string));
        for member in ["customers", "owners", "assignees"] {
            words.extend(references(project, member).map(|(kind, id)| related.name(kind, id)));
        }
        let words = words.join(" ").to_lowercase();
        self.terms.iter().all(|term| words.contains(term))
    }
}

fn customers(filter: &mut Body) -> Result<Option<Vec<String>>, Refusal> {
    let Some(items) = filter.list("customers")? else {
        return Ok(None);
    };
    let mut ids = Vec::new();
    for item in items {
        let mut customer = filter.within("customers", item)?;
        customer.choice("type", &["contact", "company"])?.ok_or_else(|| customer.refuse("type", "must not be empty"))?;
        ids.push(customer.required("id")?);
        customer.finish()?;
    }
    Ok(Some(ids))
}

/// The types and ids in a member; an assignee's are one step further in.
fn references<'a>(project: &'a Object, member: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let entries = project.get(member).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| {
        let entry = entry.get("assignee").unwrap_or(entry);
        Some((entry.get("type")?.as_str()?, entry.get("id")?.as_str()?))
    })
}

fn has_status(project: &Object, status: &str) -> bool {
    let open = text(project, "status") == Some("open");
    let today = today();
    let (start, end) = (text(project, "start_date"), text(project, "end_date"));
    let begun = start.is_none_or(|start| start <= today.as_str());
    let over = end.is_some_and(|end| end < today.as_str());
    let amount = |name: &str| project.get(name).and_then(|money| money.get("amount")).and_then(Value::as_f64);
    match status {
        "open" => open,
        "closed" => !open,
        "planned" => open && !begun,
        "running" => open && begun && !over,
        "overdue" => open && over,
        _ => open && amount("price").zip(amount("external_budget")).is_some_and(|(price, budget)| price > budget),
    }
}
