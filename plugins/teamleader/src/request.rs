//! Unified changes as Teamleader's.

use patchboard_sdk::{Error, Request, Warning};
use serde_json::{Map, Value};

use crate::module::Module;
use crate::relations::{Write, wanted};
use crate::{budget, legacy, relations};

/// What the legacy module does not take, by operation.
const LEGACY_UPDATE: &[&str] = &["opportunity"];
const LEGACY_CREATE: &[&str] = &["opportunity", "amount", "currency"];

/// A change: the body of the update or the creation, and what follows it.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) body: Map<String, Value>,
    pub(crate) writes: Vec<Write>,
    pub(crate) warnings: Vec<Warning>,
}

/// A body that names a project.
pub(crate) fn id(id: &str) -> Map<String, Value> {
    Map::from_iter([("id".to_owned(), id.into())])
}

/// What can be refused before anything is sent to the module.
pub(crate) fn check(module: Module, request: &Request) -> Result<(), Error> {
    match module {
        Module::V2 => Ok(()),
        Module::Legacy => legacy::check(request),
    }
}

/// Whether an update has to know the project as it is.
pub(crate) fn needs_current(module: Module, request: &Request) -> bool {
    budget::needs_current(request)
        || match module {
            Module::V2 => relations::given(request),
            Module::Legacy => legacy::needs_current(request),
        }
}

/// `projects.update` and what follows. `current` is the project as it is, where it was read.
pub(crate) fn update(module: Module, request: &Request, current: &Value) -> Result<Change, Error> {
    let mut body = id(request.id());
    request.rename("name", &mut body, "title");
    request.rename("description", &mut body, "description");
    match module {
        Module::V2 => {
            put(&mut body, "external_budget", budget::change(request, current.get("external_budget"))?);
            Ok(Change { body, writes: relations::writes(request, current), warnings: Vec::new() })
        }
        Module::Legacy => {
            put(&mut body, "customer", legacy::customer_change(request, current));
            put(&mut body, "budget", budget::change(request, current.pointer("/budget/provided"))?);
            let warnings = legacy::warnings(request, LEGACY_UPDATE);
            Ok(Change { body, writes: legacy::writes(request, current), warnings })
        }
    }
}

/// `projects.create`: what is `null` is not there from the start.
pub(crate) fn create(module: Module, request: &Request) -> Result<Change, Error> {
    let mut body = Map::new();
    request.rename("name", &mut body, "title");
    request.rename("description", &mut body, "description");
    let ids = |field: &str| wanted(request, field).unwrap_or_default();
    let warnings = match module {
        Module::V2 => {
            put(&mut body, "external_budget", budget::change(request, None)?);
            put(&mut body, "customers", some(customers(request)));
            put(&mut body, "deal_ids", some(ids("opportunity").into_iter().map(Value::from).collect()));
            put(&mut body, "owner_ids", some(ids("owner").into_iter().map(Value::from).collect()));
            Vec::new()
        }
        Module::Legacy => {
            put(&mut body, "customer", legacy::customer_change(request, &Value::Null));
            put(&mut body, "participants", some(ids("owner").iter().map(|user| legacy::decision_maker(user)).collect()));
            legacy::warnings(request, LEGACY_CREATE)
        }
    };
    body.retain(|_, value| !value.is_null());
    Ok(Change { body, writes: Vec::new(), warnings })
}

fn customers(request: &Request) -> Vec<Value> {
    let of_type = |field, kind: &'static str| {
        let ids = wanted(request, field).unwrap_or_default();
        ids.into_iter().map(move |id| serde_json::json!({"type": kind, "id": id}))
    };
    of_type("account", "company").chain(of_type("contact", "contact")).collect()
}

fn some(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then(|| values.into())
}

fn put(body: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value);
    }
}

/// What a change that was made says about the project, should it not be read back.
pub(crate) fn known(module: Module, request: &Request, id: &str, created: bool) -> Map<String, Value> {
    let mut known = self::id(id);
    for (name, value) in request.fields.iter().filter(|(_, value)| !value.is_null()) {
        let value = match name.as_str() {
            "contact" | "opportunity" if value.is_object() => vec![value.clone()].into(),
            _ => value.clone(),
        };
        known.insert(name.clone(), value);
    }
    if module == Module::Legacy {
        legacy::known(request, &mut known, if created { LEGACY_CREATE } else { LEGACY_UPDATE });
    }
    known
}
