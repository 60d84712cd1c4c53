//! A registry that lies, breaks off, never ends, or points elsewhere. Each attempt ends in
//! one clear error, and leaves nothing behind.

use std::io::Write as _;
use std::net::TcpListener;

use patchboard_tests::{Stub, answer};
use serde_json::{Value, json};

use crate::component::{digest, first, version};
use crate::place::Place;
use crate::shelf::{MANIFEST, Shelf, TAG, at, blob};

/// Installing from it fails with these words, in one line, and nothing is left.
fn fails(stub: &Stub, says: &str) {
    fails_in(&Place::new(), stub, says);
}

fn fails_in(place: &Place, stub: &Stub, says: &str) {
    let run = place.install(&at(stub)).run();
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{says}: {}", run.stderr);
    let errors: Vec<&str> = run.stderr.lines().filter(|line| !line.starts_with("downloading ")).collect();
    assert!(errors.len() == 1 && errors[0].starts_with("patchboard: ") && errors[0].contains(says), "{says:?} is not in: {}", run.stderr);
    place.is_empty();
}

fn shelf() -> Shelf {
    Shelf::with(&first())
}

/// A good plugin but for one change of its manifest.
fn changed(pointer: &str, value: Value) -> Stub {
    let mut shelf = shelf();
    let mut manifest = shelf.manifest_value();
    *manifest.pointer_mut(pointer).unwrap() = value;
    shelf.manifest(&manifest);
    shelf.open()
}

/// A good plugin but for the answer to one path.
fn answering(path: &str, bytes: Vec<u8>) -> Stub {
    let mut shelf = shelf();
    shelf.put(path, bytes);
    shelf.open()
}

fn manifest_text() -> String {
    shelf().manifest_value().to_string()
}

#[test]
fn the_good_plugin_of_these_tests_is_installed() {
    let (place, stub) = (Place::new(), shelf().open());
    let _ = place.install(&at(&stub)).succeed();
    assert_eq!(place.loads("hostile")["digest"], digest(&first()));
}

#[test]
fn a_wrong_digest_is_told() {
    fails(&answering(&blob(&first()), answer(200, &[], &[&first()[..first().len() - 1], b"x"].concat())), "is not what was asked for");
    fails(&changed("/layers/0/digest", json!(digest(b""))), "names other layers");
    let mut gone = shelf();
    gone.remove(&blob(&first()));
    fails(&gone.open(), "is not there");
    fails(&changed("/config/digest", json!(digest(&first()))), "larger than");
    let lying = answer(200, &[("content-type", MANIFEST), ("docker-content-digest", &digest(b"other"))], manifest_text().as_bytes());
    fails(&answering(TAG, lying), "the registry says");
}

#[test]
fn another_manifest_than_the_one_that_was_asked_for_by_digest_is_told() {
    let place = Place::new();
    let asked = digest(b"another manifest");
    let good = answer(200, &[("content-type", MANIFEST)], manifest_text().as_bytes());
    let stub = answering(&format!("/v2/hostile/manifests/{asked}"), good);
    let run = place.install(&format!("oci://{}/hostile@{asked}", stub.address())).run();
    assert_eq!((run.code, run.stderr.contains("the reference says")), (Some(1), true), "{}", run.stderr);
    place.is_empty();
}

