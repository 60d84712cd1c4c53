//! Polyteia, workspaces: one endpoint that takes commands and queries. What is modelled is on these pages:
//! operations <https://docs.polyteia.com/api-docs/en/workspace>, envelope <https://docs.polyteia.com/api-docs/en>,
//! tokens <https://docs.polyteia.com/api-docs/en/authentication>.
//!
//! A business error comes with HTTP status 200 and an `error` in the body; only a wrong token, or one without the
//! right, shows in the status.

mod envelope;
mod params;
mod refusal;
mod seeds;
mod switches;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use self::envelope::{Call, Operation};
use self::params::Params;
use self::refusal::Refusal;
use self::switches::Switches;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, object, seeded, text};
use crate::provider::Provider;
use crate::timestamps::Precision;
use crate::world::StandIn;

const UPDATED: &str = "updated_at";

/// The stand-in for Polyteia.
pub(crate) struct Polyteia {
    workspaces: Objects,
    created: u32,
    pub(crate) switches: Switches,
}

impl Polyteia {
    pub(crate) fn seeded() -> Self {
        Self { workspaces: Objects::new([seeds::workspace()]), created: 0, switches: Switches::default() }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Value, Refusal> {
        let access = access(Provider::Polyteia, bearer(&request.headers));
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        if request.path != "/api" {
            return Err(Refusal::NoSuchPath);
        }
        if request.method != Method::POST {
            return Err(Refusal::MethodNotAllowed);
        }
        let Call { operation, params } = envelope::read(request, self.switches)?;
        if operation.changes() && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        match operation {
            Operation::Get => self.get(params),
            Operation::List => self.list(params),
            Operation::Create => self.create(params),
            Operation::Update => self.update(params),
            Operation::Delete => self.delete(params),
        }
    }

    fn get(&self, mut params: Params) -> Result<Value, Refusal> {
        let id = params.required_text("id")?;
        params.finish()?;
        let workspace = self.workspaces.get(&id).ok_or(Refusal::NotFound)?;
        Ok(Value::Object(workspace.clone()))
    }

    fn list(&self, mut params: Params) -> Result<Value, Refusal> {
        let page = params.required_number("page", 1, usize::MAX)?;
        let size = params.required_number("size", 1, 100)?;
        // The next two are what the provider's own SDK sends besides.
        let organization = params.text("organization_id")?;
        let search = params.text("search")?.unwrap_or_default();
        params.finish()?;
        let taken = |workspace: &&Object| {
            let name = text(workspace, "name").unwrap_or_default();
            name.contains(&search) && organization.as_deref().is_none_or(|id| text(workspace, "organization_id") == Some(id))
        };
        let all: Vec<&Object> = self.workspaces.iter().filter(taken).collect();
        let offset = page.saturating_sub(1).saturating_mul(size);
        let items: Vec<Value> = all.iter().skip(offset).take(size).map(|one| item(one)).collect();
        Ok(json!({ "total": all.len(), "page": page, "size": size, "items": items }))
    }

    fn create(&mut self, mut params: Params) -> Result<Value, Refusal> {
        let organization = params.required_text("organization_id")?;
        let name = params.name()?;
        let description = params.description()?;
        let attributes = params.attributes()?;
        // `settings.seats` is what the provider's own SDK sends besides.
        params.take("settings");
        params.finish()?;
        if organization != seeds::ORGANIZATION {
            return Err(Refusal::NotFound);
        }
        self.created += 1;
        let mut workspace = object(seeds::new_workspace(self.created, &name));
        set(&mut workspace, "description", description.map(Value::from));
        set(&mut workspace, "attributes", attributes.map(Value::from));
        let answer = Value::Object(workspace.clone());
        self.workspaces.push(workspace);
        Ok(answer)
    }

    fn update(&mut self, mut params: Params) -> Result<Value, Refusal> {
        let id = params.required_text("id")?;
        let name = params.name()?;
        let description = params.description()?;
        let attributes = params.attributes()?;
        params.finish()?;
        let replaces = self.switches.update_replaces;
        let workspace = self.workspaces.get_mut(&id).ok_or(Refusal::NotFound)?;
        if replaces {
            workspace.shift_remove("description");
            workspace.shift_remove("attributes");
        }
        set(workspace, "name", Some(name.into()));
        set(workspace, "description", description.map(Value::from));
        if let Some(attributes) = attributes {
            let held = workspace.shift_remove("attributes").unwrap_or_default();
            let mut merged = object(held);
            merged.extend(attributes);
            set(workspace, "attributes", Some(Value::Object(merged)));
        }
        touch(workspace);
        Ok(Value::Object(workspace.clone()))
    }

    fn delete(&mut self, mut params: Params) -> Result<Value, Refusal> {
        let id = params.required_text("id")?;
        params.finish()?;
        self.workspaces.remove(&id).ok_or(Refusal::NotFound)?;
        Ok(json!({ "id": id }))
    }
}

fn set(workspace: &mut Object, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        workspace.insert(name.to_owned(), value);
    }
}

fn touch(workspace: &mut Object) {
    let now = Precision::Microseconds.after(workspace.get(UPDATED));
    workspace.insert(UPDATED.to_owned(), now.into());
}

/// A workspace within a list, which shows no attributes in the documentation's example.
fn item(workspace: &Object) -> Value {
    let mut item = workspace.clone();
    item.shift_remove("attributes");
    Value::Object(item)
}

impl StandIn for Polyteia {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        match self.route(request) {
            Ok(data) => Answer::json(StatusCode::OK, &json!({ "data": data })),
            Err(refusal) => refusal.answer(),
        }
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
        change.apply(workspace, UPDATED, touch);
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["workspaces"]
    }

    fn add(&mut self, _kind: &str) {
        self.created += 1;
        let name: String = seeded(self.created.into());
        self.workspaces.push(object(seeds::new_workspace(self.created, &name)));
    }
}
