//! Plugins in OCI registries, the place where container images are kept, too.
//!
//! A registry is a stranger: it may lie about what it holds, answer without end, point
//! elsewhere, or break off. So nothing it sends is used before its digest is known to be
//! the one that was asked for, every answer has a size that it may not exceed, and a
//! credential goes to the registry that it is for, and to the service of tokens that this
//! registry names, but not to where it keeps its blobs.
//!
//! The layout of an artifact is the one of the CNCF's TAG Runtime for WebAssembly
//! (<https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>), the layout of
//! a signature cosign's (<https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>).

mod artifact;
mod client;
mod credentials;
mod error;
mod fetch;
mod keys;
mod publish;
mod reference;
mod seal;
mod signature;
#[cfg(test)]
mod strangers;
mod token;
mod transport;

pub use artifact::{Layout, Packed};
pub use client::{Access, Client};
pub use credentials::VARIABLES as CREDENTIAL_VARIABLES;
pub use error::OciError;
pub use fetch::{Fetched, Resolved};
pub use keys::{PublicKey, SigningKey};
pub use publish::{Published, publish, sign};
pub use reference::{Reference, tag_of};
pub use signature::{Signature, Signer};
