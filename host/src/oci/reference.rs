//! Where a plugin is: `oci://registry/name:version`, `oci://registry/name@sha256:…`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::OciError;
use crate::digest::Digest;

const SCHEME: &str = "oci://";
/// Bytes of a repository's name, by the distribution specification.
const MAX_REPOSITORY: usize = 255;
/// Bytes of a tag, by the distribution specification.
const MAX_TAG: usize = 128;

/// A place in a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// The tag of a version. A tag cannot hold `+`; `_` stands for it, as in Helm.
#[must_use]
pub fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

impl Reference {
    /// Host, and port where it is not the usual one.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The host that speaks for the registry: Docker Hub's has another name.
    #[must_use]
    pub fn host(&self) -> &str {
        if self.registry == "docker.io" { "registry-1.docker.io" } else { &self.registry }
    }

    /// The name in the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if it is given.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The manifest's digest, if it is given.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What to ask for: the digest where there is one.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        self.digest.as_ref().map(Digest::as_str).or(self.tag())
    }

    /// The same place with a tag.
    #[must_use]
    pub fn with_tag(&self, tag: String) -> Self {
        Self { tag: Some(tag), ..self.clone() }
    }

    /// The same place with the digest of a manifest.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// Registry and repository, as a signature names them.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl FromStr for Reference {
    type Err = OciError;

    fn from_str(text: &str) -> Result<Self, OciError> {
        let refuse = |why| OciError::Reference { text: text.to_owned(), why };
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| refuse("it does not begin with oci://"))?;
        let (registry, rest) = rest.split_once('/').ok_or_else(|| refuse("it has no name behind the registry"))?;
        if !is_registry(registry) {
            return Err(refuse("the registry is no host, such as ghcr.io or localhost:5000"));
        }
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(|_| refuse("what follows the @ is no SHA-256 digest"))?)),
            None => (rest, None),
        };
        let (repository, tag) = match rest.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (rest, None),
        };
        if !is_repository(repository) {
            return Err(refuse("the name is not made of a-z, 0-9, and single . _ - between them, in parts separated by /"));
        }
        if !tag.is_none_or(is_tag) {
            return Err(refuse("the version is not made of letters, digits, and . _ -"));
        }
        Ok(Self { registry: registry.to_ascii_lowercase(), repository: repository.to_owned(), tag: tag.map(str::to_owned), digest })
    }
}

fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A lone word is a name in somebody's default registry, and there is no default here.
    let named = host.contains('.') || port.is_some() || host == "localhost";
    named && host.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0))
}

fn is_repository(text: &str) -> bool {
    let word = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let part = |part: &str| {
        let inner = part.split(['.', '_', '-']);
        // Between two words stand one dot, one or two underscores, or any number of dashes.
        let joined =
            !part.contains("..") && !part.contains("___") && !["._", "_.", ".-", "-.", "_-", "-_"].iter().any(|two| part.contains(two));
        let ends = |c: Option<u8>| c.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        joined && inner.clone().all(word) && ends(part.bytes().next()) && ends(part.bytes().last())
    };
    text.len() <= MAX_REPOSITORY && text.split('/').all(part)
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= MAX_TAG && text.bytes().next().is_some_and(word) && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Reference {
    type Error = OciError;

    fn try_from(text: String) -> Result<Self, OciError> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_as_it_is_written() {
        let digest = Digest::of(b"");
        for text in [
            "oci://ghcr.io/acme/plugins/acme-crm:1.2.0",
            "oci://localhost/a",
            "oci://127.0.0.1:5000/a__b/c.d---e:v1_2-rc.1",
            &format!("oci://registry:443/a@{digest}"),
            &format!("oci://ghcr.io/a:1@{digest}"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
        let hub: Reference = "oci://docker.io/acme/crm:1".parse().unwrap();
        assert_eq!((hub.host(), hub.registry(), hub.at()), ("registry-1.docker.io", "docker.io", Some("1")));
        assert_eq!(hub.with_digest(digest.clone()).at(), Some(digest.as_str()));
    }

    #[test]
    fn what_could_lead_elsewhere_or_has_no_registry_is_refused() {
        for text in [
            "ghcr.io/acme/crm:1",
            "https://ghcr.io/acme/crm:1",
            "oci://acme/crm:1",
            "oci://ghcr.io",
            "oci://ghcr.io/",
            "oci://ghcr.io/../crm:1",
            "oci://ghcr.io/a//b:1",
            "oci://ghcr.io/a/./b:1",
            "oci://ghcr.io/Acme:1",
            "oci://ghcr.io/a?x=y",
            "oci://ghcr.io/a%2fb:1",
            "oci://user@ghcr.io/a:1",
            "oci://ghcr.io:/a:1",
            "oci://ghcr.io:99999/a:1",
            "oci://ghcr..io/a:1",
            "oci://ghcr.io/a:",
            "oci://ghcr.io/a:../1",
            "oci://ghcr.io/a:1/b",
            "oci://ghcr.io/a@sha256:12",
            "oci://ghcr.io/a@md5:d41d8cd98f00b204e9800998ecf8427e",
            &format!("oci://ghcr.io/{}:1", "a".repeat(256)),
            &format!("oci://ghcr.io/a:{}", "1".repeat(129)),
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
