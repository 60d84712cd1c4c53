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
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
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
    fn two_authorization_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("bearer a"));
        assert_eq!(bearer(&headers), Some("a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_eq!(bearer(&headers), None);
    }
}
