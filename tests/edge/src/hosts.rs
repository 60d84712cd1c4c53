//! `allowed_outbound_hosts`: where a component may send requests.

use http::Uri;
use thiserror::Error;
use url::{Host, Url};

use crate::variables::{VariableError, Variables};

/// What hosts of components end with, for requests inside the app.
const CHAINING: &str = "spin.internal";

/// Why an entry of `allowed_outbound_hosts` is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HostError {
    /// Its template.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// Its form.
    #[error("{entry:?} is no allowed outbound host: {why}")]
    Form {
        /// The entry, its template filled.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A component that is not there or has no trigger.
    #[error("{0:?} names no component that could answer")]
    NoComponent(String),
}

/// Every entry of a component.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowedHosts(Vec<Allowed>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Allowed {
    scheme: Option<String>,
    host: HostRule,
    ports: Ports,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostRule {
    Any,
    Below(String),
    One(Host),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ports {
    Any,
    One(u16),
    Range(std::ops::Range<u16>),
}

impl AllowedHosts {
    /// Reads the entries. `components` can be called inside the app.
    pub(crate) fn parse(entries: &[String], variables: &Variables, components: &[String]) -> Result<Self, HostError> {
        let mut all = Vec::new();
        for entry in entries {
            let filled = variables.fill(entry)?;
            let allowed = Allowed::parse(&filled)?;
            match &allowed.host {
                HostRule::Below(domain) if domain == CHAINING => all.extend(components.iter().map(|id| allowed.of_component(id))),
                HostRule::One(Host::Domain(domain)) if target(domain).is_some_and(|id| !components.iter().any(|known| known == id)) => {
                    return Err(HostError::NoComponent(filled));
                }
                _ => all.push(allowed),
            }
        }
        Ok(Self(all))
    }

    /// Whether a request may go to an address.
    pub(crate) fn allow(&self, uri: &Uri) -> bool {
        let Ok(url) = Url::parse(&uri.to_string()) else { return false };
        self.0.iter().any(|allowed| allowed.allows(&url))
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self, HostError> {
        let wrong = |why| HostError::Form { entry: entry.to_owned(), why };
        let (scheme, rest) = entry.trim().split_once("://").ok_or_else(|| wrong("it has no scheme"))?;
        if scheme != "*" && (scheme.is_empty() || !scheme.chars().all(char::is_alphabetic)) {
            return Err(wrong("its scheme must be letters or *"));
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('/') {
            return Err(wrong("it has a path, or is a network, which is not supported here"));
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (rest, ""),
        };
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: HostRule::parse(host).map_err(wrong)?,
            ports: Ports::parse(port, scheme).ok_or_else(|| wrong("its port must be a number, a range or *, or the scheme's own"))?,
        })
    }

    fn of_component(&self, id: &str) -> Self {
        Self { host: HostRule::One(Host::Domain(format!("{id}.{CHAINING}"))), ..self.clone() }
    }

    fn allows(&self, url: &Url) -> bool {
        let scheme = self.scheme.as_deref().is_none_or(|scheme| scheme == url.scheme());
        let host = match (&self.host, url.host()) {
            (_, None) => false,
            (HostRule::Any, _) => true,
            (HostRule::Below(domain), Some(Host::Domain(host))) => host.strip_suffix(domain.as_str()).is_some_and(|sub| sub.ends_with('.')),
            (HostRule::Below(_), _) => false,
            (HostRule::One(one), Some(host)) => *one == host.to_owned(),
        };
        let port = match (&self.ports, url.port_or_known_default()) {
            (Ports::Any, _) => true,
            (Ports::One(one), Some(port)) => *one == port,
            (Ports::Range(range), Some(port)) => range.contains(&port),
            (_, None) => false,
        };
        scheme && host && port
    }
}

impl HostRule {
    fn parse(host: &str) -> Result<Self, &'static str> {
        if host == "*" {
            return Ok(Self::Any);
        }
        if matches!(host, "self" | "self.alt") {
            return Err("requests of a component to its own app are not supported here");
        }
        let (below, name) = host.strip_prefix("*.").map_or((false, host), |domain| (true, domain));
        if name.contains('*') {
            return Err("a wildcard stands for the port, the host, or what is below a domain");
        }
        match Host::parse(name) {
            Ok(Host::Domain(domain)) if below => Ok(Self::Below(domain)),
            Ok(host) if !below => Ok(Self::One(host)),
            _ => Err("its host is none"),
        }
    }
}

