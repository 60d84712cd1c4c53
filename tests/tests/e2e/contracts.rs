//! Versions of the contract: `tests/next` is built for the draft of the next one, all others
//! for the one before.

use std::path::Path;

use patchboard_tests::plugin_files::{PluginFolder, built, built_for_tests, replaced};
use patchboard_tests::seeds::{PLANNER, WRIKE};
use patchboard_tests::{Setup, Stub, World, answer, patchboard};
use serde_json::{Value, json};

const DRAFT: &str = "PATCHBOARD_SANDBOX__DRAFT_CONTRACT";
const REFUSED: &str = "it is built for the contract 0.2.0, a draft that may still change; sandbox.draft_contract = true in the \
                       configuration, or PATCHBOARD_SANDBOX__DRAFT_CONTRACT=true, has this program take it";
/// The interface that a component exports, up to its version.
const INTERFACE: &str = "patchboard:provider/mapper@";

/// A server with a folder of plugins, that takes the draft or does not.
fn world(folder: &PluginFolder, draft: bool, upstream: &str) -> World {
    Setup::default().env(DRAFT, &draft.to_string()).arg("--plugins").arg(&folder.text()).allow(upstream).start()
}

/// What the running server says of its plugins.
fn listed(world: &World) -> Value {
    world.command(&["plugin", "list", "--running", "--json"]).run().json()
}

fn contract_of(listed: &Value, name: &str) -> Value {
    let loaded = listed["loaded"].as_array().unwrap();
    loaded.iter().find(|shown| shown["name"] == name).map(|shown| shown["contract"].clone()).unwrap_or_default()
}

#[tokio::test]
async fn plugins_of_both_contracts_are_served_side_by_side_and_the_etag_is_a_field_of_the_next() {
    let folder = PluginFolder::with("next.wasm", &built_for_tests("next"));
    let stub = Stub::start(|_| answer(200, &[("content-type", "application/json")], br#"{"id":"7","label":"Blue","version":"\"2\""}"#));
    let world = world(&folder, true, &stub.origin());
    let base_url = format!("base_url={}", stub.origin());
    let add = ["account", "add", "--provider", "next", "--plugins", &folder.text(), "--setting", &base_url, "--credential-file", "-"];
    let account = world.command(&add).env(DRAFT, "true").input(r#"{"access_token":"t"}"#).succeed().stdout.trim().to_owned();
    let update = || {
        let call = world.call("PATCH", "/unified/ticketing/workspaces/7");
        call.query(&format!("integrated_account_id={account}")).json(&json!({"name": "Blue"}))
    };
    let reply = update().header("if-match", "\"1\"").send().await;
    assert_eq!(reply.header("etag").as_deref(), Some("\"2\""));
    assert_eq!((&reply.ok()["name"], &reply.ok()["etag"]), (&json!("Blue"), &json!("\"2\"")));
    assert_eq!(update().send().await.ok()["name"], "Blue");
    let conditions: Vec<Option<String>> = stub.seen().iter().map(|seen| seen.header("if-match").map(str::to_owned)).collect();
    assert_eq!(conditions, [Some("\"1\"".to_owned()), None]);
    // In the contract before, the etag is a parameter: it still reaches the provider that wants one.
    world.serves(&PLANNER).await;
    world.serves(&WRIKE).await;
    let listed = listed(&world);
    assert_eq!((contract_of(&listed, "next"), contract_of(&listed, "wrike")), (json!("0.2.0"), json!("0.1.0")));
    assert_eq!(listed["refused"], json!([]));
}

#[tokio::test]
async fn a_plugin_for_the_draft_is_refused_with_the_setting_that_takes_it() {
    let folder = PluginFolder::with("next.wasm", &built_for_tests("next"));
    let world = world(&folder, false, "http://127.0.0.1:9");
    let listed = listed(&world);
    assert_eq!(listed["refused"], json!([{"source": folder.file("next.wasm"), "why": REFUSED}]));
    assert_eq!(contract_of(&listed, "next"), Value::Null);
    assert!(world.server.log().contains("sandbox.draft_contract"));
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_plugin_from_the_future_gets_one_clear_line_and_all_others_are_served() {
    let wrike = built("wrike");
    let of = |version: &str| replaced(&wrike, &format!("{INTERFACE}0.1.0"), &format!("{INTERFACE}{version}"));
    let folder = PluginFolder::with("a.wasm", &of("0.3.0"));
    folder.put("b.wasm", &of("1.0.0"));
    folder.put("c.wasm", &of("0.1.1"));
    // It has the name of the draft, and the types of the contract before.
    folder.put("d.wasm", &of("0.2.0"));
    let world = world(&folder, true, "http://127.0.0.1:9");
    let refused = listed(&world)["refused"].clone();
    let future = "and this program speaks 0.1.0 and 0.2.0 (a draft): it needs a newer Patchboard, or has to be built with an older SDK";
    assert_eq!(refused[0]["why"], format!("it is built for the contract 0.3.0, {future}"));
    assert_eq!(refused[1]["why"], format!("it is built for the contract 1.0.0, {future}"));
    assert!(refused[2]["why"].as_str().unwrap().starts_with("it is built for the contract \"0.1.1\", which does not exist"));
    assert!(refused[3]["why"].as_str().unwrap().starts_with("it does not fit the contract"), "{refused}");
    world.serves(&WRIKE).await;
}

#[test]
fn the_commands_take_a_plugin_for_the_draft_where_a_server_would() {
    let folder = PluginFolder::with("next.wasm", &built_for_tests("next"));
    let (file, cases) = (folder.file("next.wasm").display().to_string(), Path::new(env!("CARGO_MANIFEST_DIR")).join("next/cases"));
    let test = ["plugin", "test", &file, "--requests", "200", "--cases", &cases.display().to_string()];
    let report = patchboard(&test).args(["--json"]).env(DRAFT, "true").succeed().json();
    assert_eq!(report["ok"], true, "{report}");
    let refused = patchboard(&test).run();
    assert_eq!(refused.code, Some(1));
    assert!(refused.stdout.contains(REFUSED), "{refused:?}");
    let inspect = || patchboard(&["plugin", "inspect", &file]);
    assert_eq!(inspect().env(DRAFT, "true").succeed().json()["contract"], "0.2.0");
    inspect().run().is_misuse(REFUSED);
}
