//! The plugins that are loaded: each provider in all the versions that were found, the
//! newest first. A registry does not change; a reload makes another one.

mod choose;
mod load;
mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;

use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::{Code, Problem, door};
use semver::VersionReq;
use serde::{Deserialize, Serialize};

use crate::models::Known;
use crate::runtime::Plugin;

pub use load::{Installed, LoadError, Loader, bundled, bundled_names};

/// A component that is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Where it came from.
    pub source: String,
    /// Why, for the operator.
    pub why: String,
    /// The version that was loaded from there before and is still used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays: Option<String>,
}

/// A plugin with where it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// `bundled`, its place in a registry, or its file.
    pub source: String,
    /// Who has signed it, for one from a registry.
    pub signer: Option<String>,
    /// The plugin.
    pub plugin: Arc<Plugin>,
}

/// A loaded plugin, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The provider's name.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// The version of the contract that it is called by; empty from a server of before that.
    #[serde(default)]
    pub contract: String,
    /// `sha256:…` of the component.
    pub digest: String,
    /// Where it came from.
    pub source: String,
    /// Who has signed it, for one from a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Whether accounts that follow no version use it.
    pub default: bool,
}

/// Every plugin, by the provider's name, with the models that they serve.
#[derive(Debug, Default)]
pub struct Registry {
    /// The unified models.
    pub models: Arc<Known>,
    /// The versions of each, newest first; never empty.
    providers: BTreeMap<String, Vec<Loaded>>,
    /// Those that cannot be used.
    pub refused: Vec<Refused>,
}

impl Registry {
    /// The newest plugin of a provider that a requirement lets in; without a requirement
    /// the newest that is no pre-release, or the newest where there is nothing else.
    ///
    /// # Errors
    /// 422 that names what there is.
    pub fn find(&self, provider: &str, follows: Option<&VersionReq>) -> Result<&Arc<Plugin>, Problem> {
        let Some(versions) = self.providers.get(provider) else {
            return Err(door::not_loaded(provider, &self.names()));
        };
        let chosen = choose::choose(versions.iter().map(|loaded| loaded.plugin.version()), follows);
        let found = chosen.and_then(|nth| versions.get(nth)).map(|loaded| &loaded.plugin);
        found.ok_or_else(|| {
            let wanted = follows.map(ToString::to_string).unwrap_or_default();
            let there: Vec<String> = versions.iter().map(|loaded| loaded.plugin.version().to_string()).collect();
            let why = format!("no version of the plugin {provider:?} that fits {wanted} is loaded; there is {}", there.join(", "));
            Problem::new(Code::PluginVersionNotLoaded, why)
        })
    }

    /// A plugin by its digest.
    #[must_use]
    pub fn by_digest(&self, digest: &str) -> Option<&Loaded> {
        self.all().find(|loaded| loaded.plugin.identity().digest == digest)
    }

    /// Every plugin: by name, the newest version first.
    pub fn all(&self) -> impl Iterator<Item = &Loaded> {
        self.providers.values().flatten()
    }

    /// Every plugin, as it is shown.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        let default = |name: &str| self.find(name, None).ok().map(|plugin| plugin.identity());
        self.all().map(|loaded| loaded.shown(default)).collect()
    }

    /// How many providers there are.
    #[must_use]
    pub fn providers(&self) -> usize {
        self.providers.len()
    }

    /// The names of the providers, for messages.
    #[must_use]
    pub fn names(&self) -> String {
        self.providers.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl Loaded {
    fn shown<'a>(&self, default: impl Fn(&str) -> Option<&'a patchboard_gateway::contract::PluginIdentity>) -> Shown {
        let own = self.plugin.identity();
        Shown {
            name: own.name.clone(),
            version: own.version.clone(),
            contract: self.plugin.contract().version().to_owned(),
            digest: own.digest.clone(),
            source: self.source.clone(),
            signer: self.signer.clone(),
            default: default(&own.name) == Some(own),
        }
    }
}
