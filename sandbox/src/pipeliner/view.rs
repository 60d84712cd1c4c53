//! An entity as an answer shows it:
//! <https://developers.pipelinersales.com/api-docs/core-api-concepts/api-parameters>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::entities::{Entities, Kind, Relation};
use super::refusal::Refusal;
use super::seeds::SPACE;
use crate::exchange::NativeRequest;
use crate::objects::{Object, text};

/// How deep `expand` may go. Nothing is published; a path that leads in circles has to end somewhere.
const DEEPEST: usize = 5;

/// Names with a dot between each other, as a tree.
#[derive(Debug, Default)]
struct Tree(BTreeMap<String, Tree>);

/// What an answer shows of entities.
#[derive(Debug)]
pub(super) struct View {
    /// Where the entities of the space are reached.
    base: String,
    expand: Tree,
    only: Option<Tree>,
}

impl View {
    pub(super) fn plain(request: &NativeRequest) -> Self {
        let base = format!("{}/api/v100/rest/spaces/{SPACE}/entities", request.base);
        Self { base, expand: Tree::default(), only: None }
    }

    pub(super) fn read(request: &NativeRequest, kind: Kind) -> Result<Self, Refusal> {
        let mut view = Self::plain(request);
        for (name, value) in request.query_pairs() {
            match name.as_str() {
                "expand" => view.expand = Tree::parse(&value)?,
                "load-only" => view.only = Some(Tree::parse(&value)?),
                _ => {}
            }
        }
        check(&view.expand, kind)?;
        Ok(view)
    }

    /// The entity with its relations.
    pub(super) fn show(&self, entities: &Entities, kind: Kind, object: &Object) -> Value {
        let shown = self.whole(entities, kind, object, &self.expand);
        match &self.only {
            Some(only) => only.keep(shown),
            None => shown,
        }
    }

    fn whole(&self, entities: &Entities, kind: Kind, object: &Object, expand: &Tree) -> Value {
        let mut whole = object.clone();
        let id = text(object, "id").unwrap_or_default();
        for relation in kind.relations() {
            let shown = |kind: Kind, id: &str| match expand.0.get(relation.name()).and_then(|below| Some((below, entities.get(kind, id)?)))
            {
                Some((below, other)) => self.whole(entities, kind, other, below),
                None => format!("{}/{}/{id}", self.base, kind.name()).into(),
            };
            let value = match relation {
                Relation::One { id, of, .. } => text(object, id).map_or(Value::Null, |id| shown(*of, id)),
                Relation::Many { of, id: member, .. } => {
                    let others = entities.related(*of, member, id).filter_map(|other| text(other, "id"));
                    others.map(|other| shown(*of, other)).collect()
                }
                Relation::PrimaryContact => {
                    let mut others = entities.related(Kind::ProjectContactRelations, "project_id", id);
                    let primary = others.find(|other| other.get("is_primary") == Some(&Value::Bool(true)));
                    let contact = primary.and_then(|primary| text(primary, "contact_id"));
                    contact.map_or(Value::Null, |contact| shown(Kind::Contacts, contact))
                }
                Relation::Never { shown, .. } => shown(),
            };
            whole.insert(relation.name().to_owned(), value);
        }
        if kind == Kind::Projects {
            whole.insert("formatted_name".to_owned(), whole.get("name").cloned().unwrap_or_default());
        }
        Value::Object(whole)
    }
}

/// Refuses a name that is no relation.
fn check(expand: &Tree, kind: Kind) -> Result<(), Refusal> {
    for (name, below) in &expand.0 {
        let relation = kind.relations().iter().find(|relation| relation.name() == name);
        let relation = relation.ok_or_else(|| Refusal::parameter(format!("'{name}' is no relation of {}.", kind.name())))?;
        if let Some(kind) = relation.of() {
            check(below, kind)?;
        }
    }
    Ok(())
}

impl Tree {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let mut tree = Self::default();
        for path in text.split(',') {
            if path.split('.').count() > DEEPEST {
                return Err(Refusal::parameter(format!("'{path}' is too deep.")));
            }
            let mut place = &mut tree;
            for name in path.split('.') {
                place = place.0.entry(name.trim().to_owned()).or_default();
            }
        }
        Ok(tree)
    }

    /// The named members, and what is named within them.
    fn keep(&self, value: Value) -> Value {
        match value {
            Value::Object(members) if !self.0.is_empty() => {
                let kept = members.into_iter().filter_map(|(name, value)| {
                    let below = self.0.get(&name)?;
                    Some((name, below.keep(value)))
                });
                Value::Object(kept.collect())
            }
            Value::Array(items) => items.into_iter().map(|item| self.keep(item)).collect(),
            other => other,
        }
    }
}
