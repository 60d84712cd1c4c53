//! Logins at registries: from the environment or Docker's file, and to nobody else.

use std::sync::{Arc, Mutex};

use patchboard_tests::registry::LOGIN;
use patchboard_tests::{Registry, Seen, Stub, answer};
use serde_json::json;

use crate::component::{NAME, digest, first};
use crate::place::Place;
use crate::shelf::{Shelf, TAG, at, blob};

const SECRET: &str = "registry-s3cret";

/// Docker's file with a login for one registry.
fn docker_file(registry: &str) -> tempfile::TempDir {
    use base64::Engine as _;
    let folder = tempfile::tempdir().unwrap();
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", LOGIN.0, LOGIN.1));
    std::fs::write(folder.path().join("config.json"), json!({"auths": {registry: {"auth": auth}}}).to_string()).unwrap();
    folder
}

#[test]
fn a_registry_that_wants_a_login_gets_it_from_the_environment_or_dockers_file() {
    let Some(registry) = Registry::with_login() else { return };
    let place = Place::new();
    let file = place.file("push.wasm", first());
    let reference = registry.at("hostile:0.1.0");
    let push = || place.plugin(&["push", &file, &reference]);
    let without = push().run();
    assert_eq!(without.code, Some(1));
    assert!(without.stderr.contains("without a login") && without.stderr.contains("docker login"), "{}", without.stderr);
    let with = |user: &str, password: &str| {
        let push = push().env("PATCHBOARD_REGISTRY", &registry.host());
        push.env("PATCHBOARD_REGISTRY_USERNAME", user).env("PATCHBOARD_REGISTRY_PASSWORD", password).run()
    };
    let wrong = with(LOGIN.0, "wrong-s3cret");
    assert!(
        wrong.code == Some(1) && wrong.stderr.contains("the login that it got") && !wrong.stderr.contains("wrong-s3cret"),
        "{}",
        wrong.stderr
    );
    let right = with(LOGIN.0, LOGIN.1);
    assert_eq!(right.code, Some(0), "{}", right.stderr);
    let docker = docker_file(&registry.host());
    let installed = place.install(&reference).env("DOCKER_CONFIG", &docker.path().display().to_string()).succeed();
    assert!(!format!("{}{}{}", right.stderr, installed.stdout, installed.stderr).contains(LOGIN.1));
    assert_eq!(place.loads(NAME)["digest"], digest(&first()));
    for (file, bytes) in place.data.files() {
        assert!(!bytes.windows(LOGIN.1.len()).any(|part| part == LOGIN.1.as_bytes()), "{}", file.display());
    }
}

