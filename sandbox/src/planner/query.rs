use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{ETAG, Version, archive};
use crate::exchange::NativeRequest;
use crate::objects::{Object, text};

const CONTEXT: &str = "@odata.context";

const PROPERTIES: [&str; 9] = ["id", "container", "createdBy", "createdDateTime", "owner", "title", "buckets", "details", "tasks"];

/// What a query asks of each plan, and of a list of them.
#[derive(Debug, Default)]
pub(super) struct Shape {
    select: Option<Vec<String>>,
    expand: Vec<String>,
    pub(super) top: Option<usize>,
    pub(super) skip: usize,
    pub(super) count: bool,
    version: Version,
}

impl Shape {
    /// Reads the query of a single plan.
    pub(super) fn read(request: &NativeRequest, version: Version) -> Result<Self, Refusal> {
        Self::read_options(request, version, false)
    }

    /// Reads the query of a list.
    pub(super) fn read_list(request: &NativeRequest, version: Version) -> Result<Self, Refusal> {
        Self::read_options(request, version, true)
    }

    fn read_options(request: &NativeRequest, version: Version, list: bool) -> Result<Self, Refusal> {
        let mut shape = Self { version, ..Self::default() };
        let known: Vec<&str> = PROPERTIES.into_iter().chain(version.own_members()).collect();
        for (name, value) in request.query_pairs() {
            match (name.as_str(), list) {
                ("$select", _) => shape.select = Some(properties(&value, &known)?),
                ("$expand", _) => {
                    shape.expand = properties(&value, &["buckets", "details", "tasks"])?;
                }
                ("$top", true) => shape.top = Some(number(&name, &value)?).filter(|top| *top > 0),
                ("$skip" | "$skiptoken", true) => shape.skip = number(&name, &value)?,
                ("$count", true) => shape.count = value == "true",
                // Only names with a dollar are OData's; others are for whoever put them there.
                (other, _) if other.starts_with('$') => {
                    return Err(Refusal::bad(format!("The query option '{other}' is not supported.")));
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    /// A plan as the answer of its own, which says so in `@odata.context`.
    pub(super) fn entity(&self, plan: &Object) -> Value {
        let mut entity = Object::new();
        entity.insert(CONTEXT.to_owned(), format!("{}/$entity", self.version.metadata()).into());
        entity.extend(self.members(plan));
        Value::Object(entity)
    }

    /// A plan within a list.
    pub(super) fn item(&self, plan: &Object) -> Value {
        Value::Object(self.members(plan))
    }

    /// The list around them.
    pub(super) fn collection(&self, items: Vec<Value>, total: usize, next: Option<String>) -> Value {
        let mut list = Object::new();
        list.insert(CONTEXT.to_owned(), self.version.metadata().into());
        if self.count {
            list.insert("@odata.count".to_owned(), total.into());
        }
        if let Some(next) = next {
            list.insert("@odata.nextLink".to_owned(), next.into());
        }
        list.insert("value".to_owned(), items.into());
        Value::Object(list)
    }

    fn members(&self, plan: &Object) -> Object {
        let mut members = plan.clone();
        for (name, at_first) in archive::MEMBERS {
            match self.version {
                Version::V1 => drop(members.shift_remove(name)),
                Version::Beta => drop(members.entry(name).or_insert(at_first)),
            }
        }
        if let Some(select) = &self.select {
            members.retain(|name, _| name == ETAG || select.contains(name));
        }
        let id = text(plan, "id").unwrap_or_default();
        for name in &self.expand {
            let related = match name.as_str() {
                "details" => json!({ "id": id, "sharedWith": {}, "categoryDescriptions": {} }),
                _ => json!([]),
            };
            members.insert(name.clone(), related);
        }
        members
    }
}

fn properties(text: &str, known: &[&str]) -> Result<Vec<String>, Refusal> {
    text.split(',')
        .map(str::trim)
        .map(|name| if known.contains(&name) { Ok(name.to_owned()) } else { Err(Refusal::bad(format!("There is no property '{name}'."))) })
        .collect()
}

fn number(name: &str, text: &str) -> Result<usize, Refusal> {
    text.parse().map_err(|_| Refusal::bad(format!("The value of '{name}' is not valid.")))
}
