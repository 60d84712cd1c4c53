use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::auth::bearer;

/// The token: a bearer's, or the user name of Basic with an empty password
/// (<https://www.planhat.com/developers/api/authentication-limits>).
pub(super) fn token(headers: &HeaderMap) -> Option<String> {
    bearer(headers).map(str::to_owned).or_else(|| basic(headers))
}

fn basic(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.strip_suffix(':').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_token_is_a_bearer_or_a_user_without_a_password() {
        for (value, expected) in [
            ("Bearer a", Some("a")),
            ("Basic YTo=", Some("a")),
            ("basic YTo=", Some("a")),
            ("Basic YQ==", None),
            ("Basic YTpi", None),
            ("Basic !", None),
            ("Digest a", None),
        ] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(token(&headers).as_deref(), expected, "{value}");
        }
    }
}
