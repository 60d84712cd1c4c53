//! Against Debian's `docker-registry`. Each test says so and passes where it is not
//! installed; `cargo xtask test` installs it where it can.

use std::fs;
use std::path::Path;
use std::process::Command;

use patchboard_tests::{Registry, client};
use serde_json::{Value, json};

use crate::component::{NAME, digest, first, version, wider};
use crate::place::Place;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[test]
fn what_is_pushed_is_installed_served_and_removed() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let pushed = place.push(&first(), &registry.at(NAME));
    let at = pushed.stdout.trim().to_owned();
    assert!(at.starts_with(&format!("{}@sha256:", registry.at("hostile:0.1.0"))), "{at}");
    let install = place.install(&registry.at("hostile:0.1.0")).succeed();
    for line in
        ["hostile 0.1.0 (Hostile)", "hostile.example", "bearer (access_token)", "ticketing/workspaces update", "update: PATCH /things/{id}"]
    {
        assert!(install.stdout.contains(line), "{line}: {}", install.stdout);
    }
    assert_eq!(place.components(), ["hostile@0.1.0.wasm"]);
    assert_eq!(fs::read(place.folder().join("hostile@0.1.0.wasm")).unwrap(), first());
    let loaded = place.loads(NAME);
    assert_eq!((&loaded["source"], &loaded["digest"]), (&json!(registry.at("hostile:0.1.0")), &json!(digest(&first()))));
    assert!(place.lock().contains(&digest(&first())) && place.lock().contains(at.split_once('@').unwrap().1));
    let again = place.install(&at).succeed();
    assert!(again.stderr.contains("it is installed"), "{}", again.stderr);
    let _ = place.plugin(&["remove", NAME]).succeed();
    assert_eq!((place.files(), place.loads(NAME)), (Vec::<String>::new(), Value::Null));
    place.plugin(&["remove", NAME]).run().is_misuse("is installed");
}

#[tokio::test]
async fn the_artifact_has_the_layout_that_other_tools_read() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let at = place.push(&first(), &registry.at("plugins/acme/hostile:0.1.0")).stdout.trim().to_owned();
    let url = registry.url("/v2/plugins/acme/hostile/manifests/0.1.0");
    let answer = client().get(url).header("accept", MANIFEST).send().await.unwrap();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(at.split_once('@').unwrap().1, digest(&bytes));
    let manifest: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((&manifest["schemaVersion"], &manifest["mediaType"]), (&json!(2), &json!(MANIFEST)));
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
    let layer = &manifest["layers"][0];
    assert_eq!(
        (&layer["mediaType"], &layer["digest"], &layer["size"]),
        (&json!("application/wasm"), &json!(digest(&first())), &json!(first().len()))
    );
    let url = registry.url(&format!("/v2/plugins/acme/hostile/blobs/{}", manifest["config"]["digest"].as_str().unwrap()));
    let config: Value = serde_json::from_slice(&client().get(url).send().await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!(
        (&config["architecture"], &config["os"], &config["layerDigests"]),
        (&json!("wasm"), &json!("wasip2"), &json!([digest(&first())]))
    );
    assert_eq!(config["component"], json!({"exports": ["patchboard:provider/mapper@0.1.0"], "imports": [], "target": null}));
}

#[test]
fn another_tool_copies_the_artifact_to_another_registry_and_it_installs_from_there() {
    let (Some(from), Some(to)) = (Registry::open(), Registry::open()) else { return };
    if !Path::new("/usr/bin/skopeo").is_file() {
        eprintln!("skipped: skopeo is not installed; on Debian: apt-get install skopeo");
        return;
    }
    let place = Place::new();
    let _ = place.push(&first(), &from.at(NAME));
    let docker = |registry: &Registry| format!("docker://{}/hostile:0.1.0", registry.host());
    let copied = Command::new("skopeo")
        .args(["--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"])
        .args([docker(&from), docker(&to)])
        .output()
        .unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let _ = place.install(&to.at("hostile:0.1.0")).succeed();
    assert_eq!(place.loads(NAME)["digest"], digest(&first()));
}

#[test]
fn pushing_twice_is_pushing_once_and_a_version_is_not_replaced_unasked() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let once = place.push(&first(), &registry.at(NAME));
    let twice = place.push(&first(), &registry.at(NAME));
    assert_eq!(once.stdout, twice.stdout);
    assert!(twice.stderr.contains("there already"), "{}", twice.stderr);
    let other = place.file("other.wasm", wider("0.1.0"));
    place.plugin(&["push", &other, &registry.at(NAME)]).run().is_misuse("holds something else");
    assert_ne!(place.plugin(&["push", &other, &registry.at(NAME), "--force"]).succeed().stdout, once.stdout);
    let newer = place.file("newer.wasm", version("0.2.0"));
    place.plugin(&["push", &newer, &registry.at("hostile:0.1.0")]).run().is_misuse("another version");
    for _ in 0..2 {
        let _ = place.plugin(&["push", &newer, &registry.at("hostile:latest")]).succeed();
        let _ = place.plugin(&["push", &other, &registry.at("hostile:latest")]).succeed();
    }
}

