//! `spin.toml`, version 2, read strictly: what Spin does not know, or what this stand-in
//! does not do, is an error.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use thiserror::Error;

use crate::variables::is_name;

/// Why a manifest is refused.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// Not TOML, a key that does not exist, a key that is missing, a value of another type.
    #[error("spin.toml: {0}")]
    Toml(#[from] toml::de::Error),
    /// Another version.
    #[error("spin_manifest_version is {0}, not 2")]
    Version(u32),
    /// Spin's own rule for ids of components.
    #[error("{0:?} is no id of a component: words of letters and digits, joined by «-»")]
    ComponentId(String),
    /// Spin's own rule for names of variables.
    #[error("{0:?} is no name of a variable: lower case words of letters and digits, joined by «_»")]
    VariableName(String),
    /// Both or neither.
    #[error("the variable {0:?} must be `required` or have a `default`")]
    RequiredOrDefault(String),
    /// A trigger of a component that is not there.
    #[error("a trigger names the component {0:?}, and there is none")]
    UnknownComponent(String),
    /// `{ private = false }`.
    #[error("the route of {0:?} must be a pattern or {{ private = true }}")]
    NotPrivate(String),
    /// Two triggers with one route, of which Spin would serve the last.
    #[error("the route {0:?} is given twice")]
    DuplicateRoute(String),
    /// A route that cannot be read.
    #[error("the route {route:?}: {why}")]
    Route {
        /// The route.
        route: String,
        /// What is wrong with it.
        why: String,
    },
    /// Every other label needs a runtime configuration.
    #[error("unknown key_value_stores label {label:?} for component {component:?}")]
    UnknownStore {
        /// The component.
        component: String,
        /// The label.
        label: String,
    },
    /// A plugin must inherit nothing.
    #[error("the component {component:?} lets {dependency:?} inherit its configuration")]
    Inherits {
        /// The component.
        component: String,
        /// The dependency.
        dependency: String,
    },
}

/// The manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    spin_manifest_version: u32,
    #[expect(dead_code, reason = "read so that its keys are checked")]
    application: Application,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    #[serde(default, rename = "component")]
    pub(crate) components: BTreeMap<String, Component>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read so that the keys are checked")]
struct Application {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    authors: Vec<String>,
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    tool: BTreeMap<String, toml::Table>,
}

/// `[variables]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    #[expect(dead_code, reason = "read so that the key is known")]
    description: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "read so that the key is known")]
    secret: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Triggers {
    http: Vec<Trigger>,
}

/// `[[trigger.http]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trigger {
    #[serde(default)]
    #[expect(dead_code, reason = "read so that the key is known")]
    id: String,
    pub(crate) component: String,
    pub(crate) route: Route,
}

/// Where a trigger listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Route {
    /// A pattern.
    Public(String),
    /// Only for other components of the app.
    Private(Private),
}

/// `{ private = true }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Private {
    private: bool,
}

/// `[component.<id>]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    pub(crate) source: PathBuf,
    #[serde(default)]
    #[expect(dead_code, reason = "read so that the key is known")]
    description: String,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(crate) key_value_stores: Vec<String>,
    #[expect(dead_code, reason = "read so that its keys are checked")]
    build: Option<Build>,
    #[serde(default)]
    dependencies_inherit_configuration: bool,
    #[serde(default)]
    pub(crate) dependencies: BTreeMap<String, Dependency>,
    #[serde(default)]
    #[expect(dead_code, reason = "Spin ignores it")]
    tool: BTreeMap<String, toml::Table>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read so that the keys are checked")]
struct Build {
    command: Commands,
    workdir: Option<PathBuf>,
    #[serde(default)]
    watch: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "read so that the types are checked")]
enum Commands {
    One(String),
    Many(Vec<String>),
}

/// A dependency from a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dependency {
    pub(crate) path: PathBuf,
    pub(crate) export: Option<String>,
    inherit_configuration: Option<Inherit>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Inherit {
    AllOrNone(bool),
    Some(Vec<String>),
}

/// The label that every runtime has a store for.
const DEFAULT_STORE: &str = "default";

impl Manifest {
    /// Reads a manifest and checks all that can be checked without its files.
    pub(crate) fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)?;
        if manifest.spin_manifest_version != 2 {
            return Err(ManifestError::Version(manifest.spin_manifest_version));
        }
        manifest.variables.iter().try_for_each(|(name, variable)| variable.check(name))?;
        manifest.components.iter().try_for_each(|(id, component)| component.check(id))?;
        manifest.triggers().try_for_each(|trigger| manifest.check_trigger(trigger))?;
        Ok(manifest)
    }

    /// Every trigger.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.trigger.http.iter()
    }

    fn check_trigger(&self, trigger: &Trigger) -> Result<(), ManifestError> {
        if !self.components.contains_key(&trigger.component) {
            return Err(ManifestError::UnknownComponent(trigger.component.clone()));
        }
        match &trigger.route {
            Route::Private(Private { private: false }) => Err(ManifestError::NotPrivate(trigger.component.clone())),
            _ => Ok(()),
        }
    }
}

impl Variable {
    fn check(&self, name: &str) -> Result<(), ManifestError> {
        if !is_name(name) {
            return Err(ManifestError::VariableName(name.to_owned()));
        }
        if self.required == self.default.is_some() { Err(ManifestError::RequiredOrDefault(name.to_owned())) } else { Ok(()) }
    }
}

impl Component {
    fn check(&self, id: &str) -> Result<(), ManifestError> {
        if !is_component_id(id) {
            return Err(ManifestError::ComponentId(id.to_owned()));
        }
        if let Some(name) = self.variables.keys().find(|name| !is_name(name)) {
            return Err(ManifestError::VariableName(name.clone()));
        }
        if let Some(label) = self.key_value_stores.iter().find(|label| *label != DEFAULT_STORE) {
            return Err(ManifestError::UnknownStore { component: id.to_owned(), label: label.clone() });
        }
        let inherits = |dependency: &Dependency| match &dependency.inherit_configuration {
            None => self.dependencies_inherit_configuration,
            Some(Inherit::AllOrNone(all)) => *all,
            Some(Inherit::Some(names)) => !names.is_empty(),
        };
        match self.dependencies.iter().find(|(_, dependency)| inherits(dependency)) {
            Some((name, _)) => Err(ManifestError::Inherits { component: id.to_owned(), dependency: name.clone() }),
            None => Ok(()),
        }
    }
}

/// Words that begin with a letter and are all lower or all upper case, joined by `-`.
fn is_component_id(id: &str) -> bool {
    let word = |word: &str| {
        let lower = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let upper = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        word.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) && (lower || upper)
    };
    id.split('-').all(word)
}
