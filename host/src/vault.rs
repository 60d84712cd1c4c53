//! Secrets at rest: one key of this host, and what is sealed with it.
//! How it is sealed stands in [`patchboard_gateway::seal`].

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_gateway::Credential;
use patchboard_gateway::seal::{KEY_BYTES, NONCE_BYTES, SealError, Sealer};
use secrecy::SecretString;
use thiserror::Error;
use zeroize::Zeroizing;

/// The environment variable that holds the key where no file should: 32 bytes, base64.
pub const KEY_VARIABLE: &str = "PATCHBOARD_ENCRYPTION_KEY";
const KEY_FILE: &str = "key";

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The key file cannot be read or made.
    #[error("the key file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// Not 32 bytes of base64.
    #[error("{0} does not hold 32 bytes in base64")]
    NoKey(String),
    /// No randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// Sealed with another key, or changed.
    #[error(transparent)]
    Sealed(#[from] SealError),
}

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Vault {
    sealer: Sealer,
}

impl Vault {
    /// Takes the key from the environment, or from a file in the data folder, which is
    /// made with mode 0600 on the first start.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open(data_dir: &Path) -> Result<Self, VaultError> {
        if let Some(text) = env::var_os(KEY_VARIABLE) {
            return Self::decode(&text.to_string_lossy(), KEY_VARIABLE);
        }
        let path = data_dir.join(KEY_FILE);
        let failed = |source| VaultError::File { path: path.clone(), source };
        if !path.exists() {
            make_key(data_dir, &path)?;
        }
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(failed)?);
        Self::decode(&text, &path.display().to_string())
    }

    fn decode(text: &str, source: &str) -> Result<Self, VaultError> {
        Sealer::decode(text).map(|sealer| Self { sealer }).map_err(|_| VaultError::NoKey(source.to_owned()))
    }

    /// The key itself, for deriving seals of other things of this host.
    pub(crate) fn key(&self) -> &[u8] {
        self.sealer.key()
    }

    /// Seals a secret. `bound_to` must be given again to open it.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn seal(&self, secret: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
        Ok(self.sealer.seal(nonce()?, secret, bound_to)?)
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`VaultError::Sealed`].
    pub fn unseal(&self, sealed: &[u8], bound_to: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        Ok(self.sealer.unseal(sealed, bound_to)?)
    }

    /// Seals the credential of an account.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn seal_credential(&self, id: &str, provider: &str, credential: &BTreeMap<String, SecretString>) -> Result<Vec<u8>, VaultError> {
        Ok(self.sealer.seal_credential(nonce()?, id, provider, credential)?)
    }

    /// Opens the credential of an account.
    ///
    /// # Errors
    /// [`VaultError::Sealed`].
    pub fn unseal_credential(&self, id: &str, provider: &str, sealed: &[u8]) -> Result<Credential, VaultError> {
        Ok(self.sealer.unseal_credential(id, provider, sealed)?)
    }
}

fn nonce() -> Result<[u8; NONCE_BYTES], VaultError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
    Ok(nonce)
}

/// Writes a new key beside its place and links it in: it is there whole or not at all,
/// and of two hosts that start at once one wins.
fn make_key(data_dir: &Path, path: &Path) -> Result<(), VaultError> {
    let failed = |source| VaultError::File { path: path.to_owned(), source };
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut key[..]).map_err(VaultError::Random)?;
    let text = Zeroizing::new(STANDARD.encode(&key[..]));
    // A temporary file has mode 0600 from the start.
    let mut file = tempfile::NamedTempFile::new_in(data_dir).map_err(failed)?;
    writeln!(file, "{}", *text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_for_its_account_only() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path()).unwrap();
        let sealed = vault.seal(b"s3cret", "account-1").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
        assert_eq!(*vault.unseal(&sealed, "account-1").unwrap(), b"s3cret");
        assert!(vault.unseal(&sealed, "account-2").is_err());
        assert!(vault.unseal(&sealed[..10], "account-1").is_err());
        let other = Vault::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(other.unseal(&sealed, "account-1").is_err());
        assert!(Vault::open(folder.path()).unwrap().unseal(&sealed, "account-1").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Vault::open(folder.path()).unwrap();
        assert_eq!(fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_is_none_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(KEY_FILE), "short").unwrap();
        assert!(Vault::open(folder.path()).err().unwrap().to_string().ends_with("key does not hold 32 bytes in base64"));
    }
}
