//! Which hosts and addresses may be reached.
//!
//! A host must be one that the plugin declared and the operator has not taken away. A
//! `base_url` of an account's own counts only where the operator has consented to
//! exactly that origin. Names are resolved by the home; every address is checked here
//! and the connection goes to the very address that was checked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::manifest::HostPattern;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no origin; write scheme, host and port, such as http://127.0.0.1:9100")]
pub struct NoOrigin(String);

impl Origin {
    /// The origin of a URL.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// As a text: `http://127.0.0.1:9100`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let refuse = || NoOrigin(text.to_owned());
        let url = Url::parse(text).map_err(|_| refuse())?;
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let http = matches!(url.scheme(), "http" | "https");
        if bare && http { Ok(Self::of(&url)) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for Origin {
    type Error = NoOrigin;

    fn try_from(text: String) -> Result<Self, NoOrigin> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

/// What the operator allows.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    /// Only these of the hosts that plugins declare; all of them where it is none.
    pub allow_hosts: Option<Vec<HostPattern>>,
    /// Origins that an account's `base_url` may have.
    pub allow_upstreams: Vec<Origin>,
}

impl EgressPolicy {
    /// Whether the operator leaves a declared host in.
    #[must_use]
    pub fn allows_host(&self, host: &str) -> bool {
        self.allow_hosts.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(host)))
    }

    /// Whether the operator has consented to an origin.
    #[must_use]
    pub fn consents(&self, origin: &Origin) -> bool {
        self.allow_upstreams.contains(origin)
    }
}

/// Which addresses a request may connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Public addresses only.
    Public,
    /// Private and loopback addresses too: the operator has consented to the origin.
    Consented,
}

/// Every address of a host is one that must not be reached.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0} has no address that may be reached: private, loopback and link-local addresses are refused")]
pub struct AddressRefused(pub String);

impl Reach {
    /// Checks a host that is an address, which no resolver sees.
    ///
    /// # Errors
    /// [`AddressRefused`].
    pub fn check_literal(self, url: &Url) -> Result<(), AddressRefused> {
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => address.into(),
            Some(url::Host::Ipv6(address)) => address.into(),
            _ => return Ok(()),
        };
        if self.allows(address) { Ok(()) } else { Err(AddressRefused(IpAddr::to_string(&address))) }
    }

    /// Whether an address may be connected to. Link-local addresses hold the metadata
    /// services of clouds and are never reached.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        let address = unwrap(address);
        let within = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
        !within(&*NEVER) && (self == Self::Consented || !within(&*PRIVATE))
    }
}

/// The IPv4 address that an IPv6 address stands for, if it stands for one.
fn unwrap(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    match v6.octets() {
        // Unspecified and loopback look IPv4-compatible and are not.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        // Mapped, compatible, NAT64 and 6to4.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]
        | [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]
        | [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]
        | [0x20, 0x02, a, b, c, d, ..] => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        _ => address,
    }
}

fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix))
}

fn v6(first: u16, second: u16, prefix: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix))
}

/// Unspecified, link-local (metadata services among them), multicast, broadcast.
static NEVER: LazyLock<[IpNet; 9]> = LazyLock::new(|| {
    [
        v4(0, 0, 0, 0, 8),
        v4(169, 254, 0, 0, 16),
        v4(224, 0, 0, 0, 4),
        v4(240, 0, 0, 0, 4),
        v4(168, 63, 129, 16, 32),
        v6(0, 0, 128),
        v6(0xfe80, 0, 10),
        v6(0xff00, 0, 8),
        // The metadata service of one cloud has a unique local address of its own.
        IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128)),
    ]
});

/// Special-purpose addresses that are not on the public internet (RFC 6890).
static PRIVATE: LazyLock<[IpNet; 15]> = LazyLock::new(|| {
    [
        v4(10, 0, 0, 0, 8),
        v4(100, 64, 0, 0, 10),
        v4(127, 0, 0, 0, 8),
        v4(172, 16, 0, 0, 12),
        v4(192, 0, 0, 0, 24),
        v4(192, 0, 2, 0, 24),
        v4(192, 168, 0, 0, 16),
        v4(198, 18, 0, 0, 15),
        v4(198, 51, 100, 0, 24),
        v4(203, 0, 113, 0, 24),
        IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
        v6(0xfc00, 0, 7),
        v6(0xfec0, 0, 10),
        v6(0x2001, 0xdb8, 32),
        // Local-use NAT64 translates to addresses that cannot be known here.
        v6(0x64, 0xff9b, 32),
    ]
});

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(address: &str) -> (bool, bool) {
        let address: IpAddr = address.parse().unwrap();
        (Reach::Public.allows(address), Reach::Consented.allows(address))
    }

    #[test]
    fn public_addresses_are_reached_and_private_ones_by_consent() {
        for address in ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "2002:5db8:d822::1"] {
            assert_eq!(reach(address), (true, true), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "64:ff9b:1::1",
        ] {
            assert_eq!(reach(address), (false, true), "{address}");
        }
    }

    #[test]
    fn link_local_and_metadata_addresses_are_never_reached() {
        for address in [
            "0.0.0.0",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "fe80::1",
            "fd00:ec2::254",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "168.63.129.16",
        ] {
            assert_eq!(reach(address), (false, false), "{address}");
        }
    }

    #[test]
    fn consent_is_to_exactly_one_origin() {
        let policy = EgressPolicy { allow_hosts: None, allow_upstreams: vec!["http://127.0.0.1:9100".parse().unwrap()] };
        for (url, consented) in [
            ("http://127.0.0.1:9100/wrike/api/v4", true),
            ("http://127.0.0.1:9101/", false),
            ("https://127.0.0.1:9100/", false),
            ("http://localhost:9100/", false),
            ("http://127.0.0.1:9100@evil.example/", false),
        ] {
            assert_eq!(policy.consents(&Origin::of(&Url::parse(url).unwrap())), consented, "{url}");
        }
        assert_eq!("https://a.example/".parse::<Origin>().unwrap(), "https://A.example:443".parse().unwrap());
        for text in ["a.example", "http://a.example/x", "ftp://a.example", "http://u@a.example", "*"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_operator_can_take_hosts_away() {
        let policy = EgressPolicy { allow_hosts: Some(vec![HostPattern::from("*.wrike.com".to_owned())]), allow_upstreams: vec![] };
        assert!(policy.allows_host("www.wrike.com"));
        assert!(!policy.allows_host("graph.microsoft.com"));
        assert!(EgressPolicy::default().allows_host("graph.microsoft.com"));
    }
}
