//! The head of a request.

use http::{HeaderMap, HeaderName, Method};
use patchboard_gateway::door;

/// What the headers that Spin adds to a request begin with.
const SPIN: &str = "spin-";

/// A request without its body.
#[derive(Debug, Clone)]
pub struct Head {
    /// HTTP method.
    pub method: Method,
    /// Path, still encoded.
    pub path: String,
    /// Query string, still encoded.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
}

impl Head {
    /// Reads a head as it came. A doubled slash at the beginning of the path is one, and
    /// Spin's own headers, or what pretends to be one, are nobody's business.
    #[must_use]
    pub fn new(method: Method, path_and_query: &str, headers: HeaderMap) -> Self {
        let mut headers = headers;
        let spins: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with(SPIN)).cloned().collect();
        for name in spins {
            headers.remove(name);
        }
        let whole = door::one_slash(path_and_query);
        let (path, query) = whole.split_once('?').unwrap_or((&whole, ""));
        Self { method, path: path.to_owned(), query: query.to_owned(), headers }
    }

    /// Path and query in one.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spins_headers_are_left_out() {
        let given = ["spin-client-addr", "spin-x", "spinning"].map(|name| (HeaderName::from_static(name), "1".parse().unwrap()));
        let head = Head::new(Method::GET, "/", HeaderMap::from_iter(given));
        assert_eq!(head.headers.keys().collect::<Vec<_>>(), ["spinning"]);
    }

    #[test]
    fn path_and_query_are_taken_apart_once() {
        let head = Head::new(Method::GET, "//unified/a?b=c?d", HeaderMap::new());
        assert_eq!((head.path.as_str(), head.query.as_str()), ("/unified/a", "b=c?d"));
        assert_eq!(head.path_and_query(), "/unified/a?b=c?d");
        assert_eq!(Head::new(Method::GET, "/ping", HeaderMap::new()).path_and_query(), "/ping");
    }
}
