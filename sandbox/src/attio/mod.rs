//! Attio API v2, records of the standard object `workspaces`. What is modelled is in the core OpenAPI document,
//! <https://api.attio.com/openapi/api>, and on these pages:
//! upsert <https://docs.attio.com/rest-api/endpoint-reference/workspaces/upsert-a-workspace-record>,
//! the object <https://docs.attio.com/docs/standard-objects/standard-objects-workspaces>,
//! limits <https://docs.attio.com/rest-api/guides/rate-limiting>.

mod attribute;
mod body;
mod query;
mod record;
mod refusal;
mod seeds;
mod value;
mod write;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use self::refusal::Refusal;
use self::write::Mode;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects};
use crate::world::StandIn;

/// The stand-in for Attio.
pub(crate) struct Attio {
    records: Objects,
    created: u64,
}

impl Attio {
    pub(crate) fn seeded() -> Self {
        Self { records: Objects::new([seeds::record()]), created: 0 }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Value, Refusal> {
        let access = access(request.provider, bearer(&request.headers));
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        if segments == ["v2", "self"] && request.method == Method::GET {
            return Ok(seeds::token(access));
        }
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let ["v2", "objects", object, "records", path @ ..] = segments.as_slice() else {
            return Err(Refusal::NoSuchPath);
        };
        // A query is a POST that only reads.
        let reads = request.method == Method::GET || (request.method == Method::POST && path == ["query"]);
        if !reads && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        if ![seeds::OBJECT, seeds::OBJECT_ID].contains(object) {
            return Err(Refusal::NoSuchObject((*object).to_owned()));
        }
        match (&request.method, path) {
            (&Method::POST, []) => self.create(request),
            (&Method::PUT, []) => self.assert(request),
            (&Method::POST, ["query"]) => query::page(&self.records, request),
            (&Method::GET, [id]) => Ok(data(self.find(id)?)),
            (&Method::PATCH, [id]) => self.update(request, id, Mode::Append),
            (&Method::PUT, [id]) => self.update(request, id, Mode::Overwrite),
            (&Method::DELETE, [id]) => self.delete(id),
            (_, [] | [_]) => Err(Refusal::MethodNotAllowed),
            _ => Err(Refusal::NoSuchPath),
        }
    }

    fn find(&self, id: &str) -> Result<&Object, Refusal> {
        self.records.get(id).ok_or_else(|| Refusal::NoSuchRecord(id.to_owned()))
    }

    fn create(&mut self, request: &NativeRequest) -> Result<Value, Refusal> {
        let values = value::read(&body::values(request)?)?;
        let record = write::create(&self.records, self.created + 1, values)?;
        Ok(self.push(record))
    }

    fn push(&mut self, record: Object) -> Value {
        self.created += 1;
        let answer = data(&record);
        self.records.push(record);
        answer
    }

    /// Changes the one record that has the matching attribute's value, or creates one.
    fn assert(&mut self, request: &NativeRequest) -> Result<Value, Refusal> {
        let attribute = query::matching_attribute(request)?;
        let values = value::read(&body::values(request)?)?;
        let matching = values.iter().find(|(other, _)| other.id == attribute.id).filter(|(_, values)| !values.is_empty());
        let (_, wanted) = matching.ok_or(Refusal::MissingValue(attribute.id))?;
        let found: Vec<&Object> = self.records.iter().filter(|record| record::has_any(record, attribute, wanted)).collect();
        match found.as_slice() {
            [] => {
                let record = write::create(&self.records, self.created + 1, values)?;
                Ok(self.push(record))
            }
            [record] => {
                let changed = write::update(&self.records, record, values, Mode::Assert(attribute))?;
                Ok(self.replace(changed))
            }
            _ => Err(Refusal::SeveralMatches(attribute.slug)),
        }
    }

    fn update(&mut self, request: &NativeRequest, id: &str, mode: Mode) -> Result<Value, Refusal> {
        let values = value::read(&body::values(request)?)?;
        let changed = write::update(&self.records, self.find(id)?, values, mode)?;
        Ok(self.replace(changed))
    }

    fn replace(&mut self, changed: Object) -> Value {
        let answer = data(&changed);
        if let Some(record) = self.records.get_mut(record::id(&changed)) {
            *record = changed;
        }
        answer
    }

    fn delete(&mut self, id: &str) -> Result<Value, Refusal> {
        let gone = self.records.remove(id);
        gone.map(|_| json!({})).ok_or_else(|| Refusal::NoSuchRecord(id.to_owned()))
    }
}

fn data(record: &Object) -> Value {
    json!({ "data": record })
}

impl StandIn for Attio {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        match self.route(request) {
            Ok(body) => Answer::json(StatusCode::OK, &body),
            Err(refusal) => refusal.answer(),
        }
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        refusal::any(status, message)
    }

    fn objects(&self) -> Vec<Value> {
        self.records.to_values()
    }

    /// The attributes in `values` are changed one by one; a record has neither date of change nor version.
    fn change(&mut self, id: &str, change: &Change) -> bool {
        let Some(record) = self.records.get_mut(id) else {
            return false;
        };
        let held = record.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
        change.apply(record, "", |_| {});
        if let (Some(Value::Object(_)), Some(Value::Object(values))) = (change.set.get("values"), record.get_mut("values")) {
            let changed = std::mem::replace(values, held);
            values.extend(changed);
        }
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["workspaces"]
    }

    fn add(&mut self, _kind: &str) {
        let number = self.created + 1;
        self.push(seeds::plain_record(number));
    }
}