impl Ports {
    fn parse(port: &str, scheme: &str) -> Option<Self> {
        match (port, scheme) {
            ("*", _) => Some(Self::Any),
            ("", "http") => Some(Self::One(80)),
            ("", "https") => Some(Self::One(443)),
            ("", _) => None,
            _ => match port.split_once("..") {
                Some((first, end)) => Some(Self::Range(first.parse().ok()?..end.parse().ok()?)),
                None => port.parse().ok().map(Self::One),
            },
        }
    }
}

/// The component that a host inside the app names.
pub(crate) fn target(host: &str) -> Option<&str> {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.split_once('.').filter(|(_, rest)| *rest == CHAINING).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(entries: &[&str]) -> AllowedHosts {
        let entries: Vec<String> = entries.iter().map(|&entry| entry.to_owned()).collect();
        AllowedHosts::parse(&entries, &Variables::default(), &["router".to_owned(), "p-wrike".to_owned()]).unwrap()
    }

    #[test]
    fn a_request_goes_where_an_entry_allows_it() {
        for (entry, url, goes) in [
            ("https://a.example", "https://a.example/x?y", true),
            ("https://a.example", "https://a.example:443/", true),
            ("https://a.example", "https://a.example:444/", false),
            ("https://a.example", "http://a.example/", false),
            ("https://a.example", "https://b.a.example/", false),
            ("https://*.a.example", "https://b.a.example/", true),
            ("https://*.a.example", "https://c.b.a.example/", true),
            ("https://*.a.example", "https://a.example/", false),
            ("https://*.a.example", "https://nota.example/", false),
            ("http://127.0.0.1:9100", "http://127.0.0.1:9100/", true),
            ("http://127.0.0.1:9100", "http://127.0.0.1:9101/", false),
            ("http://127.0.0.1:9100", "http://localhost:9100/", false),
            ("http://127.0.0.1:*", "http://127.0.0.1:1/", true),
            ("http://127.0.0.1:10..12", "http://127.0.0.1:11/", true),
            ("http://127.0.0.1:10..12", "http://127.0.0.1:12/", false),
            ("http://[::1]:9", "http://[::1]:9/", true),
            ("*://*:*", "https://anything.example:1/", true),
            ("http://*.spin.internal", "http://p-wrike.spin.internal/", true),
            ("http://*.spin.internal", "http://p-other.spin.internal/", false),
            ("http://p-wrike.spin.internal", "http://router.spin.internal/", false),
        ] {
            assert_eq!(allowed(&[entry]).allow(&url.parse().unwrap()), goes, "{entry} {url}");
        }
        assert!(!allowed(&[]).allow(&"https://a.example/".parse().unwrap()));
    }

    #[test]
    fn an_entry_that_means_nothing_is_refused() {
        for entry in
            ["", "*", "a.example", "https://", "https://a.example/x", "ftp://a", "https://a.*.b", "h1://a:1", "http://a:b", "http://self"]
        {
            assert!(Allowed::parse(entry).is_err(), "{entry}");
        }
        let unknown = AllowedHosts::parse(&["http://p-x.spin.internal".to_owned()], &Variables::default(), &[]).unwrap_err();
        assert_eq!(unknown, HostError::NoComponent("http://p-x.spin.internal".to_owned()));
    }
}
