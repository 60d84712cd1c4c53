//! How far a request has come. The gateway hands it back with each answer.

use patchboard_sdk::{Error, state};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::module::Module;

/// The exchange whose answer comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum At {
    /// Which module the account has.
    Module,
    /// The project as it is before a change.
    Before,
    /// The update, or a change of one relation.
    Write,
    /// The new project's id.
    Created,
    /// The project to be answered.
    Project,
    /// A name of something that the project refers to.
    Name,
    /// A page of projects.
    Page,
    /// The project is gone.
    Deleted,
}

/// How far a request has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State<R = Value> {
    pub(crate) at: At,
    /// Not known yet while it is asked for; then the new one stands here.
    pub(crate) module: Module,
    /// Exchanges, with the one whose answer comes next.
    pub(crate) made: u32,
    /// What else the stage needs.
    rest: R,
}

impl State {
    pub(crate) fn new(at: At, module: Module, made: u32) -> Self {
        Self { at, module, made, rest: Value::Null }
    }

    pub(crate) fn with<R>(self, rest: R) -> State<R> {
        State { at: self.at, module: self.module, made: self.made, rest }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        state::read(bytes)
    }

    /// What else the stage needs, as the stage before it has left it.
    pub(crate) fn rest<'s, R: Deserialize<'s>>(&'s self) -> Result<R, Error> {
        R::deserialize(&self.rest).map_err(|e| Error::Unsupported(format!("the state is not of its stage: {e}")))
    }
}

impl<R: Serialize> State<R> {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, Error> {
        state::write(self)
    }
}
