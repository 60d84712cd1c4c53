//! What `pull` and `install` share: a plugin from a registry, with the policy kept.

use std::process::ExitCode;

use anyhow::Context as _;

use super::super::misuse;
use crate::config::{Config, PluginsPolicy};
use crate::installed::{Policy, PolicyRefusal};
use crate::oci::{Access, Client, Fetched, OciError, Reference};

/// What every command that speaks to a registry takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Way {
    /// Speak to this registry without TLS; a registry on this machine needs no saying
    #[arg(long)]
    pub(super) plain_http: bool,
}

impl Way {
    /// The policy of the configuration, with what the flags add.
    pub(super) fn policy(self, config: &Config, reference: &Reference) -> PluginsPolicy {
        let mut policy = config.plugins_policy.clone();
        if self.plain_http {
            policy.plain_http.push(reference.registry().to_owned());
        }
        policy
    }
}

/// What is wrong with the question ends with 2, what is wrong with the answer with 1.
pub(super) fn failed(error: OciError) -> anyhow::Error {
    match error {
        OciError::Reference { .. } | OciError::Key { .. } | OciError::Taken(_) => misuse(error.to_string()),
        other => other.into(),
    }
}

/// Waits for a registry.
pub(super) fn wait<T>(work: impl Future<Output = Result<T, OciError>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start a runtime")?;
    runtime.block_on(work).map_err(failed)
}

/// The operator's policy, ready to be asked.
pub(super) fn policy(settings: &PluginsPolicy) -> anyhow::Result<Policy> {
    Policy::of(settings).map_err(|error| misuse(format!("the configuration: plugins_policy.signers: {error}")))
}

/// A plugin that the policy does not take.
pub(super) fn refused(what: impl std::fmt::Display, refusal: &PolicyRefusal) -> anyhow::Error {
    anyhow::anyhow!("{what} is not taken: {refusal}")
}

/// Gets a plugin, and says meanwhile what takes time. Who has signed it comes with it.
pub(super) fn fetch(reference: &Reference, settings: &PluginsPolicy, policy: &Policy) -> anyhow::Result<(Fetched, Option<String>)> {
    policy.registry(reference).map_err(|refusal| refused(reference, &refusal))?;
    let client = Client::new(reference, Access::Pull, settings).map_err(failed)?;
    let fetched = wait(async {
        let resolved = client.resolve(settings.component_bytes).await?;
        eprintln!("downloading {}, {}", resolved.what, size(resolved.layout.component.size));
        client.download(resolved).await
    })?;
    let signer = policy.signer(&fetched.signatures, &fetched.resolved.digest).map_err(|refusal| refused(reference, &refusal))?;
    let signer = signer.map(str::to_owned);
    Ok((fetched, signer))
}

/// Bytes, for people.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// How signed a plugin is, for people.
pub(super) fn signed(signer: Option<&str>, signatures: usize) -> String {
    match (signer, signatures) {
        (Some(signer), _) => format!("by {signer}"),
        (None, 0) => "no".to_owned(),
        (None, count) => format!("by nobody that plugins_policy.signers names (signatures: {count})"),
    }
}

/// It worked.
pub(super) const DONE: anyhow::Result<ExitCode> = Ok(ExitCode::SUCCESS);
