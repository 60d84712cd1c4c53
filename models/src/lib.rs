//! The unified models, as JSON Schema 2020-12 documents inside the program.
//!
//! One file describes one resource. A field is described once, for reading and
//! for writing; which provider takes it is said by that provider's manifest.

/// One resource of a unified model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The unified API that the resource belongs to, for example `ticketing`.
    pub model: &'static str,
    /// The resource, for example `workspaces`.
    pub resource: &'static str,
    /// The JSON Schema document of one object.
    pub schema: &'static str,
}

/// Every model that is built in.
pub const BUILT_IN: &[Source] = &[
    Source { model: "ticketing", resource: "workspaces", schema: include_str!("../ticketing/workspaces.json") },
    Source { model: "crm", resource: "projects", schema: include_str!("../crm/projects.json") },
];
