//! What a server does with the folder of installed plugins.

use std::fs;

use patchboard_tests::data_dir::DataDir;
use patchboard_tests::world::Setup;
use patchboard_tests::{Server, client};
use serde_json::{Value, json};

use crate::component::{NAME, digest, first, version, wider};
use crate::place::Place;
use crate::shelf::{Shelf, at};

fn installed() -> Place {
    let place = Place::new();
    let _ = place.install(&at(&Shelf::with(&first()).open())).succeed();
    place
}

async fn ready(data: &DataDir) -> (Value, String) {
    let server = Server::start(data, &[], &[]);
    let answer = client().get(server.url("/readyz")).send().await.unwrap().bytes().await.unwrap();
    (serde_json::from_slice(&answer).unwrap(), server.log())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installed_plugin_serves_an_account() {
    let place = installed();
    let stub = patchboard_tests::Stub::always(patchboard_tests::answer(200, &[("content-type", "application/json")], br#"{"id":"7"}"#));
    let add = ["account", "add", "--provider", NAME, "--setting", &format!("base_url={}", stub.origin()), "--credential-file", "-"];
    let account =
        patchboard_tests::patchboard(&add).args(["--data-dir", &place.data.text()]).input(r#"{"access_token":"a-token"}"#).succeed();
    let world = Setup::default().allow(&stub.origin()).start_in(place.data);
    let query = format!("integrated_account_id={}", account.stdout.trim());
    let reply = world.call("PATCH", "/unified/ticketing/workspaces/7").query(&query).json(&json!({"name": "good"})).send().await;
    assert_eq!(reply.ok()["id"], "7");
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_was_changed_is_refused_and_the_server_starts() {
    let place = installed();
    let file = place.folder().join("hostile@0.1.0.wasm");
    fs::write(&file, wider("0.1.0")).unwrap();
    let why = place.refuses();
    assert!(why.contains(&digest(&wider("0.1.0"))) && why.contains(&digest(&first())) && why.contains("install --locked"), "{why}");
    let (answer, log) = ready(&place.data).await;
    assert!(log.contains("it was changed"), "{log}");
    assert!(answer.to_string().contains('1'), "{answer}");
}

#[test]
fn a_file_that_the_lock_does_not_name_is_refused_and_left() {
    let place = installed();
    let file = place.folder().join("foreign@1.0.0.wasm");
    fs::write(&file, version("0.9.0")).unwrap();
    assert!(place.refuses().contains("plugins.lock does not name it"));
    assert!(file.is_file());
    fs::remove_file(&file).unwrap();
    assert_eq!(place.loads(NAME)["version"], "0.1.0");
}

#[test]
fn a_lock_file_that_cannot_be_read_refuses_what_is_installed_and_nothing_else() {
    let place = installed();
    fs::write(place.lock_file(), "version = 1\n[[plugin]]\nname = '../x'\n").unwrap();
    assert!(place.refuses().contains("plugins.lock"));
    let run = place.plugin(&["install", "--yes", &at(&Shelf::with(&first()).open())]).run();
    assert_eq!((run.code, run.stderr.contains("plugins.lock")), (Some(1), true), "{}", run.stderr);
}

#[test]
fn a_component_under_another_name_in_the_lock_is_refused() {
    let place = installed();
    let lock = place.lock().replace("name = \"hostile\"", "name = \"wrike\"");
    fs::write(place.lock_file(), lock).unwrap();
    fs::rename(place.folder().join("hostile@0.1.0.wasm"), place.folder().join("wrike@0.1.0.wasm")).unwrap();
    assert!(place.refuses().contains("it says that it is hostile@0.1.0, and plugins.lock says wrike@0.1.0"));
}

#[test]
fn installed_versions_stand_side_by_side_and_a_folder_of_the_operators_wins_over_them() {
    let place = installed();
    let manifest = Shelf::with(&version("0.2.0")).manifest_value().to_string();
    let stub = Shelf::with(&version("0.2.0")).open();
    let _ = place.install(&format!("oci://{}/hostile@{}", stub.address(), digest(manifest.as_bytes()))).succeed();
    assert_eq!(place.loads(NAME)["version"], "0.2.0");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("own.wasm"), version("0.2.0")).unwrap();
    let list = place.plugin(&["list", "--json", "--plugins", &folder.path().display().to_string()]).succeed().json();
    let loaded: Vec<_> = list["loaded"].as_array().unwrap().iter().filter(|plugin| plugin["name"] == NAME).collect();
    let versions: Vec<_> = loaded.iter().map(|plugin| plugin["version"].clone()).collect();
    assert_eq!(versions, ["0.2.0", "0.1.0"]);
    let own = |plugin: &serde_json::Value| plugin["source"].as_str().unwrap().ends_with("own.wasm");
    assert!(own(loaded[0]) && !own(loaded[1]), "{list}");
}

#[test]
fn the_policy_is_asked_when_a_plugin_is_loaded_too() {
    let place = installed();
    let refuses = |name: &str, value: &str, says: &str| {
        let variable = format!("PATCHBOARD_PLUGINS_POLICY__{name}");
        let run = place.plugin(&["list"]).env(&variable, value).run();
        assert!(run.code == Some(1) && run.stderr.contains(says), "{name}: {}", run.stderr);
    };
    refuses("REGISTRIES", "ghcr.io/acme", "plugins_policy.registries");
    refuses("HOSTS", "*.acme.example", "plugins_policy.hosts");
    refuses("REQUIRE_SIGNATURE", "true", "it is not signed");
    let run = place.plugin(&["list"]).env("PATCHBOARD_PLUGINS_POLICY__HOSTS", "hostile.example").succeed();
    assert!(run.stdout.contains("oci://127.0.0.1"), "{}", run.stdout);
}

#[test]
fn the_policy_is_asked_before_anything_is_downloaded() {
    let place = Place::new();
    let stub = Shelf::with(&first()).open();
    let run = place.install(&at(&stub)).env("PATCHBOARD_PLUGINS_POLICY__REGISTRIES", "ghcr.io/acme").run();
    assert!(run.code == Some(1) && run.stderr.contains("plugins_policy.registries"), "{}", run.stderr);
    assert!(stub.seen().is_empty());
    let run = place.install(&at(&stub)).env("PATCHBOARD_PLUGINS_POLICY__HOSTS", "*.acme.example").run();
    assert!(run.code == Some(1) && run.stderr.contains("declares the host hostile.example"), "{}", run.stderr);
    place.is_empty();
}
