//! How a registry wants requests to be authorised: by the login itself, or by a token that
//! another service gives for it (<https://distribution.github.io/distribution/spec/auth/token/>).

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::credentials::Credential;

/// A token's answer; the longest we know of have some kilobytes.
pub(super) const TOKEN_BYTES: usize = 64 << 10;

/// What a 401 asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The login itself.
    Basic,
    /// A token from a service.
    Bearer {
        /// The service's address.
        realm: String,
        /// Who the token is for.
        service: Option<String>,
    },
}

/// The first challenge that can be met.
pub(super) fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let offered: Vec<http_auth::ChallengeRef<'_>> = values.filter_map(|value| http_auth::parse_challenges(value).ok()).flatten().collect();
    let param = |challenge: &http_auth::ChallengeRef<'_>, name: &str| {
        let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_unescaped())
    };
    offered.iter().find_map(|challenge| match challenge.scheme {
        scheme if scheme.eq_ignore_ascii_case("bearer") => {
            Some(Challenge::Bearer { realm: param(challenge, "realm")?, service: param(challenge, "service") })
        }
        scheme if scheme.eq_ignore_ascii_case("basic") => Some(Challenge::Basic),
        _ => None,
    })
}

/// The address to ask for a token, with the scope that is wanted.
pub(super) fn address(mut realm: Url, service: Option<&str>, scope: &str) -> Url {
    let mut query = realm.query_pairs_mut();
    if let Some(service) = service {
        query.append_pair("service", service);
    }
    query.append_pair("scope", scope);
    drop(query);
    realm
}

/// The form that changes an identity token for one of a scope.
pub(super) fn exchange(identity: &SecretString, service: Option<&str>, scope: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("client_id", "patchboard");
    form.append_pair("service", service.unwrap_or_default()).append_pair("scope", scope);
    form.append_pair("refresh_token", identity.expose_secret()).finish()
}

/// The token in a service's answer.
pub(super) fn token(body: &[u8]) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Answer {
        token: Option<String>,
        access_token: Option<String>,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    answer.token.or(answer.access_token).filter(|token| !token.is_empty()).map(SecretString::from)
}

/// A header that no log shows.
pub(super) fn header(scheme: &str, secret: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{scheme} {secret}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header of a login itself.
pub(super) fn basic(credential: &Credential) -> Option<HeaderValue> {
    use base64::Engine as _;
    let Credential::Password { username, password } = credential else { return None };
    header("Basic", &base64::engine::general_purpose::STANDARD.encode(format!("{username}:{}", password.expose_secret())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Challenge> {
        challenge(&values.iter().map(|value| (WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap())).collect())
    }

    #[test]
    fn the_first_challenge_that_can_be_met_is_taken() {
        let realm = "https://auth.example/token".to_owned();
        let bearer = Challenge::Bearer { realm, service: Some("r".to_owned()) };
        assert_eq!(of(&[r#"Bearer realm="https://auth.example/token",service="r",scope="repository:a:pull""#]), Some(bearer.clone()));
        assert_eq!(of(&["Negotiate", r#"bearer service="r", realm="https://auth.example/token""#]), Some(bearer));
        assert_eq!(of(&[r#"Basic realm="Registry""#]), Some(Challenge::Basic));
        assert_eq!(of(&["Bearer", "=;,", "Negotiate abc"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_scope_is_encoded_into_the_realms_own_query() {
        let realm = Url::parse("https://auth.example/token?a=b").unwrap();
        let address = address(realm, Some("r&x"), "repository:a/b:pull");
        assert_eq!(address.as_str(), "https://auth.example/token?a=b&service=r%26x&scope=repository%3Aa%2Fb%3Apull");
    }

    #[test]
    fn either_name_of_a_token_is_read_and_an_empty_one_is_none() {
        for (body, found) in [
            (r#"{"token":"a"}"#, Some("a")),
            (r#"{"access_token":"b","expires_in":1}"#, Some("b")),
            (r#"{"token":""}"#, None),
            ("{}", None),
            ("<html>", None),
        ] {
            assert_eq!(token(body.as_bytes()).as_ref().map(|token| token.expose_secret()), found, "{body}");
        }
    }
}
