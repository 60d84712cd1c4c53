//! What an account must be before it is stored, for the command and for HTTP alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use patchboard_gateway::access;
use patchboard_gateway::contract::{FieldError, Provider as _};
use patchboard_gateway::{Code, Credential, Problem};
use secrecy::SecretString;
use semver::VersionReq;
use serde_json::Value;

use crate::registry::Registry;
use crate::runtime::Plugin;

/// The tenant of an account that is added without one.
pub const DEFAULT_TENANT: &str = "default";
/// Characters of a tenant's name.
const MAX_TENANT: usize = 200;

/// The plugin that an account of a provider uses.
///
/// # Errors
/// 422 that names the providers, or the versions, there are.
pub fn plugin<'r>(registry: &'r Registry, provider: &str, follows: Option<&VersionReq>) -> Result<&'r Arc<Plugin>, Problem> {
    registry.find(provider, follows).map_err(|problem| match problem.code {
        Code::PluginVersionNotLoaded => problem.with_error("/plugin_version", "lets in no version that is loaded"),
        _ => problem.with_error("/provider", "is not a provider of this server"),
    })
}

/// Reads which versions of its plugin an account follows.
///
/// # Errors
/// 422 for what is no requirement.
pub fn follows(text: &str) -> Result<VersionReq, Problem> {
    VersionReq::parse(text).map_err(|e| {
        let why = format!("is no version requirement such as =0.1.0 or ^0.1: {e}");
        invalid(format!("the plugin version {text:?} {why}")).with_error("/plugin_version", why)
    })
}

/// Checks settings against the manifest.
///
/// # Errors
/// 422 with every fault.
pub fn settings(plugin: &Plugin, settings: &BTreeMap<String, String>) -> Result<(), Problem> {
    plugin.manifest().settle(settings).map(|_| ()).map_err(|faults| {
        let errors = faults.iter().map(|f| FieldError { path: format!("/settings/{}", f.name()), message: f.to_string() }).collect();
        invalid(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")).with_errors(errors)
    })
}

/// Reads a credential, `{"access_token":"…"}`, and checks that the plugin can use it.
///
/// # Errors
/// 422; the message never holds a value.
pub fn credential(plugin: &Plugin, value: Value) -> Result<BTreeMap<String, SecretString>, Problem> {
    let refuse = |why: &str| invalid(why.to_owned()).with_error("/credentials", why);
    let Value::Object(members) = value else { return Err(refuse("must be a JSON object of secrets, such as {\"access_token\":\"…\"}")) };
    let mut secrets = BTreeMap::new();
    for (name, value) in members {
        let Value::String(text) = value else { return Err(refuse(&format!("the secret {name:?} must be a string"))) };
        if text.chars().any(char::is_control) {
            return Err(refuse(&format!("the secret {name:?} holds a control character, such as a line break")));
        }
        secrets.insert(name, SecretString::from(text));
    }
    access::fits(&Credential::new(secrets.clone()), plugin.manifest()).map_err(|why| refuse(&why))?;
    Ok(secrets)
}

/// Checks a tenant's name.
///
/// # Errors
/// 422.
pub fn tenant(name: &str) -> Result<(), Problem> {
    let good = !name.is_empty() && name.chars().count() <= MAX_TENANT && !name.chars().any(char::is_control);
    if good {
        Ok(())
    } else {
        Err(invalid("the tenant must be a name of 1 to 200 printable characters".to_owned()).with_error("/tenant_id", "is not a name"))
    }
}

fn invalid(why: String) -> Problem {
    Problem::new(Code::InvalidField, why)
}
