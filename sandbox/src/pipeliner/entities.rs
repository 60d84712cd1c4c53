//! What a space holds, and how its entities are related.

use serde_json::Value;

use super::seeds;
use crate::objects::{Object, Objects, text};

/// A kind of entity: its name in paths, its name in errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Projects,
    ProjectContactRelations,
    TagRelations,
    Accounts,
    Clients,
    Contacts,
    Currencies,
    ProjectTypes,
    SalesUnits,
    Tags,
}

/// A member that refers to other entities. Answers show it as an address, or as the entity where `expand` names it.
#[derive(Debug)]
pub(super) enum Relation {
    /// To the entity whose id is in `id`.
    One { name: &'static str, id: &'static str, of: Kind },
    /// To all entities that have this one's id in `id`.
    Many { name: &'static str, of: Kind, id: &'static str },
    /// To the contact of the primary one among the contact relations.
    PrimaryContact,
    /// To something that the sandbox has none of.
    Never { name: &'static str, shown: fn() -> Value },
}

const fn one(name: &'static str, id: &'static str, of: Kind) -> Relation {
    Relation::One { name, id, of }
}

const fn none(name: &'static str) -> Relation {
    Relation::Never { name, shown: || Value::Null }
}

const fn empty(name: &'static str) -> Relation {
    Relation::Never { name, shown: || Value::Array(Vec::new()) }
}

impl Kind {
    pub(super) const ALL: [Self; 10] = [
        Self::Projects,
        Self::ProjectContactRelations,
        Self::TagRelations,
        Self::Accounts,
        Self::Clients,
        Self::Contacts,
        Self::Currencies,
        Self::ProjectTypes,
        Self::SalesUnits,
        Self::Tags,
    ];

    /// As paths have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Projects => "Projects",
            Self::ProjectContactRelations => "ProjectContactRelations",
            Self::TagRelations => "TagRelations",
            Self::Accounts => "Accounts",
            Self::Clients => "Clients",
            Self::Contacts => "Contacts",
            Self::Currencies => "Currencies",
            Self::ProjectTypes => "ProjectTypes",
            Self::SalesUnits => "SalesUnits",
            Self::Tags => "Tags",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn relations(self) -> &'static [Relation] {
        const PROJECT: &[Relation] = &[
            one("account", "account_id", Kind::Accounts),
            one("owner", "owner_id", Kind::Clients),
            one("project_type", "project_type_id", Kind::ProjectTypes),
            one("unit", "unit_id", Kind::SalesUnits),
            Relation::PrimaryContact,
            Relation::Many { name: "contact_relations", of: Kind::ProjectContactRelations, id: "project_id" },
            Relation::Many { name: "tags", of: Kind::TagRelations, id: "project_id" },
            empty("documents"),
            empty("sharing_units"),
            empty("sharing_clients"),
            empty("objectives"),
        ];
        const CONTACT_RELATION: &[Relation] = &[one("contact", "contact_id", Kind::Contacts), one("project", "project_id", Kind::Projects)];
        const TAG_RELATION: &[Relation] = &[
            one("tag", "tag_id", Kind::Tags),
            one("project", "project_id", Kind::Projects),
            none("account"),
            none("contact"),
            none("lead"),
            none("oppty"),
        ];
        const ACCOUNT: &[Relation] =
            &[one("owner", "owner_id", Kind::Clients), one("unit", "unit_id", Kind::SalesUnits), none("account_type"), empty("tags")];
        const CLIENT: &[Relation] =
            &[one("default_unit", "default_unit_id", Kind::SalesUnits), none("master_right"), empty("unit_membership")];
        const CONTACT: &[Relation] =
            &[one("owner", "owner_id", Kind::Clients), one("unit", "unit_id", Kind::SalesUnits), none("contact_type"), empty("tags")];
        const TAG: &[Relation] = &[one("creator", "creator_id", Kind::Clients)];
        const CURRENCY: &[Relation] = &[empty("currency_exchange_rates")];
        match self {
            Self::Projects => PROJECT,
            Self::ProjectContactRelations => CONTACT_RELATION,
            Self::TagRelations => TAG_RELATION,
            Self::Accounts => ACCOUNT,
            Self::Clients => CLIENT,
            Self::Contacts => CONTACT,
            Self::Tags => TAG,
            Self::Currencies => CURRENCY,
            Self::ProjectTypes | Self::SalesUnits => &[],
        }
    }
}

impl Relation {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::One { name, .. } | Self::Many { name, .. } | Self::Never { name, .. } => name,
            Self::PrimaryContact => "primary_contact",
        }
    }

    /// What it leads to; nothing where the sandbox has none of it.
    pub(super) fn of(&self) -> Option<Kind> {
        match self {
            Self::One { of, .. } | Self::Many { of, .. } => Some(*of),
            Self::PrimaryContact => Some(Kind::Contacts),
            Self::Never { .. } => None,
        }
    }
}

/// All entities of the space.
#[derive(Debug)]
pub(super) struct Entities(Vec<(Kind, Objects)>);

impl Entities {
    pub(super) fn seeded() -> Self {
        let of = |kind: Kind| match kind {
            Kind::Projects => Objects::new(seeds::projects()),
            Kind::ProjectContactRelations => Objects::new(seeds::contact_relations()),
            Kind::TagRelations => Objects::new(seeds::tag_relations()),
            Kind::Accounts => Objects::new(seeds::accounts()),
            Kind::Clients => Objects::new(seeds::clients()),
            Kind::Contacts => Objects::new(seeds::contacts()),
            Kind::Currencies => Objects::new(seeds::currencies()),
            Kind::ProjectTypes => Objects::new(seeds::project_types()),
            Kind::SalesUnits => Objects::new(seeds::sales_units()),
            Kind::Tags => Objects::new(seeds::tags()),
        };
        Self(Kind::ALL.into_iter().map(|kind| (kind, of(kind))).collect())
    }

    /// Those of a kind, deleted ones among them.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.0.iter().filter(move |(other, _)| *other == kind).flat_map(|(_, objects)| objects.iter())
    }

    /// The entity, unless it was deleted.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Option<&Object> {
        let (_, objects) = self.0.iter().find(|(other, _)| *other == kind)?;
        objects.get(id).filter(|object| !is_deleted(object))
    }

    pub(super) fn get_mut(&mut self, kind: Kind, id: &str) -> Option<&mut Object> {
        let (_, objects) = self.0.iter_mut().find(|(other, _)| *other == kind)?;
        objects.get_mut(id).filter(|object| !is_deleted(object))
    }

    pub(super) fn push(&mut self, kind: Kind, object: Object) {
        if let Some((_, objects)) = self.0.iter_mut().find(|(other, _)| *other == kind) {
            objects.push(object);
        }
    }

    /// Those that have `id` in `member`.
    pub(super) fn related(&self, kind: Kind, member: &'static str, id: &str) -> impl Iterator<Item = &Object> {
        self.all(kind).filter(move |object| text(object, member) == Some(id) && !is_deleted(object))
    }
}

/// A deleted entity stays, for `include-deleted`.
pub(super) fn is_deleted(object: &Object) -> bool {
    object.get("is_deleted") == Some(&Value::Bool(true))
}
