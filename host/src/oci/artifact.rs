//! The layout of a plugin in a registry: a manifest, a config of the type for WebAssembly,
//! and one layer, which is the component.

use std::collections::BTreeMap;

use bytes::Bytes;
use patchboard_pack::Outside;
use serde::Deserialize;
use serde_json::{Value, json};

use super::OciError;
use crate::digest::Digest;

/// A manifest; one of a plugin has about a kilobyte.
pub(super) const MANIFEST_BYTES: usize = 64 << 10;
/// A config; it lists what the component imports and exports.
pub(super) const CONFIG_BYTES: usize = 64 << 10;

/// Media types.
pub(super) mod media {
    /// A manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// The config of a WebAssembly artifact.
    pub const CONFIG: &str = "application/vnd.wasm.config.v0+json";
    /// A component or module.
    pub const COMPONENT: &str = "application/wasm";
    /// The config of a container image, which signatures have.
    pub const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// What a signature of cosign's is over.
    pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
    /// An upload.
    pub const BYTES: &str = "application/octet-stream";
    /// A form.
    pub const FORM: &str = "application/x-www-form-urlencoded";
}

/// What points to a blob.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type of the blob.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its bytes.
    pub size: usize,
    /// Names and values for tools.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// A manifest with its blobs, whatever they are.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    schema_version: u8,
    media_type: Option<String>,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

impl Manifest {
    /// Reads a manifest.
    pub(super) fn parse(what: &str, bytes: &[u8]) -> Result<Self, OciError> {
        let refuse = |why: String| OciError::Layout { what: what.to_owned(), why };
        let value: Value = serde_json::from_slice(bytes).map_err(|e| refuse(format!("its manifest is not JSON: {e}")))?;
        if value.get("manifests").is_some() {
            return Err(refuse("it is a list of manifests, one for each platform; a plugin is one manifest".to_owned()));
        }
        let manifest: Self = serde_json::from_value(value).map_err(|e| refuse(format!("its manifest cannot be read: {e}")))?;
        match manifest.media_type.as_deref() {
            Some(media::MANIFEST) | None if manifest.schema_version == 2 => Ok(manifest),
            _ => Err(refuse(format!("its manifest is not of the type {}", media::MANIFEST))),
        }
    }
}

/// Where the parts of a plugin are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The config.
    pub config: Descriptor,
    /// The component.
    pub component: Descriptor,
}

impl Layout {
    /// Reads the manifest of a plugin.
    ///
    /// # Errors
    /// [`OciError::Layout`] that says what it is instead.
    pub fn parse(what: &str, bytes: &[u8]) -> Result<Self, OciError> {
        let Manifest { config, layers, .. } = Manifest::parse(what, bytes)?;
        let refuse = |why: String| OciError::Layout { what: what.to_owned(), why };
        if config.media_type != media::CONFIG {
            return Err(refuse(format!("its config is of the type {}, not {}", crate::text::brief(&config.media_type, 80), media::CONFIG)));
        }
        let count = layers.len();
        let mut layers = layers.into_iter();
        let (Some(component), None) = (layers.next(), layers.next()) else {
            return Err(refuse(format!("it has {count} layers, and a plugin has one")));
        };
        if component.media_type != media::COMPONENT {
            return Err(refuse(format!(
                "its layer is of the type {}, not {}",
                crate::text::brief(&component.media_type, 80),
                media::COMPONENT
            )));
        }
        Ok(Self { config, component })
    }
}

/// A config has the digests of the layers, so that no two artifacts share one.
pub(super) fn check_config(what: &str, bytes: &[u8], component: &Digest) -> Result<(), OciError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        architecture: String,
        #[serde(default)]
        layer_digests: Vec<Digest>,
    }
    let refuse = |why: String| OciError::Layout { what: what.to_owned(), why };
    let config: Config = serde_json::from_slice(bytes).map_err(|e| refuse(format!("its config cannot be read: {e}")))?;
    if config.architecture != "wasm" {
        return Err(refuse("its config is not for the architecture wasm".to_owned()));
    }
    if !config.layer_digests.is_empty() && config.layer_digests != [component.clone()] {
        return Err(refuse("its config names other layers than its manifest".to_owned()));
    }
    Ok(())
}

