//! `patchboard plugin push`: a component into a registry, signed where a key is given.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use patchboard_gateway::contract::Provider as _;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::{Common, misuse, print_json};
use super::source::{DONE, Way, failed, wait};
use crate::installed::version_of;
use crate::oci::{Access, Client, Packed, Reference, SigningKey, publish, sign, tag_of};
use crate::runtime::{Machine, Plugin, admit};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The login at the registry is the one of `docker login`, or PATCHBOARD_REGISTRY (the registry that it is for), \
PATCHBOARD_REGISTRY_USERNAME and PATCHBOARD_REGISTRY_PASSWORD. The password of a sealed key is taken from COSIGN_PASSWORD.

Example:
  patchboard plugin push acme-crm.wasm oci://ghcr.io/acme/acme-crm --sign-key cosign.key")]
pub(in super::super) struct Arguments {
    /// The component file
    file: PathBuf,
    /// Where to: oci://registry/name, with the plugin's version as tag unless one is given
    reference: String,
    /// Sign it with this key: ECDSA on P-256 in PEM, PKCS #8 or made by `cosign generate-key-pair`
    #[arg(long, value_name = "FILE")]
    sign_key: Option<PathBuf>,
    /// Replace a version that is there and holds something else
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    way: Way,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = common.config()?;
    let given: Reference = arguments.reference.parse().map_err(failed)?;
    let key = arguments.sign_key.as_deref().map(SigningKey::read).transpose().map_err(failed)?;
    let bytes = admit::read(&arguments.file).map_err(|e| misuse(format!("cannot read {}: {e}", arguments.file.display())))?;
    let machine = Arc::new(Machine::new(config.bounds())?);
    let refuse =
        |e: &dyn std::fmt::Display| misuse(format!("{} is not pushed, because no server would load it: {e}", arguments.file.display()));
    let plugin = Plugin::admit_to_serve(&machine, &bytes, None).map_err(|e| refuse(&e))?;
    let (name, version) = (&plugin.identity().name, &plugin.identity().version);
    let outside = patchboard_pack::read(&bytes).map_err(|e| refuse(&e))?;
    let tag = tag(&given, name, version)?;
    let settings = arguments.way.policy(&config, &given);
    let packed = Packed::new(Bytes::from(bytes), &outside, name, version, &created()?);
    let client = Client::new(&given, Access::Push, &settings).map_err(failed)?;
    eprintln!("pushing {name} {version} to {}", given.with_tag(tag.clone()));
    // A tag that is no version, such as latest, is made to be moved.
    let movable = version_of(&tag.replace('_', "+")).is_none();
    let (published, signed) = wait(async {
        let published = publish(&client, &tag, packed, arguments.force || movable).await?;
        let signed = match &key {
            Some(key) => Some(sign(&client, &published.digest, key).await?),
            None => None,
        };
        Ok((published, signed))
    })?;
    let source = given.with_tag(tag).with_digest(published.digest.clone());
    if arguments.json {
        let signed = key.is_some();
        print_json(
            &json!({"name": name, "version": version, "source": source, "manifest": published.digest, "was_there": published.was_there, "signed": signed}),
        )?;
        return DONE;
    }
    println!("{source}");
    eprintln!("{}", if published.was_there { "it was there already" } else { "it is pushed" });
    match signed {
        Some(true) => eprintln!("it is signed"),
        Some(false) => eprintln!("it was signed with this key already"),
        None => eprintln!("it is not signed; --sign-key signs it"),
    }
    DONE
}

/// The tag: the one that is given, if it is not another version's.
fn tag(given: &Reference, name: &str, version: &str) -> anyhow::Result<String> {
    if given.digest().is_some() {
        return Err(misuse("a digest cannot be pushed to; write oci://registry/name or oci://registry/name:version"));
    }
    if version_of(version).is_none() {
        return Err(misuse(format!("the version {version:?} of {name} is no SemVer, such as 1.2.0")));
    }
    let own = tag_of(version);
    match given.tag() {
        Some(tag) if tag != own && version_of(&tag.replace('_', "+")).is_some() => {
            Err(misuse(format!("{given} is the place of another version: the component is {name} {version}")))
        }
        Some(tag) => Ok(tag.to_owned()),
        None => Ok(own),
    }
}

/// When it was made, as the convention for reproducible builds has it
/// (<https://reproducible-builds.org/specs/source-date-epoch/>): not now.
fn created() -> anyhow::Result<String> {
    let seconds = match env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text.parse().map_err(|_| misuse("SOURCE_DATE_EPOCH must be seconds since 1970"))?,
        Err(_) => 0,
    };
    let time = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| misuse("SOURCE_DATE_EPOCH must be seconds since 1970"))?;
    Ok(time.format(&Rfc3339)?)
}
