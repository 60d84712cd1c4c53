//! What an account gives a request: its settings, where its provider is, and its
//! credential, prepared once and used for many requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::account::{Account, Credential};
use crate::contract::{FieldError, Pair};
use crate::egress::{EgressPolicy, Origin, Reach};
use crate::manifest::{BASE_URL, Manifest, Scheme, Template, base_url};
use crate::problem::{Code, Problem};
use crate::redact::Redactor;

/// An account, ready for use.
#[derive(Debug, Clone)]
pub struct Access {
    /// The settings as the plugin sees them.
    pub settings: Vec<Pair>,
    /// Finds the account's secrets.
    pub redactor: Redactor,
    pub(crate) base: Base,
    pub(crate) proof: Proof,
    pub(crate) account_id: String,
    /// Of everything that an answer of the provider's may depend on.
    pub(crate) fingerprint: [u8; 32],
}

/// Where the provider is.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Without a trailing slash in its path.
    pub(crate) url: Url,
    pub(crate) reach: Reach,
}

/// How a request proves whose it is.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    Header(HeaderName, HeaderValue),
    Query(String, SecretString),
}

impl Access {
    /// Prepares an account.
    ///
    /// # Errors
    /// 422 `account_incomplete` for settings or secrets that are missing or not taken,
    /// `upstream_not_allowed` for a place the operator has not consented to.
    pub fn prepare(account: &Account, manifest: &Manifest, policy: &EgressPolicy) -> Result<Self, Problem> {
        let settings = manifest.settle(&account.settings).map_err(|faults| {
            let errors = faults.iter().map(|f| FieldError { path: format!("/settings/{}", f.name()), message: f.to_string() }).collect();
            let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Problem::new(Code::AccountIncomplete, format!("the account cannot be used: {}", all.join("; "))).with_errors(errors)
        })?;
        let base = base(account, manifest, policy, &settings)?;
        let proof = proof(&account.credential, manifest)?;
        let combined = match &proof {
            Proof::Header(name, value) if *name == AUTHORIZATION => {
                value.to_str().ok().and_then(|v| v.split_once(' ')).map(|(_, v)| v.to_owned())
            }
            _ => None,
        };
        let redactor = Redactor::new(account.credential.secrets().chain(combined.as_deref()));
        let fingerprint = fingerprint(account);
        Ok(Self { settings, redactor, base, proof, account_id: account.id.clone(), fingerprint })
    }

    /// The header that carries the credential, if a header does.
    pub(crate) fn proof_header(&self) -> Option<&HeaderName> {
        match &self.proof {
            Proof::Header(name, _) => Some(name),
            Proof::Query(..) => None,
        }
    }
}

fn fingerprint(account: &Account) -> [u8; 32] {
    let mut hash = Sha256::new();
    let names = account.settings.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    for text in [account.id.as_str(), account.provider.as_str()].into_iter().chain(names).chain(account.credential.secrets()) {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// Whether a credential fits one of the plugin's schemes.
///
/// # Errors
/// The secrets that each scheme needs, for a person.
pub fn fits(credential: &Credential, manifest: &Manifest) -> Result<(), String> {
    let fits = |scheme: &Scheme| scheme.secrets().iter().all(|name| credential.has(name)) && !lacks(scheme, credential);
    if manifest.authentication.iter().any(fits) {
        return Ok(());
    }
    let choices: Vec<String> = manifest.authentication.iter().map(|scheme| scheme.secrets().join(" and ")).collect();
    Err(format!("the credential needs {}", choices.join(", or ")))
}

/// Whether a secret that proves something by itself is empty. A password may be.
fn lacks(scheme: &Scheme, credential: &Credential) -> bool {
    scheme.secrets().first().is_some_and(|name| credential.secret(name).unwrap_or_default().is_empty())
}

fn base(account: &Account, manifest: &Manifest, policy: &EgressPolicy, settings: &[Pair]) -> Result<Base, Problem> {
    match account.settings.get(BASE_URL) {
        Some(text) => consented(text, manifest, policy, settings),
        None => declared(manifest, policy, settings),
    }
}

/// The account's own base URL. The path of the manifest's stays, unless it has one.
fn consented(text: &str, manifest: &Manifest, policy: &EgressPolicy, settings: &[Pair]) -> Result<Base, Problem> {
    let mut url = base_url(text).map_err(|why| incomplete(format!("the setting base_url {why}")))?;
    let origin = Origin::of(&url);
    if !policy.consents(&origin) {
        let origin = origin.as_str();
        return Err(Problem::new(
            Code::UpstreamNotAllowed,
            format!(
                "the account's base_url points to {origin}, which the operator has not allowed: --allow-upstream {origin}, at the edge the variable extra_upstream, allows it"
            ),
        ));
    }
    if matches!(url.path(), "" | "/") {
        let path = chosen(manifest, settings)?.path();
        let path = Template::try_from(path).and_then(|path| path.fill(settings)).map_err(|e| incomplete(e.to_string()))?;
        url.set_path(&path);
    }
    Ok(Base { url: trimmed(url), reach: Reach::Consented })
}

/// The manifest's base URL, at a host that the plugin declared and the operator left in.
fn declared(manifest: &Manifest, policy: &EgressPolicy, settings: &[Pair]) -> Result<Base, Problem> {
    let text = chosen(manifest, settings)?.fill(settings).map_err(|e| incomplete(e.to_string()))?;
    let url = base_url(&text).map_err(|why| incomplete(format!("the base URL {text:?} {why}")))?;
    let host = url.host_str().unwrap_or_default();
    if url.scheme() != "https" || !manifest.hosts.iter().any(|pattern| pattern.matches(host)) {
        return Err(Problem::new(Code::UpstreamNotAllowed, format!("the plugin did not declare the host {host}")));
    }
    if !policy.allows_host(host) {
        return Err(Problem::new(
            Code::UpstreamNotAllowed,
            format!("the operator does not allow the host {host}; see egress.allow_hosts in the configuration"),
        ));
    }
    Ok(Base { url: trimmed(url), reach: Reach::Public })
}

fn chosen<'m>(manifest: &'m Manifest, settings: &[Pair]) -> Result<&'m Template, Problem> {
    manifest.base_url.of(settings).map_err(|setting| incomplete(format!("the setting {setting:?} chooses no base URL")))
}