#[test]
fn a_login_for_another_registry_is_not_sent() {
    let stub = Stub::always(answer(401, &[("www-authenticate", "Basic realm=\"x\"")], b""));
    let place = Place::new();
    let docker = docker_file("ghcr.io");
    let install = place.install(&at(&stub)).env("DOCKER_CONFIG", &docker.path().display().to_string());
    let install = install.env("PATCHBOARD_REGISTRY", "ghcr.io").env("PATCHBOARD_REGISTRY_USERNAME", "me");
    let run = install.env("PATCHBOARD_REGISTRY_PASSWORD", SECRET).run();
    assert_eq!((run.code, run.stderr.contains("without a login")), (Some(1), true), "{}", run.stderr);
    assert!(stub.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

/// A registry whose tokens come from `/token`, and whose component lies in `/store`.
fn with_tokens(realm: impl Fn(&str) -> String + Send + Sync + 'static) -> Stub {
    let shelf = Shelf::with(&first());
    let origin: Arc<Mutex<String>> = Arc::default();
    let own = origin.clone();
    let stub = Stub::start(move |seen: &Seen| {
        if seen.target.starts_with("/token") {
            return answer(200, &[], br#"{"token":"t0ken-of-the-registry"}"#);
        }
        if seen.header("authorization") != Some("Bearer t0ken-of-the-registry") {
            let challenge = format!("Bearer realm=\"{}\",service=\"tests\"", realm(&own.lock().unwrap()));
            return answer(
                401,
                &[("www-authenticate", &challenge)],
                br#"{"errors":[{"code":"UNAUTHORIZED","message":"Bearer t0ken-of-the-registry registry-s3cret"}]}"#,
            );
        }
        shelf.answer(seen)
    });
    *origin.lock().unwrap() = stub.origin();
    stub
}

fn logged_in(place: &Place, stub: &Stub) -> patchboard_tests::Run {
    let install = place.install(&at(stub)).env("PATCHBOARD_REGISTRY", &stub.address().to_string());
    install.env("PATCHBOARD_REGISTRY_USERNAME", "me").env("PATCHBOARD_REGISTRY_PASSWORD", SECRET).run()
}

#[test]
fn a_token_is_asked_for_with_the_login_and_the_scope() {
    let stub = with_tokens(|origin| format!("{origin}/token"));
    let place = Place::new();
    let run = logged_in(&place, &stub);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let seen = stub.seen();
    let tokens: Vec<&Seen> = seen.iter().filter(|seen| seen.target.starts_with("/token")).collect();
    assert_eq!(tokens.len(), 1, "one token is enough");
    assert_eq!(tokens[0].target, "/token?service=tests&scope=repository%3Ahostile%3Apull");
    assert!(tokens[0].header("authorization").unwrap().starts_with("Basic "));
    let others = seen.iter().filter(|seen| !seen.target.starts_with("/token"));
    assert!(others.filter_map(|seen| seen.header("authorization")).all(|header| header.starts_with("Bearer ")));
}

#[test]
fn a_token_without_a_login_is_asked_for_without_one() {
    let stub = with_tokens(|origin| format!("{origin}/token"));
    let place = Place::new();
    let _ = place.install(&at(&stub)).succeed();
    assert!(stub.seen().iter().filter(|seen| seen.target.starts_with("/token")).all(|seen| seen.header("authorization").is_none()));
}

#[test]
fn a_login_does_not_go_to_a_service_without_tls_or_on_a_private_address() {
    let thief = Stub::always(answer(200, &[], br#"{"token":"t"}"#));
    for (realm, says) in [
        (thief.origin(), "without TLS"),
        (format!("https://{}", thief.address()), "private address"),
        ("not a url".to_owned(), "no URL"),
        ("file:///etc/passwd".to_owned(), "points to"),
    ] {
        let stub = with_tokens(move |_| realm.clone());
        let place = Place::new();
        let run = logged_in(&place, &stub);
        assert!(run.code == Some(1) && run.stderr.contains(says) && !run.stderr.contains(SECRET), "{says}: {}", run.stderr);
        place.is_empty();
    }
    assert!(thief.seen().is_empty(), "{:?}", thief.seen());
}

#[test]
fn a_login_does_not_go_where_a_blob_is_kept_and_is_not_in_an_error() {
    let store = Stub::always(answer(200, &[], &first()));
    let mut shelf = Shelf::with(&first());
    shelf.put(&blob(&first()), answer(307, &[("location", &store.origin())], b""));
    shelf.put(TAG, answer(403, &[], format!(r#"{{"errors":[{{"code":"DENIED","message":"not with {SECRET}"}}]}}"#).as_bytes()));
    let stub = shelf.open();
    let run = logged_in(&Place::new(), &stub);
    assert!(run.code == Some(1) && run.stderr.contains("not with [redacted]") && !run.stderr.contains(SECRET), "{}", run.stderr);
    assert!(store.seen().is_empty());
}

#[test]
fn a_registry_that_is_never_content_with_a_login_is_told() {
    for challenge in ["Bearer realm=\"ORIGIN/token\"", "Basic realm=\"x\"", "Negotiate", ""] {
        let origin: Arc<Mutex<String>> = Arc::default();
        let own = origin.clone();
        let stub = Stub::start(move |seen: &Seen| match seen.target.starts_with("/token") {
            true => answer(200, &[], br#"{"token":"t0ken"}"#),
            false => answer(401, &[("www-authenticate", &challenge.replace("ORIGIN", &own.lock().unwrap()))], b""),
        });
        *origin.lock().unwrap() = stub.origin();
        let run = logged_in(&Place::new(), &stub);
        assert!(run.code == Some(1) && !run.stderr.contains(SECRET), "{challenge}: {}", run.stderr);
        assert!(stub.seen().len() <= 3, "{challenge}: {}", stub.seen().len());
    }
}
