//! How far a request has come. The gateway hands it back with each answer.

use patchboard_sdk::{Error, state};
use serde::{Deserialize, Serialize};

use crate::flow::Writing;
use crate::module::Module;
use crate::names::Known;

/// The exchange whose answer comes next, and what its stage needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum At {
    /// Which module the account has.
    Module,
    /// The project as it is before a change.
    Before,
    /// The update, or a change of one relation.
    Write(Writing),
    /// The new project's id.
    Created,
    /// The project to be answered.
    Project,
    /// A name of something that the project refers to.
    Name(Known),
    /// A page of projects.
    Page,
    /// The project is gone.
    Deleted,
}

/// How far a request has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) at: At,
    /// Not known yet while it is asked for; then the new one stands here.
    pub(crate) module: Module,
    /// Exchanges, with the one whose answer comes next.
    pub(crate) made: u32,
}

impl State {
    /// The state of the exchange after so many others.
    pub(crate) fn after(made: u32, module: Module, at: At) -> Self {
        Self { at, module, made: made.saturating_add(1) }
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, Error> {
        state::write(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        state::read(bytes)
    }
}
