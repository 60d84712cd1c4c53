//! What a plugin declares: the one source of checks, documentation and tests.
//!
//! The document is held against `wit/manifest.schema.json` first, then parsed into
//! types that cannot be wrong, then checked for what a schema cannot say.

mod check;
mod pattern;
mod schema;
mod settings;
mod template;
mod when;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::contract::{Operation, Pair};
pub(crate) use check::date_of;
pub use pattern::{HostPattern, PathPattern, SettingPattern};
pub use schema::SCHEMA;
pub use settings::{SettingFault, base_url};
pub use template::{Template, TemplateError};
pub use when::When;

/// The name of the setting that every plugin has: it replaces the base URL where the
/// operator consents.
pub const BASE_URL: &str = "base_url";

/// A manifest that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Not JSON.
    #[error("the manifest is not JSON: {0}")]
    NotJson(String),
    /// Not of the schema.
    #[error("the manifest does not fit its schema: {0}")]
    Schema(String),
    /// Of the schema, and still meaningless.
    #[error("the manifest contradicts itself: {0}")]
    Meaning(String),
}

/// A plugin's declaration.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// The provider's name.
    pub name: String,
    /// The provider's name for people.
    pub title: String,
    /// The plugin's version.
    pub version: String,
    /// Where the provider documents its API.
    pub documentation: Option<String>,
    /// What an account may or must say beside its credential.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// Where the API is.
    pub base_url: BaseUrl,
    /// The hosts that may be reached.
    pub hosts: Vec<HostPattern>,
    /// How requests are authenticated; the first scheme that fits the account is used.
    pub authentication: Vec<Scheme>,
    /// What the provider calls its quota headers.
    pub quota: Option<Quota>,
    /// What can be done.
    pub resources: Vec<Resource>,
}

/// Something an account says beside its credential.
#[derive(Debug, Clone, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// For a person.
    pub help: String,
    /// Whether an account must have it.
    #[serde(default)]
    pub required: bool,
    /// Its value where the account says nothing.
    pub default: Option<String>,
    /// What the whole value must match.
    pub pattern: Option<SettingPattern>,
    /// The only values it may have.
    pub choices: Option<Vec<String>>,
}

/// Where the API is.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum BaseUrl {
    /// One URL, with settings in it.
    One(Template),
    /// A URL by the value of a setting.
    By {
        /// The setting that decides.
        setting: String,
        /// Value to URL.
        choices: BTreeMap<String, Template>,
        /// The URL for every other value.
        #[serde(default)]
        otherwise: Option<Template>,
    },
}

impl BaseUrl {
    /// Every URL there is.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let (one, choices, otherwise) = match self {
            Self::One(template) => (Some(template), None, None),
            Self::By { choices, otherwise, .. } => (None, Some(choices.values()), otherwise.as_ref()),
        };
        one.into_iter().chain(choices.into_iter().flatten()).chain(otherwise)
    }

    /// The URL of an account. Without the setting that decides, any: its path is that of all.
    ///
    /// # Errors
    /// The setting whose value chooses none.
    pub fn of(&self, settings: &[Pair]) -> Result<&Template, &str> {
        match self {
            Self::One(template) => Ok(template),
            Self::By { setting, choices, otherwise } => {
                let value = settings.iter().find(|(name, _)| name == setting).map(|(_, value)| value);
                let chosen = value.map_or_else(|| choices.values().next(), |value| choices.get(value));
                chosen.or(otherwise.as_ref()).ok_or(setting)
            }
        }
    }
}

/// How a request is authenticated. The members name secrets of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase")]
pub enum Scheme {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer {
        /// The secret.
        token: String,
    },
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// The secret that is the user name.
        username: String,
        /// The secret that is the password; it may be empty.
        password: String,
    },
    /// A header of its own.
    Header {
        /// The header.
        name: String,
        /// The secret.
        value: String,
    },
    /// A query parameter.
    Query {
        /// The parameter.
        name: String,
        /// The secret.
        value: String,
    },
}

impl Scheme {
    /// The secrets that the scheme needs.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Bearer { token } => vec![token],
            Self::Basic { username, password } => vec![username, password],
            Self::Header { value, .. } | Self::Query { value, .. } => vec![value],
        }
    }
}

/// What a provider calls its quota headers.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Quota {
    /// Requests in a window.
    pub limit: Option<String>,
    /// Requests left in it.
    pub remaining: Option<String>,
    /// When it ends.
    pub reset: Option<String>,
    /// How the end is written.
    #[serde(default)]
    pub reset_unit: ResetUnit,
}

/// How the end of a quota window is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetUnit {
    /// Seconds from now.
    #[default]
    Seconds,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// An HTTP date.
    Date,
    /// A date and time of ISO 8601.
    Iso,
}