#[test]
fn what_no_server_would_load_is_not_pushed() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let file = place.file("broken.wasm", b"\0asm\x01\0\0\0");
    place.plugin(&["push", &file, &registry.at(NAME)]).run().is_misuse("core module");
    place.plugin(&["push", "/nonexistent.wasm", &registry.at(NAME)]).run().is_misuse("cannot read");
}

#[test]
fn a_new_version_says_what_it_asks_for_beyond_the_old_one() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let _ = place.push(&first(), &registry.at(NAME));
    let _ = place.push(&wider("0.2.0"), &registry.at(NAME));
    let _ = place.install(&registry.at("hostile:0.1.0")).succeed();
    let shown = place.plugin(&["install", "--dry-run", "--json", &registry.at("hostile:0.2.0")]).succeed().json();
    assert_eq!((&shown["installed"], &shown["changes"]["since"]), (&json!(false), &json!("0.1.0")));
    assert_eq!(shown["changes"]["added"], json!(["host *.example", "call that writes read: PUT /things/{id}"]));
    assert_eq!(shown["changes"]["removed"], json!(["host hostile.example"]));
    assert_eq!(place.components(), ["hostile@0.1.0.wasm"], "a dry run installs nothing");
    let install = place.install(&registry.at("hostile:0.2.0")).succeed();
    for line in ["against version 0.1.0", "+ host *.example", "+ call that writes read: PUT /things/{id}", "- host hostile.example"] {
        assert!(install.stdout.contains(line), "{line}: {}", install.stdout);
    }
    assert_eq!(place.components(), ["hostile@0.1.0.wasm", "hostile@0.2.0.wasm"]);
    place.plugin(&["remove", NAME]).run().is_misuse("hostile@0.1.0, hostile@0.2.0");
    let _ = place.plugin(&["remove", "hostile@0.2.0"]).succeed();
    assert_eq!(place.components(), ["hostile@0.1.0.wasm"]);
}

#[test]
fn without_a_terminal_a_yes_is_needed_before_anything_is_downloaded() {
    let place = Place::new();
    let reference = "oci://127.0.0.1:1/hostile:0.1.0";
    place.plugin(&["install", reference]).run().is_misuse("--yes");
    place.plugin(&["install", reference, "--json"]).run().is_misuse("--yes");
    place.plugin(&["install", "--yes", "oci://127.0.0.1:1/hostile"]).run().is_misuse("no version");
    place.plugin(&["install", "--yes", "hostile:0.1.0"]).run().is_misuse("oci://registry/name:version");
    place.plugin(&["install"]).run().is_misuse("names no plugin");
    place.is_empty();
}

#[test]
fn the_lock_file_restores_exactly_what_it_names() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let _ = place.push(&first(), &registry.at(NAME));
    let _ = place.install(&registry.at("hostile:0.1.0")).succeed();
    // The tag has moved since; the lock file has not.
    let other = place.file("other.wasm", wider("0.1.0"));
    let _ = place.plugin(&["push", &other, &registry.at(NAME), "--force"]).succeed();
    let elsewhere = Place::new();
    fs::create_dir_all(elsewhere.data.path()).unwrap();
    fs::write(elsewhere.lock_file(), place.lock()).unwrap();
    assert!(elsewhere.refuses().contains("install --locked"));
    assert!(elsewhere.plugin(&["install"]).succeed().stdout.contains("hostile@0.1.0 is restored"));
    assert_eq!(elsewhere.loads(NAME)["digest"], digest(&first()));
    let again = elsewhere.plugin(&["install", "--locked", "--json"]).succeed().json();
    assert_eq!(again, json!([{"plugin": "hostile@0.1.0", "state": "was_there"}]));
    // Installing by the tag shows that it holds something else now, and takes it.
    let moved = elsewhere.install(&registry.at("hostile:0.1.0")).succeed();
    assert!(moved.stdout.contains("+ host *.example"), "{}", moved.stdout);
    assert_eq!(elsewhere.components(), ["hostile@0.1.0.wasm"]);
    assert_eq!(elsewhere.loads(NAME)["digest"], digest(&wider("0.1.0")));
}

#[test]
fn a_blob_that_was_spoilt_in_the_registry_is_not_installed() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let _ = place.push(&first(), &registry.at(NAME));
    fs::write(registry.blob(&digest(&first())), wider("0.1.0")).unwrap();
    let run = place.install(&registry.at("hostile:0.1.0")).run();
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("is not what was asked for") || run.stderr.contains("bytes"), "{}", run.stderr);
    place.is_empty();
}

#[test]
fn a_component_can_be_pulled_as_a_file() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let _ = place.push(&first(), &registry.at(NAME));
    let file = place.file("pulled.wasm", b"");
    let pulled = place.plugin(&["pull", &registry.at("hostile:0.1.0"), "-o", &file, "--json"]).succeed().json();
    assert_eq!((&pulled["digest"], fs::read(&file).unwrap()), (&json!(digest(&first())), first()));
    let missing = place.plugin(&["pull", &registry.at("hostile:9.9.9"), "-o", &file]).run();
    assert_eq!((missing.code, missing.stderr.contains("is not there"), fs::read(&file).unwrap()), (Some(1), true, first()));
    place.is_empty();
}
