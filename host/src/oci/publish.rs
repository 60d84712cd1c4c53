//! Putting a plugin into a registry, and a signature beside it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::artifact::{Manifest, Packed, descriptor, media};
use super::client::Client;
use super::signature::{self, Signature};
use super::{OciError, SigningKey};
use crate::digest::Digest;

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The manifest's digest.
    pub digest: Digest,
    /// The registry had it under this tag already.
    pub was_there: bool,
}

/// Pushes a plugin. A version that is there and holds something else is only replaced
/// when `replace` says so: others may have pinned it.
///
/// # Errors
/// [`OciError`].
pub async fn publish(client: &Client, tag: &str, packed: Packed, replace: bool) -> Result<Published, OciError> {
    let digest = Digest::of(&packed.manifest);
    match client.manifest(tag).await? {
        Some(found) if found.digest == digest => return Ok(Published { digest, was_there: true }),
        Some(_) if !replace => return Err(OciError::Taken(client.named(tag))),
        _ => {}
    }
    client.push_blob("the component", packed.component).await?;
    client.push_blob("the config", packed.config).await?;
    let digest = client.push_manifest(tag, packed.manifest).await?;
    Ok(Published { digest, was_there: false })
}

/// Adds a signature over a manifest to those that are there. Whether it was added: one by
/// the same key is enough.
///
/// # Errors
/// [`OciError`].
pub async fn sign(client: &Client, digest: &Digest, key: &SigningKey) -> Result<bool, OciError> {
    let mut signatures = client.signatures(digest).await?;
    if signatures.iter().any(|signature| signature.is_by(&key.public(), digest)) {
        return Ok(false);
    }
    let tag = signature::tag(digest);
    let mut layers = layers(client, &tag).await?;
    let own = Signature::new(key, &client.reference().name(), digest);
    let payload = Bytes::from(own.payload.clone());
    layers.push(layer(&own, &payload));
    client.push_blob("the signature", payload).await?;
    signatures.push(own);
    let config = config(&layers);
    client.push_blob("the signature's config", config.clone()).await?;
    client.push_manifest(&tag, manifest(&layers, &config)).await?;
    Ok(true)
}

/// The layers that the signatures have already, as they are: others may keep more in them.
async fn layers(client: &Client, tag: &str) -> Result<Vec<Value>, OciError> {
    let Some(found) = client.manifest(tag).await? else { return Ok(Vec::new()) };
    Manifest::parse(tag, &found.bytes)?;
    let mut value: Value = serde_json::from_slice(&found.bytes).unwrap_or_default();
    let layers = value.get_mut("layers").and_then(Value::as_array_mut).map(std::mem::take);
    Ok(layers.unwrap_or_default())
}

fn layer(signature: &Signature, payload: &[u8]) -> Value {
    let mut layer = descriptor(media::SIMPLE_SIGNING, payload);
    if let Some(layer) = layer.as_object_mut() {
        layer.insert("annotations".to_owned(), json!({ signature::ANNOTATION: signature.signature }));
    }
    layer
}

/// The config of an image without content, as cosign writes it.
fn config(layers: &[Value]) -> Bytes {
    const NEVER: &str = "0001-01-01T00:00:00Z";
    let digests: Vec<&Value> = layers.iter().filter_map(|layer| layer.get("digest")).collect();
    let history: Vec<Value> = digests.iter().map(|_| json!({ "created": NEVER })).collect();
    let config = json!({
        "architecture": "",
        "created": NEVER,
        "history": history,
        "os": "",
        "rootfs": { "type": "layers", "diff_ids": digests },
        "config": {},
    });
    Bytes::from(config.to_string())
}

fn manifest(layers: &[Value], config: &[u8]) -> Bytes {
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media::MANIFEST,
        "config": descriptor(media::IMAGE_CONFIG, config),
        "layers": layers,
    });
    Bytes::from(manifest.to_string())
}