#[test]
fn a_layer_that_is_cut_off_is_told() {
    let half = &first()[..first().len() / 2];
    fails(&answering(&blob(&first()), answer(200, &[], half)), "and the manifest says");
    let mut broken = answer(200, &[], &first());
    broken.truncate(broken.len() / 2);
    fails(&answering(&blob(&first()), broken), "broke off");
    fails(&answering(&blob(&first()), Vec::new()), "cannot be reached");
    fails(&answering(TAG, b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{".to_vec()), "broke off");
}

#[test]
fn a_layer_that_is_longer_than_it_should_be_is_told() {
    fails(&answering(&blob(&first()), answer(200, &[], &[first(), b"x".to_vec()].concat())), "larger than");
    let config = json!({"architecture": "wasm", "layerDigests": [digest(&version("0.2.0"))]}).to_string();
    let mut shelf = shelf();
    shelf.blob(config.as_bytes());
    let mut manifest = shelf.manifest_value();
    manifest["config"] =
        json!({"mediaType": "application/vnd.wasm.config.v0+json", "digest": digest(config.as_bytes()), "size": config.len()});
    shelf.manifest(&manifest);
    fails(&shelf.open(), "names other layers");
}

#[test]
fn errors_of_the_registrys_are_told_with_their_status() {
    let down = answer(500, &[], br#"{"errors":[{"code":"UNKNOWN","message":"out of\u001b[2J disk"}]}"#);
    for path in [TAG.to_owned(), blob(&first())] {
        fails(&answering(&path, down.clone()), "500: UNKNOWN: out of\\u{1b}[2J disk");
    }
    let signatures = format!("/v2/hostile/manifests/sha256-{}.sig", digest(manifest_text().as_bytes()).trim_start_matches("sha256:"));
    fails(&answering(&signatures, down), "500");
    fails(&answering(TAG, answer(404, &[], b"<html>not here</html>")), "is not there");
    fails(&answering(TAG, answer(403, &[], br#"{"errors":[{"code":"DENIED"}]}"#)), "403");
    fails(&answering(TAG, answer(418, &[], &vec![b'x'; 1 << 20])), "418");
    fails(&answering(TAG, b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "cannot be reached");
}

/// A head, and then bytes as long as somebody takes them.
fn endless(path: &'static str, head: &'static str) -> Stub {
    let shelf = shelf();
    let layer = blob(&first());
    Stub::speaking(move |seen, stream| {
        if seen.target != path && !(path == "layer" && seen.target == layer) {
            let _ = stream.write_all(&shelf.answer(seen));
            return;
        }
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(&[b'x'; 64 << 10]).is_ok() {}
    })
}

#[test]
fn an_answer_without_end_is_given_up() {
    const UNTIL_CLOSED: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/vnd.oci.image.manifest.v1+json\r\n\r\n";
    const FAILED: &str = "HTTP/1.1 503 No\r\nconnection: close\r\n\r\n";
    fails(&endless(TAG, UNTIL_CLOSED), "larger than the 65536 bytes that a manifest may have");
    fails(&endless("layer", UNTIL_CLOSED), "larger than");
    fails(&endless(TAG, FAILED), "503");
}

#[test]
fn an_answer_that_never_comes_ends_with_the_time_for_it() {
    let stub = Stub::speaking(|_, stream| {
        let _ = std::io::Read::read(stream, &mut [0]);
    });
    let place = Place::new();
    let run = place.install(&at(&stub)).env("PATCHBOARD_PLUGINS_POLICY__DOWNLOAD_SECONDS", "1").run();
    assert_eq!((run.code, run.stderr.contains("within the 1 s")), (Some(1), true), "{}", run.stderr);
    place.is_empty();
}

#[test]
fn a_manifest_that_is_too_large_or_promises_too_much_is_told() {
    let mut shelf = shelf();
    let mut manifest = shelf.manifest_value();
    manifest["annotations"] = json!({"a": "x".repeat(70_000)});
    shelf.manifest(&manifest);
    fails(&shelf.open(), "a manifest may have");
    fails(&changed("/layers/0/size", json!(40 << 20)), "plugins_policy.component_bytes");
    fails(&changed("/layers/0/size", json!(18_446_744_073_709_551_615_u64)), "plugins_policy.component_bytes");
    fails(&changed("/config/size", json!(1 << 20)), "a config may have");
    let place = Place::new();
    let run = place.install(&at(&self::shelf().open())).env("PATCHBOARD_PLUGINS_POLICY__COMPONENT_BYTES", "1000").run();
    assert!(run.code == Some(1) && run.stderr.contains("1000 bytes that plugins_policy.component_bytes allows"), "{}", run.stderr);
}

#[test]
fn a_redirect_to_another_host_is_not_followed_without_tls() {
    let other = Stub::always(answer(200, &[], &first()));
    let to = format!("{}/elsewhere", other.origin());
    for (path, says) in [(blob(&first()), "another host without TLS"), (TAG.to_owned(), "only what is in a blob")] {
        fails(&answering(&path, answer(307, &[("location", &to)], b"")), says);
    }
    let secure = format!("https://{}/elsewhere", other.address());
    fails(&answering(&blob(&first()), answer(302, &[("location", &secure)], b"")), "private address");
    let named = format!("https://localhost:{}/elsewhere", other.address().port());
    fails(&answering(&blob(&first()), answer(302, &[("location", &named)], b"")), "private, loopback");
    let metadata = "https://169.254.169.254/latest/meta-data";
    fails(&answering(&blob(&first()), answer(302, &[("location", metadata)], b"")), "private address");
    fails(&answering(&blob(&first()), answer(302, &[("location", "file:///etc/passwd")], b"")), "points to");
    fails(&answering(&blob(&first()), answer(302, &[], b"")), "points to nowhere");
    fails(&answering(&blob(&first()), answer(302, &[("location", &blob(&first()))], b"")), "on and on");
    assert!(other.seen().is_empty(), "{:?}", other.seen());
}

#[test]
fn a_redirect_to_a_private_address_is_followed_where_the_operator_names_the_host() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stub = answering(&blob(&first()), answer(307, &[("location", &format!("https://{nobody}/store"))], b""));
    let place = Place::new();
    let run = place.install(&at(&stub)).env("PATCHBOARD_PLUGINS_POLICY__LINKED_HOSTS", "127.0.0.1").run();
    assert!(run.code == Some(1) && run.stderr.contains("refused") && !run.stderr.contains("private address"), "{}", run.stderr);
    place.is_empty();
}

#[test]
fn a_redirect_within_the_registry_is_followed() {
    let mut shelf = shelf();
    shelf.put(&blob(&first()), answer(307, &[("location", "/store/1")], b""));
    shelf.put("/store/1", answer(200, &[], &first()));
    let place = Place::new();
    let _ = place.install(&at(&shelf.open())).succeed();
    assert_eq!(place.loads("hostile")["digest"], digest(&first()));
}

#[test]
fn what_is_of_another_type_is_told_by_its_type() {
    fails(&answering(TAG, answer(200, &[("content-type", "text/html")], manifest_text().as_bytes())), "text/html");
    fails(&answering(TAG, answer(200, &[("content-type", MANIFEST)], b"<html>")), "not JSON");
    fails(&changed("/config/mediaType", json!("application/vnd.oci.image.config.v1+json")), "its config is of the type");
    fails(&changed("/layers/0/mediaType", json!("application/vnd.oci.image.layer.v1.tar+gzip")), "its layer is of the type");
    fails(&changed("/mediaType", json!("application/vnd.docker.distribution.manifest.v2+json")), "not of the type");
    let layer = shelf().manifest_value()["layers"][0].clone();
    fails(&changed("/layers", json!([layer, layer])), "2 layers");
    let list = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}).to_string();
    let list = answer(200, &[("content-type", "application/vnd.oci.image.index.v1+json")], list.as_bytes());
    fails(&answering(TAG, list), "a list of manifests");
}

#[test]
fn names_that_look_like_paths_name_no_file() {
    fails(&changed("/layers/0/digest", json!("sha256:../../../../etc/passwd")), "no digest");
    let mut shelf = shelf();
    let mut manifest = shelf.manifest_value();
    manifest["annotations"] = json!({"org.opencontainers.image.title": "../../../evil"});
    manifest["layers"][0]["annotations"] = json!({"org.opencontainers.image.title": "/etc/cron.d/evil"});
    shelf.manifest(&manifest);
    let place = Place::new();
    let _ = place.install(&at(&shelf.open())).succeed();
    assert_eq!(place.components(), ["hostile@0.1.0.wasm"]);
}

#[test]
fn what_is_no_plugin_or_another_version_is_told_and_not_installed() {
    fails(&Shelf::with(b"\0asm\x0d\0\x01\0").open(), "is not admitted");
    fails(&Shelf::with(b"no wasm at all").open(), "not a WebAssembly file");
    fails(&Shelf::with(&version("0.2.0")).open(), "what the registry holds there is hostile 0.2.0");
}

#[test]
fn a_registry_that_is_not_there_is_told() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place::new();
    let run = place.install(&format!("oci://{free}/hostile:0.1.0")).run();
    assert_eq!((run.code, run.stderr.contains("cannot be reached")), (Some(1), true), "{}", run.stderr);
    place.is_empty();
}
