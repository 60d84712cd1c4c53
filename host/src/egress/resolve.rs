//! Names to addresses that may be reached. The connection is made to these very
//! addresses, so a name cannot be resolved once more to another.

use std::net::SocketAddr;

use patchboard_gateway::egress::{AddressRefused, Reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// A name that no resolver knows.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} has no address")]
pub(super) struct NoAddress(pub(super) String);

/// The system's resolver, behind the egress policy.
pub(super) struct CheckedResolver {
    pub(super) reach: Reach,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let Ok(found) = lookup_host((host.as_str(), 0)).await else { return Err(NoAddress(host).into()) };
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(AddressRefused(host).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
