//! Names to addresses that may be reached. The connection is made to these very
//! addresses, so a name cannot be resolved once more to another.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use patchboard_gateway::egress::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

/// Every address of a host is one that must not be reached.
#[derive(Debug)]
pub(crate) struct AddressRefused {
    host: String,
}

/// A host that is an address is not resolved, so it is checked here.
pub(crate) fn literal(url: &Url, reach: Reach) -> Result<(), AddressRefused> {
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        _ => return Ok(()),
    };
    if reach.allows(address) { Ok(()) } else { Err(AddressRefused { host: address.to_string() }) }
}

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no address that may be reached: private, loopback and link-local addresses are refused", self.host)
    }
}

impl std::error::Error for AddressRefused {}

/// The system's resolver, behind the egress policy.
pub(super) struct CheckedResolver {
    pub(super) reach: Reach,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = lookup_host((host.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(AddressRefused { host }.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
