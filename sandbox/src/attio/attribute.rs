//! The attributes of the object: the standard ones of
//! <https://docs.attio.com/docs/standard-objects/standard-objects-workspaces>, and five of the tenant's own.

/// What an attribute's values are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Number,
    /// One of some options: title and id.
    Select(&'static [(&'static str, &'static str)]),
    Domain,
    /// A record of another object.
    Reference(&'static str),
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub(super) slug: &'static str,
    pub(super) id: &'static str,
    pub(super) kind: Kind,
    /// Whether it can hold several values.
    pub(super) many: bool,
    pub(super) unique: bool,
    pub(super) required: bool,
}

const PLANS: &[(&str, &str)] = &[("Free", "0f2c9d0e-4a7b-4e0c-9c55-2f6b1d1c7a01"), ("Pro", "0f2c9d0e-4a7b-4e0c-9c55-2f6b1d1c7a02")];

const TAGS: &[(&str, &str)] = &[
    ("Gold", "5b7a1c3e-8d21-4f6a-a1b4-6d0e9f3c8b01"),
    ("EU", "5b7a1c3e-8d21-4f6a-a1b4-6d0e9f3c8b02"),
    ("Trial", "5b7a1c3e-8d21-4f6a-a1b4-6d0e9f3c8b03"),
];

/// All of them, in the order in which answers show them.
pub(super) const ATTRIBUTES: [Attribute; 10] = [
    Attribute { unique: true, required: true, ..single("workspace_id", "41252299-f8c7-4b5e-99c9-4ff8321d2f01", Kind::Text) },
    single("name", "41252299-f8c7-4b5e-99c9-4ff8321d2f02", Kind::Text),
    several("users", "41252299-f8c7-4b5e-99c9-4ff8321d2f03", Kind::Reference("users")),
    single("company", "41252299-f8c7-4b5e-99c9-4ff8321d2f04", Kind::Reference("companies")),
    single("avatar_url", "41252299-f8c7-4b5e-99c9-4ff8321d2f05", Kind::Text),
    single("tier", "41252299-f8c7-4b5e-99c9-4ff8321d2f10", Kind::Text),
    single("plan", "41252299-f8c7-4b5e-99c9-4ff8321d2f06", Kind::Select(PLANS)),
    single("seats", "41252299-f8c7-4b5e-99c9-4ff8321d2f07", Kind::Number),
    several("tags", "41252299-f8c7-4b5e-99c9-4ff8321d2f08", Kind::Select(TAGS)),
    Attribute { unique: true, ..several("domains", "41252299-f8c7-4b5e-99c9-4ff8321d2f09", Kind::Domain) },
];

const fn single(slug: &'static str, id: &'static str, kind: Kind) -> Attribute {
    Attribute { slug, id, kind, many: false, unique: false, required: false }
}

const fn several(slug: &'static str, id: &'static str, kind: Kind) -> Attribute {
    Attribute { many: true, ..single(slug, id, kind) }
}

impl Attribute {
    /// The attribute with this slug or id.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ATTRIBUTES.iter().find(|attribute| attribute.slug == name || attribute.id == name)
    }

    /// What answers call its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Select(_) => "select",
            Kind::Domain => "domain",
            Kind::Reference(_) => "record-reference",
        }
    }
}
