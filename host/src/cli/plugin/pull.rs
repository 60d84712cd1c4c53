//! `patchboard plugin pull`: the component of a registry as a file, not installed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::super::{Common, misuse, print_json};
use super::source::{DONE, Way, fetch, policy, signed};
use crate::files;
use crate::oci::Reference;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  patchboard plugin pull oci://ghcr.io/acme/acme-crm:1.2.0 -o acme-crm.wasm\n  patchboard plugin inspect acme-crm.wasm"
)]
pub(in super::super) struct Arguments {
    /// Where it is: oci://registry/name:version, or oci://registry/name@sha256:…
    reference: String,
    /// Where to write the component [default: ./<last part of the name>.wasm]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    way: Way,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = common.config()?;
    let reference: Reference = arguments.reference.parse().map_err(super::source::failed)?;
    let settings = arguments.way.policy(&config, &reference);
    let (fetched, signer) = fetch(&reference, &settings, &policy(&settings)?)?;
    let last = reference.repository().rsplit('/').next().unwrap_or("plugin");
    let output = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{last}.wasm")));
    if output.is_dir() {
        return Err(misuse(format!("{} is a folder; give a file", output.display())));
    }
    files::write(&output, &fetched.component).with_context(|| format!("cannot write {}", output.display()))?;
    let (manifest, digest) = (&fetched.resolved.digest, &fetched.resolved.layout.component.digest);
    if arguments.json {
        print_json(&json!({"file": output, "source": reference, "manifest": manifest, "digest": digest, "signer": signer}))?;
        return DONE;
    }
    println!("{}", output.display());
    eprintln!("component {digest}\nmanifest  {manifest}\nsigned    {}", signed(signer.as_deref(), fetched.signatures.len()));
    DONE
}
