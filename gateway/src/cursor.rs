//! Cursors of lists. A plugin's cursor says where its provider's next page begins; what
//! the caller gets is the same text under a seal, bound to the account and the resource,
//! so that no caller can make a plugin ask for something else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a seal: enough that none can be guessed.
const SEAL: usize = 16;

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Cursors {
    key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors")
    }
}

impl Cursors {
    /// Homes that share a key open each other's cursors.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { key: Zeroizing::new(key.to_vec()) }
    }

    /// The caller's form of a plugin's cursor.
    #[must_use]
    pub fn seal(&self, native: &str, bound_to: &str) -> String {
        let seal = self.mac(native, bound_to).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
        let seal = seal.get(..SEAL).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([seal, native.as_bytes()].concat())
    }

    /// The plugin's cursor; none for one that was changed, or is of another list.
    #[must_use]
    pub fn open(&self, sealed: &str, bound_to: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (seal, native) = bytes.split_at_checked(SEAL)?;
        let native = std::str::from_utf8(native).ok()?;
        self.mac(native, bound_to)?.verify_truncated_left(seal).ok()?;
        Some(native.to_owned())
    }

    fn mac(&self, native: &str, bound_to: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(b"patchboard cursor\0");
        mac.update(bound_to.as_bytes());
        mac.update(&[0]);
        mac.update(native.as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_own_list_only_and_unchanged() {
        let cursors = Cursors::new(b"key");
        let sealed = cursors.seal("page=2&size=100", "a/ticketing/workspaces");
        assert_eq!(cursors.open(&sealed, "a/ticketing/workspaces").as_deref(), Some("page=2&size=100"));
        assert_eq!(cursors.open(&sealed, "b/ticketing/workspaces"), None);
        assert_eq!(Cursors::new(b"other").open(&sealed, "a/ticketing/workspaces"), None);
        for wrong in ["", "x", "!!", sealed.get(1..).unwrap(), &format!("{sealed}AA"), &sealed.replace('A', "B")] {
            assert!(wrong == sealed || cursors.open(wrong, "a/ticketing/workspaces").is_none(), "{wrong}");
        }
    }
}
