//! Private keys that `cosign generate-key-pair` writes: sealed with a password, by scrypt
//! and NaCl's secretbox, in the form of
//! <https://github.com/theupdateframework/go-tuf/blob/v0.5.2/encrypted/encrypted.go>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::aead::{Aead as _, KeyInit as _};
use crypto_secretbox::{Key, Nonce, XSalsa20Poly1305};
use serde::Deserialize;
use zeroize::Zeroizing;

/// What the file is called inside, in either age of cosign.
pub(super) const LABELS: [&str; 2] = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];
/// The parameters that cosign has used. Others could take hours or all memory.
const LOG_N: [(u32, u8); 2] = [(1 << 15, 15), (1 << 16, 16)];
const R: u32 = 8;
const P: u32 = 1;

#[derive(Deserialize)]
struct Sealed {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Kdf {
    name: String,
    params: Params,
    salt: String,
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "N")]
    n: u32,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// The PKCS #8 document inside.
pub(super) fn open(sealed: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let sealed: Sealed = serde_json::from_slice(sealed).map_err(|_| "it is sealed in a form that is not known here")?;
    let log_n = LOG_N.iter().find(|(n, _)| *n == sealed.kdf.params.n).map(|(_, log)| *log);
    let known =
        sealed.kdf.name == "scrypt" && sealed.cipher.name == "nacl/secretbox" && (sealed.kdf.params.r, sealed.kdf.params.p) == (R, P);
    let (Some(log_n), true) = (log_n, known) else { return Err("it is sealed with parameters that cosign does not use") };
    let params = scrypt::Params::new(log_n, R, P).map_err(|_| "it is sealed with parameters that cosign does not use")?;
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| "it holds no base64");
    let mut key = Zeroizing::new(Key::default());
    scrypt::scrypt(password, &decode(&sealed.kdf.salt)?, &params, &mut key).map_err(|_| "no key can be made from the password")?;
    let nonce: [u8; 24] = decode(&sealed.cipher.nonce)?.try_into().map_err(|_| "its nonce has not 24 bytes")?;
    let opened = XSalsa20Poly1305::new(&key).decrypt(&Nonce::from(nonce), &*decode(&sealed.ciphertext)?);
    opened.map(Zeroizing::new).map_err(|_| "the password in COSIGN_PASSWORD does not open it")
}
