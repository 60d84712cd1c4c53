//! Getting a plugin: first what it is, then its bytes.

use bytes::Bytes;

use super::artifact::{CONFIG_BYTES, Layout, Manifest, check_config, media};
use super::client::Client;
use super::signature::{self, PAYLOAD_BYTES, SIGNATURES, Signature};
use super::{OciError, Reference};
use crate::digest::Digest;

/// A plugin that was found and not downloaded yet.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What it is, for messages.
    pub what: String,
    /// Where it is, with the digest of its manifest.
    pub reference: Reference,
    /// The manifest's digest.
    pub digest: Digest,
    /// The manifest.
    pub manifest: Bytes,
    /// What the manifest says.
    pub layout: Layout,
}

/// A plugin as it was downloaded, with every digest checked.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Where it came from.
    pub resolved: Resolved,
    /// The component.
    pub component: Bytes,
    /// The signatures that the registry has for it, not verified yet.
    pub signatures: Vec<Signature>,
}

impl Client {
    /// Finds what the client's reference means.
    ///
    /// # Errors
    /// [`OciError`].
    pub async fn resolve(&self, component_bytes: usize) -> Result<Resolved, OciError> {
        let reference = self.reference();
        let no_version = || OciError::Reference { text: reference.to_string(), why: "it has no version" };
        let at = reference.at().ok_or_else(no_version)?;
        let what = self.named(at);
        let found = self.manifest(at).await?.ok_or_else(|| OciError::NotFound { what: what.clone(), said: String::new() })?;
        // A list of manifests says better what it is than its media type does.
        let layout = Layout::parse(&what, &found.bytes)?;
        if !is(&found.media_type, media::MANIFEST) {
            let why = format!("the registry says that its manifest is of the type {}", crate::text::brief(&found.media_type, 80));
            return Err(OciError::Layout { what, why });
        }
        for (part, limit, by) in [
            (&layout.config, CONFIG_BYTES, "a config may have"),
            (&layout.component, component_bytes, "plugins_policy.component_bytes allows"),
        ] {
            if part.size > limit {
                return Err(OciError::TooLarge { what, limit, by });
            }
        }
        let reference = reference.with_digest(found.digest.clone());
        Ok(Resolved { what, reference, digest: found.digest, manifest: found.bytes, layout })
    }

    /// Downloads what was found.
    ///
    /// # Errors
    /// [`OciError`].
    pub async fn download(&self, resolved: Resolved) -> Result<Fetched, OciError> {
        let (what, layout) = (&resolved.what, &resolved.layout);
        let config = self.blob(&format!("the config of {what}"), &layout.config.digest, layout.config.size).await?;
        check_config(what, &config, &layout.component.digest)?;
        let component = self.blob(&format!("the component of {what}"), &layout.component.digest, layout.component.size).await?;
        let signatures = self.signatures(&resolved.digest).await?;
        Ok(Fetched { resolved, component, signatures })
    }

    /// The signatures of a manifest. What cannot be read there signs nothing.
    pub(super) async fn signatures(&self, digest: &Digest) -> Result<Vec<Signature>, OciError> {
        let tag = signature::tag(digest);
        let Some(found) = self.manifest(&tag).await? else { return Ok(Vec::new()) };
        let Ok(manifest) = Manifest::parse(&tag, &found.bytes) else { return Ok(Vec::new()) };
        let mut signatures = Vec::new();
        for layer in manifest.layers.iter().filter(|layer| layer.media_type == media::SIMPLE_SIGNING).take(SIGNATURES) {
            let Some(signature) = layer.annotations.get(signature::ANNOTATION) else { continue };
            if layer.size > PAYLOAD_BYTES {
                continue;
            }
            let what = format!("a signature of {}", self.named(digest.as_str()));
            let payload = self.blob(&what, &layer.digest, layer.size).await?;
            let Ok(payload) = String::from_utf8(payload.to_vec()) else { continue };
            signatures.push(Signature { payload, signature: signature.clone() });
        }
        Ok(signatures)
    }
}

/// Whether a content type is a media type, whatever parameters it has.
fn is(content_type: &str, media_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}
