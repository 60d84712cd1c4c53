//! The lock file: which component each installed plugin is, and where it came from.

use semver::Version;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::Digest;
use crate::oci::Reference;

/// The form of the file that this program writes.
const FORM: u32 = 1;
const HEAD: &str = "\
# What `patchboard plugin install` has installed. `patchboard plugin install --locked`
# restores exactly this.
";
/// Bytes of a plugin's name, by the manifest's schema.
const MAX_NAME: usize = 63;

/// A lock file that cannot be used.
#[derive(Debug, Error)]
pub enum LockError {
    /// Not the TOML that it should be.
    #[error("plugins.lock cannot be read: {0}")]
    Unreadable(String),
    /// From a later version of the program.
    #[error("plugins.lock has the form {0}, and this program knows the form {FORM}; use a newer one")]
    Newer(u32),
    /// A name that is none.
    #[error("plugins.lock: {0:?} is no name of a plugin")]
    Name(String),
    /// One version of one plugin, twice.
    #[error("plugins.lock names {0}@{1} twice")]
    Twice(String, Version),
}

/// The lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    #[serde(rename = "version")]
    form: u32,
    /// The plugins, by name, then from the oldest version to the newest.
    #[serde(rename = "plugin", default)]
    plugins: Vec<Locked>,
}

/// One installed plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Where it came from, as it was asked for.
    pub source: Reference,
    /// The digest of its manifest in the registry.
    pub manifest: Digest,
    /// The digest of the component.
    pub digest: Digest,
    /// Who had signed it, of those who counted when it was installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
}

impl Locked {
    /// Name and version.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self { form: FORM, plugins: Vec::new() }
    }
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn parse(text: &str) -> Result<Self, LockError> {
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let unreadable = |e: toml::de::Error| LockError::Unreadable(e.message().to_owned());
        let form = toml::from_str::<Form>(text).map_err(unreadable)?.version;
        if form > FORM {
            return Err(LockError::Newer(form));
        }
        let mut lock: Self = toml::from_str(text).map_err(unreadable)?;
        if let Some(odd) = lock.plugins.iter().find(|plugin| !is_name(&plugin.name)) {
            return Err(LockError::Name(odd.name.clone()));
        }
        lock.sort();
        let twice = lock.plugins.iter().zip(lock.plugins.iter().skip(1)).find(|(a, b)| (&a.name, &a.version) == (&b.name, &b.version));
        match twice {
            Some((plugin, _)) => Err(LockError::Twice(plugin.name.clone(), plugin.version.clone())),
            None => Ok(lock),
        }
    }

    /// The file's text.
    ///
    /// # Errors
    /// [`LockError::Unreadable`], which would be a fault of this program.
    pub fn write(&self) -> Result<String, LockError> {
        toml::to_string(self).map(|text| format!("{HEAD}{text}")).map_err(|e| LockError::Unreadable(e.to_string()))
    }

    /// Every plugin.
    #[must_use]
    pub fn plugins(&self) -> &[Locked] {
        &self.plugins
    }

    /// The versions of a plugin, oldest first.
    #[must_use]
    pub fn versions(&self, name: &str) -> Vec<&Locked> {
        self.plugins.iter().filter(|plugin| plugin.name == name).collect()
    }

    /// One version of a plugin.
    #[must_use]
    pub fn find(&self, name: &str, version: &Version) -> Option<&Locked> {
        self.plugins.iter().find(|plugin| plugin.name == name && plugin.version == *version)
    }

    /// Adds a plugin, in place of the same version of it.
    pub fn put(&mut self, plugin: Locked) {
        self.remove(&plugin.name, &plugin.version);
        self.plugins.push(plugin);
        self.sort();
    }

    /// Takes a plugin out.
    pub fn remove(&mut self, name: &str, version: &Version) {
        self.plugins.retain(|plugin| plugin.name != name || plugin.version != *version);
    }

    fn sort(&mut self) {
        self.plugins.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    }
}

/// A plugin's version, which may be written in a way that has no order.
#[must_use]
pub fn version_of(text: &str) -> Option<Version> {
    Version::parse(text).ok()
}

fn is_name(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    first && text.len() <= MAX_NAME && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn locked(name: &str, version: &str, component: &[u8]) -> Locked {
        Locked {
            name: name.to_owned(),
            version: version.parse().unwrap(),
            source: format!("oci://localhost:5000/{name}:{version}").parse().unwrap(),
            manifest: Digest::of(version.as_bytes()),
            digest: Digest::of(component),
            signer: None,
        }
    }

    #[test]
    fn what_is_written_can_be_read_again_in_the_order_of_versions() {
        let mut lock = Lock::default();
        for version in ["1.10.0", "1.9.0", "1.10.0-rc.1"] {
            lock.put(locked("b", version, b""));
        }
        lock.put(Locked { signer: Some("us".to_owned()), ..locked("a", "2.0.0", b"") });
        let text = lock.write().unwrap();
        assert_eq!(Lock::parse(&text).unwrap(), lock);
        let ids: Vec<String> = lock.plugins().iter().map(Locked::id).collect();
        assert_eq!(ids, ["a@2.0.0", "b@1.9.0", "b@1.10.0-rc.1", "b@1.10.0"]);
        lock.put(locked("b", "1.9.0", b"other"));
        assert_eq!((lock.versions("b").len(), lock.find("b", &Version::new(1, 9, 0)).unwrap().digest.clone()), (3, Digest::of(b"other")));
        lock.remove("b", &Version::new(1, 9, 0));
        assert_eq!(lock.versions("b").len(), 2);
    }

    #[test]
    fn a_lock_file_that_could_lead_out_of_its_folder_or_says_too_much_is_refused() {
        let good = {
            let mut lock = Lock::default();
            lock.put(locked("acme", "1.0.0", b""));
            lock.write().unwrap()
        };
        for (from, to, says) in [
            ("name = \"acme\"", "name = \"../acme\"", "no name"),
            ("version = \"1.0.0\"", "version = \"../../1\"", "cannot be read"),
            ("digest = \"sha256:", "digest = \"sha256:x", "no digest"),
            ("source = \"oci://", "source = \"http://", "oci://"),
            ("version = 1\n", "version = 2\n", "newer"),
            ("name = \"acme\"", "name = \"acme\"\nsigned = true", "signed"),
            ("version = 1\n", "", "version"),
        ] {
            let error = Lock::parse(&good.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(says), "{to}: {error}");
        }
        let entry = good.split_once("[[plugin]]").unwrap().1;
        assert!(Lock::parse(&format!("{good}\n[[plugin]]{entry}")).unwrap_err().to_string().contains("twice"));
        assert_eq!(Lock::parse("version = 1").unwrap(), Lock::default());
    }
}
