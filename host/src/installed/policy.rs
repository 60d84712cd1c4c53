//! The operator's policy for plugins from registries, ready to be asked.

use patchboard_gateway::Manifest;
use patchboard_gateway::manifest::HostPattern;
use thiserror::Error;

use crate::config::PluginsPolicy;
use crate::digest::Digest;
use crate::oci::{OciError, PublicKey, Reference, Signature, Signer};

/// Why a plugin is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyRefusal {
    /// Not one of the registries.
    #[error("the registry {0} is not one of plugins_policy.registries")]
    Registry(String),
    /// It wants to reach something else.
    #[error("it declares the host {0}, which is not one of plugins_policy.hosts")]
    Host(String),
    /// Nobody has signed it.
    #[error("it is not signed, and plugins_policy wants a signature of {0}")]
    Unsigned(String),
    /// Somebody else has signed it.
    #[error("none of its {count} signatures is one of {signers}, whom plugins_policy names")]
    OtherSigner {
        /// How many it has.
        count: usize,
        /// Who would count.
        signers: String,
    },
    /// What was kept to prove the signature does not fit.
    #[error("{0}")]
    Proof(&'static str),
}

/// The policy, with the keys read.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    require_signature: bool,
    registries: Option<Vec<String>>,
    hosts: Option<Vec<HostPattern>>,
    signers: Vec<Signer>,
}

impl Policy {
    /// Reads the keys.
    ///
    /// # Errors
    /// [`OciError::Key`].
    pub fn of(settings: &PluginsPolicy) -> Result<Self, OciError> {
        let signer = |signer: &crate::config::SignerKey| Ok(Signer { name: signer.name.clone(), key: PublicKey::read(&signer.key)? });
        let signers: Vec<Signer> = settings.signers.iter().map(signer).collect::<Result<_, OciError>>()?;
        Ok(Self {
            require_signature: settings.require_signature.unwrap_or(!signers.is_empty()),
            registries: settings.registries.clone(),
            hosts: settings.hosts.as_ref().map(|hosts| hosts.iter().cloned().map(HostPattern::from).collect()),
            signers,
        })
    }

    /// Whether a registry may be used.
    ///
    /// # Errors
    /// [`PolicyRefusal::Registry`].
    pub fn registry(&self, reference: &Reference) -> Result<(), PolicyRefusal> {
        let name = reference.name();
        // `ghcr.io/acme` is not the beginning of `ghcr.io/acme-evil/x`.
        let within = |allowed: &String| {
            let allowed = allowed.trim_end_matches('/');
            name == allowed || name.strip_prefix(allowed).is_some_and(|rest| rest.starts_with('/'))
        };
        match &self.registries {
            Some(registries) if !registries.iter().any(within) => Err(PolicyRefusal::Registry(name)),
            _ => Ok(()),
        }
    }

    /// Whether a plugin declares only hosts that it may.
    ///
    /// # Errors
    /// [`PolicyRefusal::Host`] with the first that it may not.
    pub fn hosts(&self, manifest: &Manifest) -> Result<(), PolicyRefusal> {
        let Some(allowed) = &self.hosts else { return Ok(()) };
        // A wildcard is within another that ends in the same way: its star is a label.
        let within = |declared: &&HostPattern| allowed.iter().any(|pattern| pattern == *declared || pattern.matches(declared.as_str()));
        match manifest.hosts.iter().find(|declared| !within(declared)) {
            Some(host) => Err(PolicyRefusal::Host(crate::text::plain(host.as_str()))),
            None => Ok(()),
        }
    }

    /// Who of the signers has signed a manifest, if anybody.
    ///
    /// # Errors
    /// [`PolicyRefusal`], where somebody must have and nobody has.
    pub fn signer(&self, signatures: &[Signature], manifest: &Digest) -> Result<Option<&str>, PolicyRefusal> {
        match Signer::of(&self.signers, signatures, manifest) {
            Some(signer) => Ok(Some(&signer.name)),
            None if !self.require_signature => Ok(None),
            None if signatures.is_empty() => Err(PolicyRefusal::Unsigned(self.names())),
            None => Err(PolicyRefusal::OtherSigner { count: signatures.len(), signers: self.names() }),
        }
    }

