//! The operator's login at a registry: from the environment, or from where `docker login`
//! keeps it. There is no flag for it, because flags are seen by everybody on a machine.

use std::env;
use std::path::{Path, PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential};
use secrecy::SecretString;

use super::OciError;

const REGISTRY: &str = "PATCHBOARD_REGISTRY";
const USERNAME: &str = "PATCHBOARD_REGISTRY_USERNAME";
const PASSWORD: &str = "PATCHBOARD_REGISTRY_PASSWORD";
/// The variables; they are not part of the configuration.
pub const VARIABLES: [&str; 3] = [REGISTRY, USERNAME, PASSWORD];
/// The name that Docker keeps the login at Docker Hub under.
const DOCKER_HUB: (&str, &str) = ("docker.io", "https://index.docker.io/v1/");

/// A login.
#[derive(Debug)]
pub(super) enum Credential {
    /// A name and a password, or a token in place of it.
    Password {
        /// The name.
        username: String,
        /// The secret.
        password: SecretString,
    },
    /// A token that is changed for shorter ones.
    Identity(SecretString),
}

/// The login at one registry, if there is one.
pub(super) fn find(registry: &str) -> Result<Option<Credential>, OciError> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    match from_variables(registry, variable)? {
        Some(credential) => Ok(Some(credential)),
        None => from_docker(registry),
    }
}

fn from_variables(registry: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Credential>, OciError> {
    match (variable(REGISTRY), variable(USERNAME), variable(PASSWORD)) {
        // A login is for one registry; whichever else is asked does not get it.
        (Some(named), Some(username), Some(password)) if named == registry => {
            Ok(Some(Credential::Password { username, password: password.into() }))
        }
        (Some(_), Some(_), Some(_)) | (_, None, None) => Ok(None),
        _ => {
            let why = format!("{REGISTRY}, {USERNAME} and {PASSWORD} belong together, and one of them is missing");
            Err(OciError::Credentials { registry: registry.to_owned(), why })
        }
    }
}

fn from_docker(registry: &str) -> Result<Option<Credential>, OciError> {
    let Some(file) = docker_file().filter(|file| file.is_file()) else { return Ok(None) };
    let server = if registry == DOCKER_HUB.0 { DOCKER_HUB.1 } else { registry };
    match docker_credential::get_credential(server) {
        Ok(DockerCredential::UsernamePassword(username, password)) => {
            Ok(Some(Credential::Password { username, password: password.into() }))
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Credential::Identity(token.into()))),
        Err(error) => unusable(registry, &file, &error),
    }
}

fn docker_file() -> Option<PathBuf> {
    let folder = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

/// What a helper printed may be the secret, so it is not passed on.
fn unusable(registry: &str, file: &Path, error: &CredentialRetrievalError) -> Result<Option<Credential>, OciError> {
    let why = match error {
        CredentialRetrievalError::NoCredentialConfigured | CredentialRetrievalError::ConfigNotFound => return Ok(None),
        // What every helper says when it has nothing for a registry.
        CredentialRetrievalError::HelperFailure { stdout, .. } if stdout.contains("credentials not found") => return Ok(None),
        CredentialRetrievalError::HelperFailure { helper, .. } => format!("the helper {helper:?} that {} names has failed", file.display()),
        CredentialRetrievalError::HelperCommunicationError | CredentialRetrievalError::MalformedHelperResponse => {
            format!("the helper that {} names cannot be run or answers nothing that can be read", file.display())
        }
        CredentialRetrievalError::CredentialDecodingError | CredentialRetrievalError::CredentialMismatchError => {
            format!("what {} holds for it cannot be read", file.display())
        }
        CredentialRetrievalError::ConfigReadError => format!("{} cannot be read", file.display()),
    };
    Err(OciError::Credentials { registry: registry.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(registry: &str, set: &[(&str, &str)]) -> Result<Option<Credential>, OciError> {
        from_variables(registry, |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_login_from_the_environment_is_for_one_registry_only() {
        let set = [(REGISTRY, "ghcr.io"), (USERNAME, "me"), (PASSWORD, "s3cret")];
        assert!(matches!(found("ghcr.io", &set), Ok(Some(Credential::Password { username, .. })) if username == "me"));
        assert!(matches!(found("evil.example", &set), Ok(None)));
        assert!(matches!(found("ghcr.io", &[]), Ok(None)));
    }

    #[test]
    fn half_a_login_is_an_error_that_names_what_is_missing_and_no_secret() {
        for set in [&[(USERNAME, "me"), (PASSWORD, "s3cret")][..], &[(REGISTRY, "ghcr.io"), (PASSWORD, "s3cret")]] {
            let error = found("ghcr.io", set).unwrap_err().to_string();
            assert!(error.contains(REGISTRY) && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn what_a_credential_helper_printed_is_not_passed_on() {
        let (stdout, stderr) = ("s3cret".to_owned(), "s3cret".to_owned());
        let error = CredentialRetrievalError::HelperFailure { helper: "pass".to_owned(), stdout, stderr };
        let said = unusable("ghcr.io", Path::new("/c.json"), &error).unwrap_err().to_string();
        assert!(said.contains("pass") && !said.contains("s3cret"), "{said}");
    }
}