fn trimmed(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

fn proof(credential: &Credential, manifest: &Manifest) -> Result<Proof, Problem> {
    fits(credential, manifest).map_err(incomplete)?;
    let secret = |name: &str| credential.secret(name).unwrap_or_default();
    let scheme = manifest.authentication.iter().find(|scheme| scheme.secrets().iter().all(|name| credential.has(name)));
    match scheme {
        Some(Scheme::Bearer { token }) => header(AUTHORIZATION.as_str(), &format!("Bearer {}", secret(token))),
        Some(Scheme::Basic { username, password }) => {
            let pair = format!("{}:{}", secret(username), secret(password));
            header(AUTHORIZATION.as_str(), &format!("Basic {}", STANDARD.encode(pair)))
        }
        Some(Scheme::Header { name, value }) => header(name, secret(value)),
        Some(Scheme::Query { name, value }) => Ok(Proof::Query(name.clone(), SecretString::from(secret(value)))),
        None => Err(incomplete("the credential fits no scheme of the plugin".to_owned())),
    }
}

fn header(name: &str, value: &str) -> Result<Proof, Problem> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| incomplete(format!("{name:?} is no header")))?;
    let mut value =
        HeaderValue::from_str(value).map_err(|_| incomplete("the credential holds characters that no header may have".to_owned()))?;
    value.set_sensitive(true);
    Ok(Proof::Header(name, value))
}

fn incomplete(why: String) -> Problem {
    Problem::new(Code::AccountIncomplete, why)
}

/// For the request's URL, where the credential goes there.
pub(crate) fn expose(secret: &SecretString) -> &str {
    secret.expose_secret()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::account::AccountStatus;
    use crate::manifest::tests::example;

    fn prepare(settings: &[(&str, &str)], secrets: &[(&str, &str)]) -> Result<Access, Problem> {
        let manifest = Manifest::parse(&example().to_string()).unwrap();
        let settings: BTreeMap<_, _> = settings.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let credential = Credential::new(secrets.iter().map(|(n, v)| ((*n).to_owned(), SecretString::from(*v))));
        let account = Account { id: "a".into(), provider: "example".into(), status: AccountStatus::Active, settings, credential };
        let policy = EgressPolicy { allow_hosts: None, allow_upstreams: vec!["http://127.0.0.1:9100".parse().unwrap()] };
        Access::prepare(&account, &manifest, &policy)
    }

    fn base(settings: &[(&str, &str)]) -> Result<(String, Reach), &'static str> {
        let access = prepare(settings, &[("access_token", "t")]);
        access.map(|a| (a.base.url.to_string(), a.base.reach)).map_err(|p| p.code.slug())
    }

    #[test]
    fn the_manifests_base_url_is_filled_in() {
        assert_eq!(base(&[("pod", "eu"), ("org", "1")]), Ok(("https://eu.example.com/api".into(), Reach::Public)));
    }

    #[test]
    fn a_base_url_of_the_accounts_own_needs_consent_and_keeps_the_path() {
        for (given, expected) in [
            ("http://127.0.0.1:9100", "http://127.0.0.1:9100/api"),
            ("http://127.0.0.1:9100/", "http://127.0.0.1:9100/api"),
            ("http://127.0.0.1:9100/own/", "http://127.0.0.1:9100/own"),
        ] {
            assert_eq!(base(&[("org", "1"), ("base_url", given)]), Ok((expected.into(), Reach::Consented)));
        }
        assert_eq!(base(&[("org", "1"), ("base_url", "http://127.0.0.1:9101")]), Err("upstream_not_allowed"));
    }

    #[test]
    fn what_is_missing_is_said_by_name() {
        let problem = prepare(&[("pod", "eu")], &[("access_token", "t")]).unwrap_err();
        assert_eq!(
            (problem.status.as_u16(), problem.code, problem.errors[0].path.as_str()),
            (422, Code::AccountIncomplete, "/settings/org")
        );
        let problem = prepare(&[("pod", "eu"), ("org", "1")], &[("username", "u")]).unwrap_err();
        assert_eq!(problem.detail, "the credential needs access_token, or username and password");
    }

    #[test]
    fn the_first_scheme_that_fits_is_used_and_never_printed() {
        let access = prepare(&[("pod", "eu"), ("org", "1")], &[("username", "u"), ("password", "")]).unwrap();
        let Proof::Header(name, value) = &access.proof else { panic!("a header") };
        assert_eq!((name.as_str(), value.as_bytes()), ("authorization", &b"Basic dTo="[..]));
        assert!(!format!("{access:?}").contains("dTo="));
    }
}
