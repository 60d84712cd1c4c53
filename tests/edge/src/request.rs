//! What a component sees of a request: Spin sets the scheme and the authority, and tells
//! the route in headers of its own.

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use thiserror::Error;

use crate::hosts::target;
use crate::routes::Matched;

/// Why a request gets no answer: Spin closes the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Unanswerable {
    /// HTTP/1.0, or a host that was taken away.
    #[error("no 'Host' header present in request")]
    NoHost,
    /// A host that is none.
    #[error("'Host' header contains an invalid authority")]
    BadHost,
    /// Two hosts.
    #[error("authority in 'Host' header does not match authority in URI")]
    TwoHosts,
}

/// A header that is not UTF-8: the component is not asked, and the caller gets a 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a header is not UTF-8")]
pub(crate) struct NotUtf8;

/// Takes away what a caller from outside must not say.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let inside = headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| target(host).is_some());
    if inside {
        headers.remove(HOST);
    }
    headers.remove(http::header::CONNECTION);
}

/// Completes the address.
pub(crate) fn locate<B>(request: &mut Request<B>) -> Result<(), Unanswerable> {
    let host = request.headers().get(HOST).map(|host| host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()));
    let host = host.map(|host| host.ok_or(Unanswerable::BadHost)).transpose()?;
    let authority = match (host, request.uri().authority().cloned()) {
        (None, None) => return Err(Unanswerable::NoHost),
        (Some(one), Some(other)) if one != other => return Err(Unanswerable::TwoHosts),
        (Some(one), _) | (None, Some(one)) => one,
    };
    let mut parts = request.uri().clone().into_parts();
    (parts.scheme, parts.authority) = (Some(Scheme::HTTP), Some(authority));
    parts.path_and_query = parts.path_and_query.or_else(|| "/".parse().ok());
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| Unanswerable::BadHost)?;
    Ok(())
}

/// Adds what Spin tells a component about its request.
pub(crate) fn tell<B>(request: &mut Request<B>, matched: &Matched, client: &str) -> Result<(), NotUtf8> {
    let text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).map(str::to_owned).map_err(|_| NotUtf8);
    let texts: Result<Vec<String>, NotUtf8> = request.headers().values().map(text).collect();
    texts?;
    let host = request.headers().get(HOST).map_or_else(|| Ok("localhost".to_owned()), text)?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let prefix = matched.route.strip_suffix("/...").unwrap_or(&matched.route);
    let told = [
        ("spin-path-info", matched.path_info.clone()),
        ("spin-full-url", format!("http://{host}{path}")),
        ("spin-matched-route", matched.route.clone()),
        ("spin-base-path", "/".to_owned()),
        ("spin-raw-component-route", matched.route.clone()),
        ("spin-component-route", prefix.to_owned()),
        ("spin-client-addr", client.to_owned()),
    ];
    for (name, value) in told {
        let value = HeaderValue::from_maybe_shared(value.into_bytes()).map_err(|_| NotUtf8)?;
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, host: Option<&str>) -> Request<()> {
        let request = Request::get(uri);
        host.into_iter().fold(request, |request, host| request.header(HOST, host)).body(()).unwrap()
    }

    #[test]
    fn a_host_of_the_app_itself_is_taken_away() {
        for (host, stays) in
            [("p-wrike.spin.internal", false), ("p-wrike.spin.internal:80", false), ("spin.internal", true), ("a.example", true)]
        {
            let mut request = request("/x", Some(host));
            strip(request.headers_mut());
            assert_eq!(request.headers().contains_key(HOST), stays, "{host}");
        }
    }

    #[test]
    fn the_address_is_the_hosts_or_the_targets() {
        for (uri, host, located) in [
            ("/x?y", Some("a.example"), Ok("http://a.example/x?y")),
            ("http://a.example/x", None, Ok("http://a.example/x")),
            ("http://a.example/x", Some("b.example"), Err(Unanswerable::TwoHosts)),
            ("/x", None, Err(Unanswerable::NoHost)),
            ("/x", Some("a b"), Err(Unanswerable::BadHost)),
        ] {
            let mut request = request(uri, host);
            assert_eq!(locate(&mut request).map(|()| request.uri().to_string()), located.map(str::to_owned), "{uri} {host:?}");
        }
    }

    #[test]
    fn a_component_is_told_its_route() {
        let mut request = request("/unified/a?b", Some("h"));
        let matched = Matched { component: "router".to_owned(), route: "/unified/...".to_owned(), path_info: "/a".to_owned() };
        tell(&mut request, &matched, "127.0.0.1:5").unwrap();
        let told = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        assert_eq!([told("spin-path-info"), told("spin-component-route")], ["/a", "/unified"]);
        assert_eq!([told("spin-full-url"), told("spin-client-addr")], ["http://h/unified/a?b", "127.0.0.1:5"]);
    }
}
