//! What each model holds: <https://www.planhat.com/developers/api/workspace>,
//! <https://www.planhat.com/developers/api/project>.

use crate::objects::Object;
use crate::timestamps::Precision;

/// One of Planhat's models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    Workspace,
    Project,
}

/// What a writable member takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// A text that is not empty.
    Name,
    /// The id of a company, in any of its three forms.
    Company,
    Text,
    /// A text, or null.
    OptionalText,
    /// An ISO 8601 date, or null.
    Date,
    /// A number, or null.
    Number,
    /// The custom fields, by display name.
    Custom,
}

const WORKSPACE: &[(&str, Type)] = &[
    ("name", Type::Name),
    ("companyId", Type::Company),
    ("ownerId", Type::Text),
    ("externalId", Type::Text),
    ("sourceId", Type::Text),
    ("custom", Type::Custom),
];

const PROJECT: &[(&str, Type)] = &[
    ("name", Type::Name),
    ("companyId", Type::Company),
    ("externalId", Type::OptionalText),
    ("sourceId", Type::OptionalText),
    ("currency", Type::Text),
    ("startDate", Type::Date),
    ("endDate", Type::Date),
    ("mrr", Type::Number),
    ("arr", Type::Number),
    ("nrr", Type::Number),
    ("custom", Type::Custom),
];

impl Model {
    /// The members that a body may set. Others are ignored: that they are is not documented, and neither is that any
    /// would be kept.
    pub(super) fn members(self) -> &'static [(&'static str, Type)] {
        match self {
            Self::Workspace => WORKSPACE,
            Self::Project => PROJECT,
        }
    }

    /// The most objects on a page: documented for projects; for workspaces what
    /// <https://github.com/robocorp/robocorp-planhat> keeps to.
    pub(super) fn largest_page(self) -> usize {
        match self {
            Self::Workspace => 2_000,
            Self::Project => 5_000,
        }
    }

    /// Moves the date of the last change on, where the model has one: a workspace has none.
    pub(super) fn touch(self, object: &mut Object) {
        if self == Self::Project {
            let now = Precision::Milliseconds.after(object.get("updatedAt"));
            object.insert("updatedAt".to_owned(), now.into());
        }
    }
}
