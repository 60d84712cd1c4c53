//! A plugin that breaks every rule costs its own request one clear error, and nobody
//! else anything. The component is `tests/hostile`; the unified `name` says what it does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use patchboard_tests::data_dir::DataDir;
use patchboard_tests::seeds;
use patchboard_tests::stub::{Stub, answer};
use patchboard_tests::world::{Setup, World};
use serde_json::json;

const TOKEN: &str = "hostile-access-token";

/// A server that has loaded the hostile plugin beside the good ones, with a provider
/// that echoes the credential it gets.
struct Scene {
    world: World,
    stub: Stub,
    account: String,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn set() -> Self {
        let component = patchboard_tests::program::program().parent().unwrap().join("../test-plugins/hostile.wasm");
        let folder = tempfile::tempdir().unwrap();
        fs::copy(&component, folder.path().join("hostile.wasm"))
            .unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask test`", component.display()));
        let stub = Stub::start(|seen| {
            let authorization = seen.header("authorization").unwrap_or_default().to_owned();
            answer(200, &[("content-type", "application/json")], json!({"id": "7", "echo": authorization}).to_string().as_bytes())
        });
        let plugins = folder.path().display().to_string();
        let world = Setup::default().arg("--plugins").arg(&plugins).allow(&stub.origin()).start_in(DataDir::warm());
        let base_url = format!("base_url={}", stub.origin());
        let credential = json!({"access_token": TOKEN}).to_string();
        let add = ["account", "add", "--provider", "hostile", "--plugins", &plugins, "--setting", &base_url, "--credential-file", "-"];
        let account = world.command(&add).input(&credential).succeed().stdout.trim().to_owned();
        Self { world, stub, account, _folder: folder }
    }

    async fn does(&self, name: &str) -> patchboard_tests::reply::Reply {
        let query = format!("integrated_account_id={}", self.account);
        self.world.call("PATCH", "/unified/ticketing/workspaces/7").query(&query).json(&json!({"name": name})).send().await
    }

    /// The request fails as the plugin's fault, nothing left, and the next one is served.
    async fn refuses(&self, name: &str, says: &str) {
        let before = self.stub.seen().len();
        let problem = self.does(name).await.problem(502, "plugin_failed");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{name}: {detail}");
        assert_eq!(self.stub.seen().len(), before, "{name}: something left");
        self.world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_breaks_down_costs_its_own_request_one_error() {
    let scene = Scene::set();
    for (name, says) in [
        ("trap", "trapped"),
        ("loop", "deadline"),
        ("allocate", "bytes of memory"),
        ("recurse", "trapped"),
        ("huge", "output"),
        ("huge state", "state"),
        ("spoke too soon", "before there was one"),
    ] {
        scene.refuses(name, says).await;
    }
    assert_eq!(scene.does("good").await.ok()["name"], "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_did_not_declare_or_may_not_say_does_not_leave() {
    let scene = Scene::set();
    for (name, says) in [
        ("absolute", "not relative"),
        ("other host", "not relative"),
        ("dots", "dot segment"),
        ("encoded dots", "dot segment"),
        ("backslash", "not percent-encoded"),
        ("query in path", "not percent-encoded"),
        ("authorization", "authorization"),
        ("cookie", "cookie"),
        ("host", "host"),
        ("length", "content-length"),
        ("line break", "x-a"),
        ("bad media", "media type"),
        ("undeclared call", "not declared"),
        ("undeclared method", "DELETE"),
        ("undeclared path", "/others/1"),
    ] {
        scene.refuses(name, says).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_at_sign_in_a_path_names_no_other_host() {
    let scene = Scene::set();
    let _ = scene.does("user info").await.ok();
    assert_eq!(scene.stub.one().target, "/base/@evil.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_fails_after_a_write_does_not_hide_the_write() {
    let scene = Scene::set();
    for name in
        ["trap after the write", "loop after the write", "write after the answer", "reference to nowhere", "reference to the future"]
    {
        let problem = scene.does(name).await.problem(502, "plugin_failed");
        assert_eq!(problem["applied"], json!([{"method": "PATCH", "path": "/things/7", "status": 200}]), "{name}");
        scene.world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_never_finishes_is_stopped() {
    let scene = Scene::set();
    let problem = scene.does("endless").await.problem(502, "plugin_failed");
    assert_eq!((problem["detail"].as_str().unwrap().contains("64 exchanges"), scene.stub.seen().len()), (true, 64));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_does_not_get_the_credential_that_its_provider_echoes() {
    let scene = Scene::set();
    let reply = scene.does("fishing").await;
    let problem = reply.problem(502, "provider_unreadable");
    assert!(problem["detail"].as_str().unwrap().contains("Bearer [redacted]"), "{problem}");
    assert!(!reply.text().contains(TOKEN) && !scene.world.server.log().contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_answers_are_made_harmless() {
    let scene = Scene::set();
    let foreign = scene.does("foreign fields").await;
    assert_eq!((foreign.ok().get("colour"), foreign.warnings().unwrap().contains(r#""colour";reason=undeclared"#)), (None, true));
    let etag = scene.does("etag with a line break").await;
    assert_eq!((etag.ok()["id"].clone(), etag.header("etag")), (json!("7"), None));
    let many = scene.does("many warnings").await;
    assert!(many.ok().is_object() && many.warnings().unwrap().len() < 8_000);
}
