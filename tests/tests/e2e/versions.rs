//! Several versions of a plugin side by side.

use patchboard_tests::plugin_files::{PluginFolder, built, replaced, version};
use patchboard_tests::seeds::WRIKE;
use patchboard_tests::{DataDir, Setup, World, patchboard};
use serde_json::{Value, json};

/// A server with wrike 0.1.0 inside, and these files beside it.
fn world(folder: &PluginFolder) -> World {
    Setup::default().arg("--plugins").arg(&folder.text()).start()
}

/// What a dry run of an update says.
async fn dry_run(world: &World, account: &str) -> Value {
    world.update_with(&WRIKE, account).query("dry_run=true").json(&json!({"name": "n"})).send().await.ok()
}

async fn used(world: &World, account: &str) -> Value {
    dry_run(world, account).await["plugin"]["version"].clone()
}

#[tokio::test]
async fn an_account_uses_the_newest_version_that_it_follows() {
    let wrike = built("wrike");
    let folder = PluginFolder::with("a.wasm", &version(&replaced(&wrike, "/spaces", "/spacez"), "0.2.0"));
    folder.put("b.wasm", &version(&wrike, "0.1.9"));
    let world = world(&folder);
    let account = world.account(&WRIKE);
    let newest = dry_run(&world, &account).await;
    assert_eq!((&newest["plugin"]["version"], world.show_account(&account)["plugin_version"].clone()), (&json!("0.2.0"), Value::Null));
    assert!(newest["requests"][0]["url"].as_str().unwrap().contains("/spacez/"), "{newest}");
    let update = |follows: &str| {
        let command = ["account", "update", &account, "--plugins", &folder.text(), "--plugin-version", follows];
        let _ = world.command(&command).succeed();
    };
    for (follows, expected) in [("=0.1.0", "0.1.0"), ("^0.1", "0.1.9"), (">=0.1.5, <1", "0.2.0"), ("", "0.2.0")] {
        update(follows);
        assert_eq!(used(&world, &account).await, expected, "{follows}");
        let shown = world.show_account(&account)["plugin_version"].clone();
        assert_eq!(shown, if follows.is_empty() { Value::Null } else { json!(follows) });
    }
    update("=0.1.0");
    assert_eq!(world.update_with(&WRIKE, &account).json(&json!({"name": "pinned"})).send().await.ok()["name"], "pinned");
    let table = world.command(&["account", "list"]).succeed().stdout;
    assert!(table.contains("VERSION") && table.contains("=0.1.0"), "{table}");
}

#[tokio::test]
async fn the_version_is_set_and_taken_away_over_http() {
    let folder = PluginFolder::with("wrike.wasm", &version(&built("wrike"), "0.2.0"));
    let world = world(&folder);
    let body = |follows: Value| {
        json!({"provider": "wrike", "settings": {"base_url": world.sandbox.url(WRIKE.base)},
        "credentials": {"access_token": WRIKE.token()}, "plugin_version": follows})
    };
    let created = world.call("POST", "/integrated-account").json(&body(json!("=0.1.0"))).send().await;
    assert_eq!((created.status, created.json()["plugin_version"].clone()), (201, json!("=0.1.0")));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(used(&world, &id).await, "0.1.0");
    let patch = |change: Value| world.call("PATCH", &format!("/integrated-account/{id}")).json(&change).send();
    assert_eq!(patch(json!({"settings": {}})).await.ok()["plugin_version"], "=0.1.0", "what is not named stays");
    assert_eq!(patch(json!({"plugin_version": "^0.2"})).await.ok()["plugin_version"], "^0.2");
    assert_eq!(used(&world, &id).await, "0.2.0");
    assert_eq!(patch(json!({"plugin_version": null})).await.ok()["plugin_version"], Value::Null);
    let listed = world.call("GET", "/integrated-account").send().await.ok();
    assert_eq!(listed["result"][0]["plugin_version"], Value::Null);
}