    /// Whether a signature is needed.
    #[must_use]
    pub fn requires_signature(&self) -> bool {
        self.require_signature
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.signers.iter().map(|signer| signer.name.as_str()).collect();
        if names.is_empty() { "somebody, but names nobody in plugins_policy.signers".to_owned() } else { names.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(registries: Option<&[&str]>, hosts: Option<&[&str]>) -> Policy {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        Policy::of(&PluginsPolicy { registries: registries.map(owned), hosts: hosts.map(owned), ..PluginsPolicy::default() }).unwrap()
    }

    #[test]
    fn a_registry_is_allowed_whole_or_below_a_name() {
        let registry = |allowed: Option<&[&str]>, text: &str| policy(allowed, None).registry(&text.parse().unwrap()).is_ok();
        let some: Option<&[&str]> = Some(&["ghcr.io/acme", "localhost:5000"]);
        for (text, allowed) in [
            ("oci://ghcr.io/acme/crm:1", true),
            ("oci://ghcr.io/acme:1", true),
            ("oci://localhost:5000/anything:1", true),
            ("oci://ghcr.io/acme-evil/crm:1", false),
            ("oci://ghcr.io/other/acme:1", false),
            ("oci://localhost:50001/anything:1", false),
            ("oci://localhost/anything:1", false),
        ] {
            assert_eq!(registry(some, text), allowed, "{text}");
            assert!(registry(None, text) && !registry(Some(&[]), text), "{text}");
        }
    }

    #[test]
    fn hosts_that_a_plugin_declares_must_be_within_those_that_are_allowed() {
        let declares = |host: &str, allowed: Option<&[&str]>| {
            let manifest = format!(
                r#"{{"name":"a","title":"A","version":"1.0.0","base_url":"https://{}/","hosts":["{host}"],"authentication":[{{"scheme":"bearer","token":"t"}}],
                "resources":[{{"model":"m","resource":"r","operations":{{"get":{{"calls":[{{"name":"c","method":"GET","path":"/c","effect":"read"}}]}}}}}}]}}"#,
                host.replace('*', "x")
            );
            policy(None, allowed).hosts(&Manifest::parse(&manifest).unwrap()).is_ok()
        };
        let some: Option<&[&str]> = Some(&["*.acme.example", "api.other.example"]);
        for (host, allowed) in [
            ("api.acme.example", true),
            ("*.acme.example", true),
            ("*.eu.acme.example", true),
            ("api.other.example", true),
            ("acme.example", false),
            ("*.example", false),
            ("*.other.example", false),
            ("api.acme.example.evil.example", false),
        ] {
            assert_eq!(declares(host, some), allowed, "{host}");
            assert!(declares(host, None), "{host}");
        }
    }

    #[test]
    fn a_signature_is_wanted_as_soon_as_a_signer_is_named_or_the_operator_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("us.pub");
        std::fs::write(&key, include_str!("../oci/fixtures/openssl.pub")).unwrap();
        let signers = vec![crate::config::SignerKey { name: "us".to_owned(), key: key.clone() }];
        let digest = Digest::of(b"");
        let asked = |require_signature, signers| {
            Policy::of(&PluginsPolicy { require_signature, signers, ..PluginsPolicy::default() }).unwrap().signer(&[], &digest).is_ok()
        };
        assert!(asked(None, vec![]) && asked(Some(false), signers.clone()));
        assert!(!asked(None, signers.clone()) && !asked(Some(true), signers) && !asked(Some(true), vec![]));
        std::fs::write(&key, "no key").unwrap();
        let broken = vec![crate::config::SignerKey { name: "us".to_owned(), key }];
        let error = Policy::of(&PluginsPolicy { signers: broken, ..PluginsPolicy::default() }).unwrap_err().to_string();
        assert!(error.contains("us.pub"), "{error}");
    }
}