/// A unified resource at this provider.
#[derive(Debug, Clone, Deserialize)]
pub struct Resource {
    /// The unified model.
    pub model: String,
    /// The resource of it.
    pub resource: String,
    /// The fields that answers hold.
    #[serde(default)]
    pub answers: Vec<AnswerField>,
    /// What can be done with it.
    pub operations: BTreeMap<Operation, OperationSpec>,
}

/// A field that answers hold.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerField {
    /// The unified field.
    pub name: String,
    /// The values it can have; all of the model's where it is left out.
    #[serde(rename = "enum")]
    pub values: Option<Vec<String>>,
    /// For a person.
    pub note: Option<String>,
    /// Not on the reference page.
    #[serde(default)]
    pub extension: bool,
}

/// One operation.
#[derive(Debug, Clone, Deserialize)]
pub struct OperationSpec {
    /// The native calls it may make.
    pub calls: Vec<Call>,
    /// The unified fields it takes.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// The query parameters it takes.
    #[serde(default)]
    pub params: Vec<Param>,
}

/// What a native call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// May change something.
    Write,
    /// A read after a write; its failure does not fail the request.
    ReadBack,
}

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentKind {
    /// None.
    Empty,
    /// JSON.
    Json,
    /// Form fields.
    Form,
    /// Bytes of a media type.
    Raw,
}

/// A native call.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// Its name, which exchanges give.
    pub name: String,
    /// HTTP method.
    pub method: String,
    /// Path below the base URL.
    pub path: PathPattern,
    /// Whether it changes something.
    pub effect: Effect,
    /// The only body it has.
    pub content: Option<ContentKind>,
    /// The settings it belongs to.
    #[serde(default)]
    pub when: When,
    /// Where remote_data is merged.
    pub remote_data: Option<String>,
    /// What remote_data must not set.
    #[serde(default)]
    pub protected: Vec<String>,
    /// Members that always have these values.
    #[serde(default)]
    pub fixed: BTreeMap<String, Value>,
    /// Whether it takes remote_query.
    #[serde(default)]
    pub remote_query: bool,
    /// For a read: how long its answer may be used again for the same account.
    #[serde(default)]
    pub cache_seconds: u32,
    /// Since when it is deprecated, as `2026-02-12`.
    pub deprecated: Option<String>,
    /// When it ends, as `2027-01-31`.
    pub sunset: Option<String>,
}

/// A unified field that an operation takes.
#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    /// Its name in the model.
    pub name: String,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// Whether `null` clears it.
    #[serde(default)]
    pub nullable: bool,
    /// The values it takes; all of the model's where it is left out.
    #[serde(rename = "enum")]
    pub values: Option<Vec<String>>,
    /// In Unicode characters.
    pub min_length: Option<usize>,
    /// In Unicode characters.
    pub max_length: Option<usize>,
    /// The settings it is taken with.
    #[serde(default)]
    pub when: When,
    /// For a person.
    pub note: Option<String>,
    /// Not on the reference page.
    #[serde(default)]
    pub extension: bool,
}

/// A query parameter that an operation takes.
#[derive(Debug, Clone, Deserialize)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// The settings it is taken with.
    #[serde(default)]
    pub when: When,
    /// For a person.
    pub note: Option<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ManifestError`], with every place at fault.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let value: Value = serde_json::from_str(text).map_err(|e| ManifestError::NotJson(e.to_string()))?;
        let faults = schema::faults(&value)?;
        if !faults.is_empty() {
            return Err(ManifestError::Schema(faults.join("; ")));
        }
        let manifest: Self = serde_json::from_value(value).map_err(|e| ManifestError::Schema(e.to_string()))?;
        check::check(&manifest).map_err(ManifestError::Meaning)?;
        Ok(manifest)
    }

    /// Reads the manifest of a plugin that was admitted before, where every request pays
    /// for what is read: all but the schema is held against it once more.
    ///
    /// # Errors
    /// [`ManifestError`], the first place at fault.
    pub fn admitted(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text).map_err(|e| ManifestError::Schema(e.to_string()))?;
        check::check(&manifest).map_err(ManifestError::Meaning)?;
        Ok(manifest)
    }

    /// The places of members that no schema names: a later version may, so they are ignored, and so
    /// is one that is spelled wrong.
    ///
    /// # Errors
    /// [`ManifestError`] for what is not JSON.
    pub fn unknown_members(text: &str) -> Result<Vec<String>, ManifestError> {
        let mut manifest = serde_json::from_str(text).map_err(|e| ManifestError::NotJson(e.to_string()))?;
        schema::take_unknown(&mut manifest)
    }

    /// A resource, if the plugin has it.
    #[must_use]
    pub fn resource(&self, model: &str, resource: &str) -> Option<&Resource> {
        self.resources.iter().find(|r| r.model == model && r.resource == resource)
    }

    /// A setting, if the plugin has it.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|s| s.name == name)
    }
}

#[cfg(test)]
pub(crate) mod tests;