#[tokio::test]
async fn a_version_that_is_none_or_is_not_loaded_is_refused_with_what_there_is() {
    let folder = PluginFolder::with("wrike.wasm", &version(&built("wrike"), "0.2.0"));
    let world = world(&folder);
    let account = world.account(&WRIKE);
    let patch =
        |follows: Value| world.call("PATCH", &format!("/integrated-account/{account}")).json(&json!({"plugin_version": follows})).send();
    let problem = patch(json!("^3")).await.problem(422, "plugin_version_not_loaded");
    assert!(problem["detail"].as_str().unwrap().contains("there is 0.2.0, 0.1.0"), "{problem}");
    assert_eq!(problem["errors"][0]["path"], "/plugin_version");
    for wrong in [json!("newest"), json!(""), json!(1)] {
        let problem = patch(wrong).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["path"], "/plugin_version");
    }
    assert_eq!(world.show_account(&account)["plugin_version"], Value::Null, "nothing was stored");
    let add = ["account", "add", "--provider", "wrike", "--credential-file", "-"];
    world.command(&add).args(["--plugin-version", "=0.2.0"]).input(&WRIKE.credential()).run().is_misuse("there is 0.1.0");
    world.command(&add).args(["--plugin-version", "newest"]).input(&WRIKE.credential()).run().is_misuse("no version requirement");
}

#[tokio::test]
async fn an_account_whose_version_is_gone_is_told_so() {
    let folder = PluginFolder::with("wrike.wasm", &version(&built("wrike"), "0.2.0"));
    let world = world(&folder);
    let account = world.account(&WRIKE);
    let pin = json!({"plugin_version": "=0.2.0"});
    let _ = world.call("PATCH", &format!("/integrated-account/{account}")).json(&pin).send().await.ok();
    folder.remove("wrike.wasm");
    let _ = world.command(&["plugin", "reload"]).succeed();
    let problem = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.problem(422, "plugin_version_not_loaded");
    assert!(problem["detail"].as_str().unwrap().contains("fits =0.2.0"), "{problem}");
    let meta = format!("/unified/ticketing/workspaces/meta/update?integrated_account_id={account}");
    let _ = world.call("GET", &meta).send().await.problem(422, "plugin_version_not_loaded");
}

#[test]
fn every_version_is_listed_and_the_one_in_use_is_marked() {
    let wrike = built("wrike");
    let folder = PluginFolder::with("new.wasm", &version(&wrike, "0.2.0"));
    let data = DataDir::warm();
    let list = |json: bool| {
        let run = patchboard(&["plugin", "list", "--plugins", &folder.text(), "--data-dir", &data.text()]);
        if json { run.args(["--json"]).run() } else { run.run() }
    };
    let shown: Vec<Value> = list(true).json()["loaded"].as_array().unwrap().iter().filter(|p| p["name"] == "wrike").cloned().collect();
    let versions: Vec<(&Value, &Value)> = shown.iter().map(|plugin| (&plugin["version"], &plugin["default"])).collect();
    assert_eq!(versions, [(&json!("0.2.0"), &json!(true)), (&json!("0.1.0"), &json!(false))]);
    assert!(list(false).stdout.contains("bundled wrike.wasm"));
}

#[test]
fn other_bytes_under_one_name_and_version_are_refused_with_both_files() {
    let wrike = built("wrike");
    let folder = PluginFolder::with("a.wasm", &version(&wrike, "0.2.0"));
    folder.put("b.wasm", &version(&replaced(&wrike, "/spaces", "/spacez"), "0.2.0"));
    folder.put("copy.wasm", &version(&wrike, "0.2.0"));
    let data = DataDir::warm();
    let run = patchboard(&["plugin", "list", "--json", "--plugins", &folder.text(), "--data-dir", &data.text()]).run();
    let refused = run.json()["refused"].clone();
    assert_eq!((run.code, refused.as_array().unwrap().len()), (Some(1), 1), "a copy is none: {refused}");
    assert_eq!(refused[0]["source"], folder.file("b.wasm").display().to_string());
    let why = refused[0]["why"].as_str().unwrap();
    assert!(why.contains(&folder.file("a.wasm").display().to_string()) && why.contains("0.2.0") && why.contains("other bytes"), "{why}");
}

#[tokio::test]
async fn an_operators_file_replaces_the_bundled_plugin_of_its_version() {
    let folder = PluginFolder::with("own.wasm", &replaced(&built("wrike"), "/spaces", "/spacez"));
    let world = world(&folder);
    let shown = dry_run(&world, &world.account(&WRIKE)).await;
    assert!(shown["requests"][0]["url"].as_str().unwrap().contains("/spacez/"), "{shown}");
    let listed = world.command(&["plugin", "list", "--running", "--json"]).succeed().json();
    let sources: Vec<&Value> =
        listed["loaded"].as_array().unwrap().iter().filter(|plugin| plugin["name"] == "wrike").map(|plugin| &plugin["source"]).collect();
    assert_eq!(sources, [&json!(folder.file("own.wasm").display().to_string())]);
}
