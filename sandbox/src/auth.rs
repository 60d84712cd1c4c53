use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::provider::Provider;

/// What the presented token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// No token, or one that the provider does not know.
    Refused,
    /// `sandbox-<provider>-readonly`.
    ReadOnly,
    /// `sandbox-<provider>`.
    Full,
}

/// What `token` may do at `provider`.
pub(crate) fn access(provider: Provider, token: Option<&str>) -> Access {
    let Some(rest) = token.and_then(|token| token.strip_prefix("sandbox-")).and_then(|rest| rest.strip_prefix(provider.name())) else {
        return Access::Refused;
    };
    match rest {
        "" => Access::Full,
        "-readonly" => Access::ReadOnly,
        _ => Access::Refused,
    }
}

/// The bearer token, when exactly one `Authorization` header carries one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    credential(headers, "bearer")
}

/// The user name and the password, when exactly one `Authorization` header carries them (RFC 7617).
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = STANDARD.decode(credential(headers, "basic")?).ok()?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}

/// What stands behind the scheme, when exactly one `Authorization` header has that one.
fn credential<'a>(headers: &'a HeaderMap, asked: &str) -> Option<&'a str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case(asked).then(|| credential.trim_start())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_opens_its_own_provider_only() {
        for (token, expected) in [
            (Some("sandbox-wrike"), Access::Full),
            (Some("sandbox-wrike-readonly"), Access::ReadOnly),
            (Some("sandbox-wrike-admin"), Access::Refused),
            (Some("sandbox-workiva"), Access::Refused),
            (Some(""), Access::Refused),
            (None, Access::Refused),
        ] {
            assert_eq!(access(Provider::Wrike, token), expected, "{token:?}");
        }
    }

    #[test]
    fn basic_is_a_name_and_a_password_with_a_colon_between() {
        for (value, expected) in [
            ("Basic c2FuZGJveC1pbnNpZ2h0bHk6", Some(("sandbox-insightly", ""))),
            ("basic YTpiOmM=", Some(("a", "b:c"))),
            ("Basic c2FuZGJveC1pbnNpZ2h0bHk=", None),
            ("Basic %%%", None),
            ("Basic /zo=", None),
            ("Bearer YTpi", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            let expected = expected.map(|(username, password)| (username.to_owned(), password.to_owned()));
            assert_eq!(basic(&headers), expected, "{value}");
        }
    }

    #[test]
    fn two_authorization_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("bearer a"));
        assert_eq!(bearer(&headers), Some("a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_eq!(bearer(&headers), None);
    }
}
