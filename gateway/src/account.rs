//! The connected account that a request is made for.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::problem::{Code, Problem};

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// The connection is being made.
    Connecting,
    /// In use.
    Active,
    /// The provider has refused the credential.
    NeedsReauth,
    /// The settings or the credential did not pass validation.
    ValidationError,
    /// The steps after the connection failed.
    PostInstallError,
}

impl AccountStatus {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Connecting, "connecting"),
        (Self::Active, "active"),
        (Self::NeedsReauth, "needs_reauth"),
        (Self::ValidationError, "validation_error"),
        (Self::PostInstallError, "post_install_error"),
    ];

    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(status, _)| *status == self).map_or("active", |(_, name)| name)
    }

    fn refusal(self) -> Option<(Code, &'static str)> {
        match self {
            Self::Active => None,
            Self::Connecting => Some((Code::AccountConnecting, "the account is still being connected")),
            Self::NeedsReauth => {
                Some((Code::AccountNeedsReauth, "the provider has refused the account's credential; update the account with a new one"))
            }
            Self::ValidationError => Some((Code::AccountValidationError, "the account did not pass its validation; update it")),
            Self::PostInstallError => Some((Code::AccountPostInstallError, "the account's set-up did not complete; update it")),
        }
    }
}

/// A status name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no account status is called {0:?}")]
pub struct UnknownStatus(String);

impl FromStr for AccountStatus {
    type Err = UnknownStatus;

    fn from_str(name: &str) -> Result<Self, UnknownStatus> {
        let found = Self::NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(status, _)| *status).ok_or_else(|| UnknownStatus(name.to_owned()))
    }
}

/// The secrets of an account by name, for example `access_token`. They leave it
/// only into the outbound request.
#[derive(Clone, Default)]
pub struct Credential(BTreeMap<String, SecretString>);

impl Credential {
    /// A credential of named secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = (String, SecretString)>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// Whether a secret of that name was given. It may be empty.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names, without the secrets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn secret(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|secret| secret.expose_secret())
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|secret| secret.expose_secret())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// The current time, as records and the wire write it.
#[must_use]
pub fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}

/// An integrated account, as far as the engine needs it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The id that callers name it by.
    pub id: String,
    /// The provider's name, which is its plugin's name.
    pub provider: String,
    /// Whether it can be used.
    pub status: AccountStatus,
    /// The settings as they were given, `base_url` among them.
    pub settings: BTreeMap<String, String>,
    /// The secrets.
    pub credential: Credential,
}

impl Account {
    /// Refuses an account that cannot be used.
    ///
    /// # Errors
    /// 422 with a code that names the status. Not 409, which stock clients repeat.
    pub fn require_active(&self) -> Result<(), Problem> {
        match self.status.refusal() {
            None => Ok(()),
            Some((code, detail)) => Err(Problem::new(code, detail)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_back_from_its_name() {
        for (status, name) in AccountStatus::NAMES {
            assert_eq!(status.as_str(), name);
            assert_eq!(name.parse(), Ok(status));
        }
        assert!("broken".parse::<AccountStatus>().is_err());
    }

    #[test]
    fn a_credential_shows_its_names_and_never_its_secrets() {
        let credential = Credential::new([("access_token".to_owned(), SecretString::from("s3cret"))]);
        assert_eq!(format!("{credential:?}"), r#"{"access_token"}"#);
    }
}
