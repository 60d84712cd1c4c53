//! The door of a home: what both homes say before a request reaches a room, in the same
//! words. Which path is whose, which token a caller sends, and the refusals that need
//! neither a plugin nor an account's secrets.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};

use crate::problem::{Code, Problem};
use crate::proxy;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const ACCOUNTS: &str = "/integrated-account";

/// Whose a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `/ping`.
    Ping,
    /// `/healthz`.
    Healthz,
    /// `/readyz`.
    Readyz,
    /// `/integrated-account` and below.
    Accounts,
    /// `/proxy` and below.
    Proxy,
    /// Every other path; most of them are nobody's.
    Unified,
}

impl Place {
    /// Whose a path is. `path` begins with one slash and is still percent-encoded.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let below = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')).filter(|rest| !rest.is_empty());
        match path {
            "/ping" => Self::Ping,
            "/healthz" => Self::Healthz,
            "/readyz" => Self::Readyz,
            ACCOUNTS => Self::Accounts,
            proxy::PREFIX => Self::Proxy,
            _ if below(ACCOUNTS).is_some_and(|id| !id.contains('/')) => Self::Accounts,
            _ if path.strip_prefix(proxy::PREFIX).is_some_and(|rest| rest.starts_with('/')) => Self::Proxy,
            _ => Self::Unified,
        }
    }
}

/// A base URL that was given with a trailing slash makes paths that begin with two.
#[must_use]
pub fn one_slash(path_and_query: &str) -> Cow<'_, str> {
    match path_and_query.strip_prefix("//") {
        Some(rest) => Cow::Owned(format!("/{}", rest.trim_start_matches('/'))),
        None => Cow::Borrowed(path_and_query),
    }
}

/// A caller who asks for a write to be made once must not get one that is made twice.
///
/// # Errors
/// 501 for a request that is not a `GET` and has an `Idempotency-Key`.
pub fn not_built(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if *method == Method::GET || !headers.contains_key(IDEMPOTENCY_KEY) {
        return Ok(());
    }
    let why = "Idempotency-Key is not supported yet; without the header the request would be made";
    Err(Problem::new(Code::NotImplemented, why))
}

/// The refusal of a method that a path with a fixed set of methods does not have.
#[must_use]
pub fn method_not_allowed(method: &Method, path: &str) -> Problem {
    let allow: &[&str] = match path.strip_prefix(ACCOUNTS) {
        Some("") => &["GET", "POST"],
        Some(rest) if rest.starts_with('/') => &["GET", "PATCH", "DELETE"],
        _ => &["GET"],
    };
    Problem::new(Code::MethodNotAllowed, format!("{method} is not a method of this path")).with_allow(allow)
}

/// The token that a caller sends.
///
/// # Errors
/// 401 for none.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Problem::new(Code::Unauthorized, "send an API token: Authorization: Bearer …"))
}

/// A token that nobody has.
#[must_use]
pub fn unknown_token() -> Problem {
    Problem::new(Code::Unauthorized, "the API token is not known; it may have been revoked")
}

/// An account that is not there.
#[must_use]
pub fn unknown_account(id: &str) -> Problem {
    Problem::new(Code::UnknownAccount, format!("no integrated account has the id {id:?}"))
}

/// Refuses a token that is another tenant's. `tenant` is the only one that the token may
/// act for; none means every one.
///
/// # Errors
/// 403.
pub fn allow(tenant: Option<&str>, account_tenant: &str) -> Result<(), Problem> {
    match tenant {
        Some(tenant) if tenant != account_tenant => {
            Err(Problem::new(Code::Forbidden, "the API token may not use this account: it belongs to another tenant"))
        }
        _ => Ok(()),
    }
}

/// A provider without a plugin here. `names` are those that have one.
#[must_use]
pub fn not_loaded(provider: &str, names: &str) -> Problem {
    Problem::new(Code::ProviderNotLoaded, format!("no plugin for the provider {provider:?} is loaded; there is {names}"))
}

/// An error of ours: the caller gets the request id, the home's log gets the cause.
#[must_use]
pub fn internal() -> Problem {
    Problem::new(Code::Internal, "something went wrong in the server; its log has more under the request id")
}

/// What `/ping` answers.
#[must_use]
pub fn pong() -> Value {
    json!({"message": "pong"})
}

/// What `/healthz` answers.
#[must_use]
pub fn healthy() -> Value {
    json!({"status": "ok"})
}

/// What `/readyz` answers when the store does: how many providers there are, in how many
/// versions of their plugins, and how many components were refused. Which and why is in the
/// log, because the route needs no token.
#[must_use]
pub fn ready(providers: usize, plugins: usize, refused: usize) -> Value {
    json!({"status": "ready", "providers": providers, "plugins": plugins, "plugins_refused": refused})
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_path_is_somebodys() {
        for (path, place) in [
            ("/ping", Place::Ping),
            ("/ping/", Place::Unified),
            ("/readyz", Place::Readyz),
            ("/integrated-account", Place::Accounts),
            ("/integrated-account/a", Place::Accounts),
            ("/integrated-account/a/b", Place::Unified),
            ("/proxy", Place::Proxy),
            ("/proxy/", Place::Proxy),
            ("/proxy/a/b", Place::Proxy),
            ("/proxyx", Place::Unified),
            ("/unified/ticketing/workspaces/1", Place::Unified),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }

    #[test]
    fn leading_slashes_become_one() {
        assert_eq!(one_slash("//unified/t/w?a=//b"), "/unified/t/w?a=//b");
        assert_eq!(one_slash("///x"), "/x");
        assert_eq!(one_slash("/x//y"), "/x//y");
    }

    #[test]
    fn a_token_comes_as_bearer_in_any_case() {
        let bearer = |value: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            bearer(&headers).map(str::to_owned).map_err(|p| p.status.as_u16())
        };
        assert_eq!(bearer("bEARER  t "), Ok("t".to_owned()));
        assert_eq!(bearer("Basic t"), Err(401));
        assert_eq!(bearer("t"), Err(401));
    }

    #[test]
    fn a_key_for_one_write_is_refused_and_never_ignored() {
        let headers = HeaderMap::from_iter([(IDEMPOTENCY_KEY, HeaderValue::from_static("k"))]);
        assert!(not_built(&Method::GET, &headers).is_ok());
        assert_eq!(not_built(&Method::PATCH, &headers).unwrap_err().status, 501);
        assert!(not_built(&Method::PATCH, &HeaderMap::new()).is_ok());
    }

    #[test]
    fn a_tenants_token_is_for_its_accounts() {
        assert!(allow(None, "t1").is_ok() && allow(Some("t1"), "t1").is_ok());
        assert_eq!(allow(Some("t2"), "t1").unwrap_err().status, 403);
    }

    #[test]
    fn a_refused_method_names_the_others() {
        let allow = |path: &str| method_not_allowed(&Method::PUT, path).headers["allow"].to_str().unwrap().to_owned();
        assert_eq!((allow("/ping").as_str(), allow("/integrated-account").as_str()), ("GET", "GET, POST"));
        assert_eq!(allow("/integrated-account/a"), "GET, PATCH, DELETE");
    }
}
