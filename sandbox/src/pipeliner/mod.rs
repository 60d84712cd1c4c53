//! Pipeliner REST API v100, projects of a space. What is modelled is in the reference,
//! <http://pipeliner-api-doc.s3-website-eu-west-1.amazonaws.com/latest/rest/space/openapi.json>, and on
//! <https://developers.pipelinersales.com/api-docs>; errors and times are as recorded in
//! <https://github.com/amp-labs/connectors/tree/main/providers/pipeliner/test>.

mod entities;
mod filter;
mod list;
mod order;
mod refusal;
mod seeds;
mod view;
mod write;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use self::entities::{Entities, Kind, is_deleted};
use self::refusal::Refusal;
use self::view::View;
use self::write::{Reader, Write};
use crate::auth::{Access, access, basic};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, seeded, text};
use crate::provider::Provider;
use crate::world::StandIn;

const MODIFIED: &str = "modified";

/// The password that goes with the user name `sandbox-pipeliner`, and with the one that may only read.
const PASSWORD: &str = "sandbox-pipeliner";

/// The stand-in for Pipeliner.
pub(crate) struct Pipeliner {
    entities: Entities,
    created: u64,
    relations: u64,
    tag_relations: u64,
    /// Counts every change in the space.
    revision: u64,
}

impl Pipeliner {
    pub(crate) fn seeded() -> Self {
        Self { entities: Entities::seeded(), created: 0, relations: 0, tag_relations: 0, revision: seeds::REVISION }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let username = basic(&request.headers).filter(|(_, password)| password == PASSWORD).map(|(username, _)| username);
        let access = access(Provider::Pipeliner, username.as_deref());
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["api", "v100", "rest", "spaces", seeds::SPACE, "entities", name, path @ ..] = segments.as_slice() else {
            return Err(Refusal::NoSuchPath);
        };
        let kind = Kind::from_name(name).ok_or_else(|| Refusal::UnknownType((*name).to_owned()))?;
        if request.method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::Forbidden);
        }
        let writable = matches!(kind, Kind::Projects | Kind::ProjectContactRelations);
        // A UUID is the same in capitals.
        let id = path.first().map(|id| id.to_lowercase()).unwrap_or_default();
        match (&request.method, path) {
            (&Method::GET, []) => list::answer(&self.entities, kind, request),
            (&Method::POST, []) if writable => self.create(kind, request),
            (&Method::GET, [_]) => self.read(kind, &id, request),
            (&Method::PATCH, [_]) if writable => self.update(kind, &id, request),
            (&Method::DELETE, [_]) if writable => self.delete(kind, &id),
            (_, [] | [_]) => Err(Refusal::MethodNotAllowed),
            _ => Err(Refusal::NoSuchPath),
        }
    }

    fn read(&self, kind: Kind, id: &str, request: &NativeRequest) -> Result<Answer, Refusal> {
        let view = View::read(request, kind)?;
        let object = self.entities.get(kind, id).ok_or(Refusal::NotFound)?;
        Ok(success(StatusCode::OK, view.show(&self.entities, kind, object)))
    }

    fn create(&mut self, kind: Kind, request: &NativeRequest) -> Result<Answer, Refusal> {
        let (body, overrides) = write::body(request)?;
        let object = match kind {
            Kind::Projects => seeds::new_project(self.created.saturating_add(1)),
            _ => seeds::new_relation(self.relations.saturating_add(1)),
        };
        let id = text(&object, "id").unwrap_or_default().to_owned();
        let write = Reader::new(&self.entities, kind, &id, overrides).read(&body, true)?;
        match kind {
            Kind::Projects => self.created = self.created.saturating_add(1),
            _ => self.relations = self.relations.saturating_add(1),
        }
        self.entities.push(kind, object);
        self.put(kind, &id, write);
        self.shown(kind, &id, request, StatusCode::CREATED)
    }

    fn update(&mut self, kind: Kind, id: &str, request: &NativeRequest) -> Result<Answer, Refusal> {
        self.entities.get(kind, id).ok_or(Refusal::NotFound)?;
        let (body, overrides) = write::body(request)?;
        let write = Reader::new(&self.entities, kind, id, overrides).read(&body, false)?;
        self.put(kind, id, write);
        self.shown(kind, id, request, StatusCode::OK)
    }

    fn delete(&mut self, kind: Kind, id: &str) -> Result<Answer, Refusal> {
        let gone = Object::from_iter([("is_deleted".to_owned(), true.into())]);
        self.entities.get(kind, id).ok_or(Refusal::NotFound)?;
        self.put_members(kind, id, gone);
        Ok(success(StatusCode::OK, id.into()))
    }

    fn shown(&self, kind: Kind, id: &str, request: &NativeRequest, status: StatusCode) -> Result<Answer, Refusal> {
        let object = self.entities.get(kind, id).ok_or(Refusal::NotFound)?;
        Ok(success(status, View::plain(request).show(&self.entities, kind, object)))
    }

    /// Writes what was checked.
    fn put(&mut self, kind: Kind, id: &str, write: Write) {
        self.put_members(kind, id, write.members);
        for contact in write.contacts {
            let relation = contact.id.unwrap_or_else(|| self.relate(id));
            self.put_members(Kind::ProjectContactRelations, &relation, contact.members);
        }
        for tag in write.tags {
            self.tag_relations = self.tag_relations.saturating_add(1);
            let relation = seeds::new_tag_relation(self.tag_relations, id, &tag);
            self.entities.push(Kind::TagRelations, relation);
        }
    }

    /// A new relation of a project, still without a contact.
    fn relate(&mut self, project: &str) -> String {
        self.relations = self.relations.saturating_add(1);
        let mut relation = seeds::new_relation(self.relations);
        relation.insert("project_id".to_owned(), project.into());
        let id = text(&relation, "id").unwrap_or_default().to_owned();
        self.entities.push(Kind::ProjectContactRelations, relation);
        id
    }

    fn put_members(&mut self, kind: Kind, id: &str, members: Object) {
        self.revision = self.revision.saturating_add(1);
        let (named, primary) = (members.contains_key(MODIFIED), members.get("is_primary") == Some(&Value::Bool(true)));
        let Some(object) = self.entities.get_mut(kind, id) else {
            return;
        };
        if !named {
            touch(object);
        }
        object.extend(members);
        object.insert("revision".to_owned(), self.revision.into());
        let project = text(object, "project_id").map(str::to_owned);
        if primary && kind == Kind::ProjectContactRelations {
            self.only_primary(id, project.as_deref().unwrap_or_default());
        }
    }

    /// A project has one primary contact.
    fn only_primary(&mut self, relation: &str, project: &str) {
        let others = self.entities.related(Kind::ProjectContactRelations, "project_id", project);
        let others: Vec<String> = others.filter_map(|other| text(other, "id")).filter(|id| *id != relation).map(str::to_owned).collect();
        for other in others {
            if let Some(other) = self.entities.get_mut(Kind::ProjectContactRelations, &other) {
                other.insert("is_primary".to_owned(), false.into());
            }
        }
    }
}

