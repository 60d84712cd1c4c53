//! What projects refer to: users, companies, contacts, deals, and definitions of custom fields.

use http::StatusCode;
use serde_json::{Value, json};

use super::body::Body;
use super::list::{Paging, Sort};
use super::refusal::Refusal;
use super::seeds;
use crate::exchange::Answer;
use crate::objects::{Object, Objects, text};

/// All of it, read-only.
pub(super) struct Related {
    users: Objects,
    companies: Objects,
    contacts: Objects,
    deals: Objects,
    teams: Objects,
    departments: Objects,
    quotations: Objects,
    pub(super) definitions: Objects,
}

const CONTEXTS: [&str; 9] = ["contact", "company", "deal", "project", "milestone", "product", "invoice", "subscription", "ticket"];

impl Related {
    pub(super) fn seeded() -> Self {
        Self {
            users: Objects::new(seeds::users()),
            companies: Objects::new(seeds::companies()),
            contacts: Objects::new(seeds::contacts()),
            deals: Objects::new(seeds::deals()),
            teams: Objects::new([json!({ "id": "6dd0069e-45da-0ec4-911a-afb351d968cd", "name": "Delivery" })]),
            departments: Objects::new([json!({ "id": seeds::DEPARTMENT, "name": "Head office" })]),
            quotations: Objects::new([json!({ "id": "e2314517-3cab-4aa9-8471-450e73449041" })]),
            definitions: Objects::new(seeds::definitions()),
        }
    }

    /// What there is of a type: `user`, `company` and so on.
    fn of(&self, kind: &str) -> Option<&Objects> {
        Some(match kind {
            "user" => &self.users,
            "company" => &self.companies,
            "contact" => &self.contacts,
            "deal" => &self.deals,
            "team" => &self.teams,
            "department" => &self.departments,
            "quotation" => &self.quotations,
            _ => return None,
        })
    }

    pub(super) fn has(&self, kind: &str, id: &str) -> bool {
        self.of(kind).is_some_and(|objects| objects.get(id).is_some())
    }

    /// What people call it: a company's name, a person's names, a deal's title.
    pub(super) fn name(&self, kind: &str, id: &str) -> String {
        let object = self.of(kind).and_then(|objects| objects.get(id));
        let parts = ["name", "title", "first_name", "last_name"].into_iter().filter_map(|name| text(object?, name));
        parts.collect::<Vec<_>>().join(" ")
    }

    /// `users.info` and the like.
    pub(super) fn info(&self, kind: &str, mut body: Body) -> Result<Answer, Refusal> {
        let id = body.required("id")?;
        let object = self.of(kind).and_then(|objects| objects.get(&id)).ok_or(Refusal::NotFound)?;
        Ok(data(object.clone().into()))
    }

    /// `users.me`: the user whom the token belongs to.
    pub(super) fn me(&self) -> Result<Answer, Refusal> {
        let mut me = self.users.get(seeds::USER).cloned().ok_or(Refusal::NotFound)?;
        me.retain(|name, _| name != "status" && name != "teams");
        me.insert("email_verification_status".to_owned(), "confirmed".into());
        Ok(data(me.into()))
    }

    /// `customFieldDefinitions.list`.
    pub(super) fn list_definitions(&self, mut body: Body) -> Result<Answer, Refusal> {
        let (mut ids, mut context) = (None, None);
        if let Some(filter) = body.take("filter") {
            let mut filter = body.within("filter", filter)?;
            ids = filter.texts("ids")?;
            context = filter.choice("context", &CONTEXTS)?;
            filter.finish()?;
        }
        let paging = Paging::read(&mut body)?;
        let sort = Sort::read(&mut body, &["label", "context"], ("label", false))?;
        body.finish()?;
        let takes = |definition: &&Object| {
            let id = text(definition, "id").unwrap_or_default();
            ids.as_ref().is_none_or(|ids| ids.iter().any(|asked| asked == id))
                && context.as_deref().is_none_or(|context| text(definition, "context") == Some(context))
        };
        let mut taken: Vec<&Object> = self.definitions.iter().filter(takes).collect();
        sort.apply(&mut taken, |definition, field| definition.get(field).cloned().unwrap_or_default());
        let page: Vec<Value> = paging.page(&taken).map(|definition| Value::Object((*definition).clone())).collect();
        Ok(data(page.into()))
    }

    /// Takes `{"type":"company","id":"..."}`, which has to be there.
    pub(super) fn reference(&self, body: &Body, name: &str, value: Value, kinds: &[&str]) -> Result<Value, Refusal> {
        let reference = named(body, name, value, kinds)?;
        let member = |name: &str| reference.get(name).and_then(Value::as_str).unwrap_or_default();
        if self.has(member("type"), member("id")) { Ok(reference) } else { Err(body.refuse(&format!("{name}.id"), "does not exist")) }
    }

    /// Makes a reference of an id, which has to be there.
    pub(super) fn by_id(&self, body: &Body, name: &str, kind: &str, id: &str) -> Result<Value, Refusal> {
        if self.has(kind, id) { Ok(json!({ "type": kind, "id": id })) } else { Err(body.refuse(name, "does not exist")) }
    }
}

/// Takes `{"type":"company","id":"..."}`, whether it is there or not.
pub(super) fn named(body: &Body, name: &str, value: Value, kinds: &[&str]) -> Result<Value, Refusal> {
    let mut reference = body.within(name, value)?;
    let kind = reference.choice("type", kinds)?.ok_or_else(|| reference.refuse("type", "must not be empty"))?;
    let id = reference.required("id")?;
    reference.finish()?;
    Ok(json!({ "type": kind, "id": id }))
}

/// A 200 with `data`.
pub(super) fn data(data: Value) -> Answer {
    Answer::json(StatusCode::OK, &json!({ "data": data }))
}
