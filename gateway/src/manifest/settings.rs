//! An account's settings against what the manifest declares.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use url::Url;

use super::{BASE_URL, BaseUrl, Manifest, check::accepts};
use crate::contract::Pair;

/// What is wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingFault {
    /// The plugin has no such setting.
    #[error("the setting {name:?} does not exist for this provider; there is {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// It must be given.
    #[error("the setting {name:?} is required: {help}")]
    Missing {
        /// Its name.
        name: String,
        /// What it is for.
        help: String,
    },
    /// Its value is not taken.
    #[error("the setting {name:?} {why}")]
    Bad {
        /// Its name.
        name: String,
        /// What is taken.
        why: String,
    },
}

impl SettingFault {
    /// The setting's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown { name, .. } | Self::Missing { name, .. } | Self::Bad { name, .. } => name,
        }
    }
}

impl Manifest {
    /// The settings as the plugin sees them: those given, then the defaults of the
    /// others, without `base_url`, which is the gateway's.
    ///
    /// # Errors
    /// Every fault, in the order of the manifest.
    pub fn settle(&self, given: &BTreeMap<String, String>) -> Result<Vec<Pair>, Vec<SettingFault>> {
        let mut faults: Vec<SettingFault> = given.keys().filter(|name| !self.takes(name)).map(|name| self.unknown(name)).collect();
        let replaced = given.get(BASE_URL);
        faults.extend(replaced.and_then(|url| base_url(url).err()).map(|why| SettingFault::Bad { name: BASE_URL.to_owned(), why }));
        let host_only = if replaced.is_some() { self.host_only() } else { BTreeSet::new() };
        let mut settled = Vec::new();
        for setting in &self.settings {
            match given.get(&setting.name).or(setting.default.as_ref()) {
                Some(value) => match accepts(setting, value) {
                    Ok(()) => settled.push((setting.name.clone(), value.clone())),
                    Err(why) => faults.push(SettingFault::Bad { name: setting.name.clone(), why }),
                },
                None if setting.required && !host_only.contains(setting.name.as_str()) => {
                    faults.push(SettingFault::Missing { name: setting.name.clone(), help: setting.help.clone() });
                }
                None => {}
            }
        }
        if faults.is_empty() { Ok(settled) } else { Err(faults) }
    }

    fn takes(&self, name: &str) -> bool {
        name == BASE_URL || self.setting(name).is_some()
    }

    fn unknown(&self, name: &str) -> SettingFault {
        let names = self.settings.iter().map(|s| s.name.as_str()).chain([BASE_URL]);
        SettingFault::Unknown { name: name.to_owned(), known: names.collect::<Vec<_>>().join(", ") }
    }

    /// The settings that only the base URL's host uses: an account with a `base_url` of
    /// its own need not give them.
    fn host_only(&self) -> BTreeSet<&str> {
        let calls = || self.resources.iter().flat_map(|r| r.operations.values()).flat_map(|o| &o.calls);
        let fields = self.resources.iter().flat_map(|r| r.operations.values()).flat_map(|o| &o.fields);
        let mut used: BTreeSet<String> = calls().flat_map(|c| c.path.names()).map(str::to_owned).collect();
        used.extend(calls().flat_map(|c| c.when.settings()).map(str::to_owned));
        used.extend(fields.flat_map(|f| f.when.settings()).map(str::to_owned));
        let mut in_url = match &self.base_url {
            BaseUrl::One(_) => BTreeSet::new(),
            BaseUrl::By { setting, .. } => BTreeSet::from([setting.as_str()]),
        };
        for template in self.base_url.templates() {
            in_url.extend(template.settings());
            let path = template.path();
            used.extend(template.settings().filter(|name| path.contains(&format!("{{{name}}}"))).map(str::to_owned));
        }
        in_url.retain(|name| !used.contains(*name));
        in_url
    }
}

/// Reads a `base_url`: http or https, a host, no user, query or fragment.
///
/// # Errors
/// What is wrong, for a person.
pub fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("must be a URL: {e}"))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !plain {
        return Err("must be an http or https URL without user, query and fragment".to_owned());
    }
    Ok(url)
}
