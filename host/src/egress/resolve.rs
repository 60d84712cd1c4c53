//! Names to addresses that may be reached. The connection is made to these very
//! addresses, so a name cannot be resolved once more to another.

use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::vec;

use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use patchboard_gateway::egress::{AddressRefused, Reach};
use tokio::net::lookup_host;
use tower::{BoxError, Service};

/// A name that no resolver knows.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} has no address")]
pub(super) struct NoAddress(pub(super) String);

/// The addresses of a host that may be reached.
///
/// # Errors
/// [`NoAddress`], [`AddressRefused`].
async fn addresses(host: &str, reach: Reach) -> Result<vec::IntoIter<SocketAddr>, BoxError> {
    let Ok(found) = lookup_host((host, 0)).await else { return Err(NoAddress(host.to_owned()).into()) };
    let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
    if allowed.is_empty() {
        return Err(AddressRefused(host.to_owned()).into());
    }
    Ok(allowed.into_iter())
}

/// The system's resolver, behind the egress policy.
#[derive(Clone)]
pub(super) struct CheckedResolver {
    pub(super) reach: Reach,
}

impl Service<Name> for CheckedResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move { addresses(name.as_str(), reach).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(name: &str, reach: Reach) -> Result<Vec<SocketAddr>, String> {
        let resolved = addresses(name, reach).await;
        resolved.map(Iterator::collect).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_after_it_was_resolved() {
        let refused = "localhost has no address that may be reached: private, loopback and link-local addresses are refused";
        assert_eq!(found("localhost", Reach::Public).await, Err(refused.to_owned()));
        let consented = found("localhost", Reach::Consented).await.unwrap();
        assert!(!consented.is_empty() && consented.iter().all(|address| address.ip().is_loopback()));
    }

    #[tokio::test]
    async fn other_spellings_of_an_address_are_no_way_around_the_check() {
        for name in ["127.1", "0x7f000001", "2130706433", "017700000001"] {
            let found = found(name, Reach::Public).await;
            assert!(found.is_err(), "{name}: {found:?}");
        }
        for name in ["169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376"] {
            let found = found(name, Reach::Consented).await;
            assert!(found.is_err(), "{name}: {found:?}");
        }
    }
}
