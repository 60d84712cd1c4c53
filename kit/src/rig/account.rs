//! The made-up account.

use std::collections::BTreeMap;

use patchboard_gateway::access::Access;
use patchboard_gateway::contract::Pair;
use patchboard_gateway::egress::{EgressPolicy, Origin};
use patchboard_gateway::manifest::BASE_URL;
use patchboard_gateway::{Account, AccountStatus, Credential, Manifest, Problem};
use secrecy::SecretString;
use url::Url;

/// What every secret of the made-up credential begins with.
pub(crate) const SECRET: &str = "made-up-secret-of-the-kit-";

/// An account with these settings and a credential of the first scheme. Where it has a
/// base URL of its own, the operator has consented.
pub(crate) fn access(id: &str, settings: &BTreeMap<String, String>, manifest: &Manifest) -> Result<Access, Problem> {
    let names = manifest.authentication.first().map(|scheme| scheme.secrets()).unwrap_or_default();
    let secrets = names.into_iter().map(|name| (name.to_owned(), SecretString::from(format!("{SECRET}{name}"))));
    let account = Account {
        id: id.to_owned(),
        provider: manifest.name.clone(),
        status: AccountStatus::Active,
        settings: settings.clone(),
        credential: Credential::new(secrets),
    };
    let own = settings.get(BASE_URL).and_then(|text| Url::parse(text).ok());
    let policy = EgressPolicy { allow_hosts: None, allow_upstreams: own.iter().map(Origin::of).collect() };
    Access::prepare(&account, manifest, &policy)
}

/// The settings as the plugin sees them.
pub(crate) fn settle(settings: &BTreeMap<String, String>, manifest: &Manifest) -> Option<Vec<Pair>> {
    manifest.settle(settings).ok()
}