fn success(status: StatusCode, data: Value) -> Answer {
    Answer::json(status, &json!({ "success": true, "data": data }))
}

fn touch(object: &mut Object) {
    let now = seeds::after(object.get(MODIFIED));
    for name in [MODIFIED, "modified_by_user"] {
        if object.contains_key(name) {
            object.insert(name.to_owned(), now.clone().into());
        }
    }
}

impl StandIn for Pipeliner {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        self.route(request).unwrap_or_else(Refusal::answer)
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        refusal::any(status, message)
    }

    fn objects(&self) -> Vec<Value> {
        self.entities.all(Kind::Projects).filter(|project| !is_deleted(project)).cloned().map(Value::Object).collect()
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        self.revision = self.revision.saturating_add(1);
        let revision = self.revision;
        let Some(project) = self.entities.get_mut(Kind::Projects, id) else {
            return false;
        };
        change.apply(project, MODIFIED, touch);
        if !change.set.contains_key("revision") {
            project.insert("revision".to_owned(), revision.into());
        }
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["projects"]
    }

    fn add(&mut self, _kind: &str) {
        self.created = self.created.saturating_add(1);
        let mut project = seeds::new_project(self.created);
        project.insert("name".to_owned(), seeded(self.created));
        self.entities.push(Kind::Projects, project);
    }
}
