//! What shows that a component is the one that somebody has signed: the signature is over
//! the manifest, and the manifest names the component.

use serde::{Deserialize, Serialize};

use super::{Locked, Policy, PolicyRefusal};
use crate::digest::Digest;
use crate::oci::{Fetched, Layout, Signature};

/// Manifest and signatures, as they came from the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The manifest's text.
    pub manifest: String,
    /// The signatures that were there.
    pub signatures: Vec<Signature>,
}

impl Proof {
    /// What came with a component.
    #[must_use]
    pub fn of(fetched: &Fetched) -> Self {
        Self { manifest: String::from_utf8_lossy(&fetched.resolved.manifest).into_owned(), signatures: fetched.signatures.clone() }
    }

    /// Whether manifest and signatures are those of a locked component, and who of the
    /// policy's signers has signed it.
    ///
    /// # Errors
    /// In words, where they are not, or where the policy wants another signer.
    pub fn signer<'a>(&self, locked: &Locked, policy: &'a Policy) -> Result<Option<&'a str>, PolicyRefusal> {
        let digest = Digest::of(self.manifest.as_bytes());
        if digest != locked.manifest {
            return Err(PolicyRefusal::Proof("its manifest is not the one that plugins.lock names"));
        }
        match Layout::parse(&locked.id(), self.manifest.as_bytes()) {
            Ok(layout) if layout.component.digest == locked.digest => policy.signer(&self.signatures, &digest),
            _ => Err(PolicyRefusal::Proof("its manifest names another component than plugins.lock")),
        }
    }
}