/// What is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The config.
    pub config: Bytes,
    /// The component.
    pub component: Bytes,
    /// The manifest.
    pub manifest: Bytes,
}

impl Packed {
    /// Lays out a component. The same component, name and time make the same bytes, so that
    /// pushing twice is pushing once.
    #[must_use]
    pub fn new(component: Bytes, outside: &Outside, name: &str, version: &str, created: &str) -> Self {
        let digest = Digest::of(&component);
        let config = json!({
            "created": created,
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [digest],
            "component": { "exports": outside.exports, "imports": outside.imports, "target": null },
        });
        let config = Bytes::from(config.to_string());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media::MANIFEST,
            "config": descriptor(media::CONFIG, &config),
            "layers": [{
                "mediaType": media::COMPONENT,
                "digest": digest,
                "size": component.len(),
                "annotations": { "org.opencontainers.image.title": format!("{name}.wasm") },
            }],
            "annotations": {
                "org.opencontainers.image.created": created,
                "org.opencontainers.image.title": name,
                "org.opencontainers.image.version": version,
            },
        });
        Self { config, component, manifest: Bytes::from(manifest.to_string()) }
    }
}

/// What points to these bytes.
pub(super) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> Packed {
        let outside = Outside { imports: vec![], exports: vec!["patchboard:provider/mapper@0.1.0".to_owned()], debug: false };
        Packed::new(Bytes::from_static(b"component"), &outside, "acme", "1.2.0", "1970-01-01T00:00:00Z")
    }

    #[test]
    fn what_is_packed_can_be_read_and_is_always_the_same() {
        let packed = packed();
        let layout = Layout::parse("acme", &packed.manifest).unwrap();
        assert_eq!(layout.component.digest, Digest::of(b"component"));
        assert_eq!((layout.component.size, &layout.config.digest), (9, &Digest::of(&packed.config)));
        assert_eq!(packed, self::packed());
        check_config("acme", &packed.config, &layout.component.digest).unwrap();
        assert!(check_config("acme", &packed.config, &Digest::of(b"")).is_err());
    }

    /// A manifest that is good but for one change.
    fn refused(pointer: &str, value: Value) -> String {
        let mut manifest: Value = serde_json::from_slice(&packed().manifest).unwrap();
        *manifest.pointer_mut(pointer).unwrap() = value;
        Layout::parse("acme", manifest.to_string().as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_plugin_is_told_by_what_it_is() {
        for (pointer, value, says) in [
            ("/schemaVersion", json!(1), "not of the type"),
            ("/mediaType", json!("application/vnd.docker.distribution.manifest.v2+json"), "not of the type"),
            ("/config/mediaType", json!(media::IMAGE_CONFIG), "its config is of the type"),
            ("/layers/0/mediaType", json!("application/vnd.oci.image.layer.v1.tar+gzip"), "its layer is of the type"),
            ("/layers", json!([]), "0 layers"),
            ("/layers/0/digest", json!("sha256:../../../etc/passwd"), "no digest"),
            ("/layers/0/size", json!(-1), "cannot be read"),
            ("/layers/0/size", json!(1e40), "cannot be read"),
            ("/config", json!(null), "cannot be read"),
        ] {
            let error = refused(pointer, value);
            assert!(error.contains(says), "{pointer}: {error}");
        }
        let list = json!({"schemaVersion": 2, "manifests": []}).to_string();
        assert!(Layout::parse("acme", list.as_bytes()).unwrap_err().to_string().contains("a list of manifests"));
        assert!(Layout::parse("acme", b"<html>").unwrap_err().to_string().contains("not JSON"));
    }
}
