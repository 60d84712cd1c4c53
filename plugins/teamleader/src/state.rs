//! How far a request has come. The gateway hands it back with each answer.

use patchboard_sdk::Error;
use serde_json::{Value, json};

use crate::module::Module;

/// The exchange whose answer comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

const NAMES: [(At, &str); 8] = [
    (At::Module, "module"),
    (At::Before, "before"),
    (At::Write, "write"),
    (At::Created, "created"),
    (At::Project, "project"),
    (At::Name, "name"),
    (At::Page, "page"),
    (At::Deleted, "deleted"),
];

/// How far a request has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) at: At,
    /// Not known yet while it is asked for; then the new one stands here.
    pub(crate) module: Module,
    /// Exchanges, with the one whose answer comes next.
    pub(crate) made: u32,
    /// What else the stage needs.
    pub(crate) rest: Value,
}

impl State {
    pub(crate) fn new(at: At, module: Module, made: u32) -> Self {
        Self { at, module, made, rest: Value::Null }
    }

    pub(crate) fn with(mut self, rest: Value) -> Self {
        self.rest = rest;
        self
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let at = NAMES.iter().find(|(at, _)| *at == self.at).map(|(_, name)| *name);
        json!({"at": at, "module": self.module.name(), "made": self.made, "rest": self.rest}).to_string().into_bytes()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).ok_or_else(|| Error::Unsupported("the state is not of this plugin".to_owned()))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut state: Value = serde_json::from_slice(bytes).ok()?;
        let rest = state.get_mut("rest")?.take();
        let at = state.get("at")?.as_str()?;
        let at = NAMES.iter().find(|(_, name)| *name == at).map(|(at, _)| *at)?;
        let module = Module::named(state.get("module")?.as_str()?)?;
        let made = u32::try_from(state.get("made")?.as_u64()?).ok()?;
        Some(Self { at, module, made, rest })
    }
}
