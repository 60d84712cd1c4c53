//! The plugin of `tests/hostile`, whose unified `name` says what it does.

use patchboard_tests::{Setup, seeds};
use serde_json::json;

use crate::component::hostile;
use crate::scene::{Scene, of};

/// A server with the plugin, and an account of it.
fn set() -> (Scene, String) {
    // Taking all memory takes more than a moment on a machine that is busy.
    let scene = Scene::with(&[("hostile", hostile())], Setup::default().env("PATCHBOARD_SANDBOX__DEADLINE_MS", "400"));
    let account = scene.account("hostile");
    (scene, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_breaks_down_costs_its_own_request_one_error() {
    let (scene, account) = set();
    for (name, detail) in [
        ("trap", "the plugin trapped: wasm `unreachable` instruction executed"),
        ("loop", "the plugin ran over its deadline of 400 ms"),
        ("allocate", "the plugin went over its limits: more than 67108864 bytes of memory"),
        ("recurse", "the plugin trapped: call stack exhausted"),
        ("huge", "the plugin went over its limits: more than 16777216 bytes of output"),
        ("huge state", "the plugin went over its limits: state of 4194304 bytes"),
        ("huge path", "the plugin went over its limits: a path, query and headers of more than 65536 bytes"),
        ("huge header", "the plugin went over its limits: a path, query and headers of more than 65536 bytes"),
        ("many headers", "the plugin went over its limits: more than 256 headers and query parameters"),
        ("spoke too soon", "the plugin broke its contract: map-request spoke of an answer before there was one"),
    ] {
        scene.refuses(&account, name, detail).await;
    }
    assert_eq!(scene.does(&account, "good").await.ok()["name"], "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_longer_than_others_is_answered_all_the_same() {
    let (scene, account) = set();
    // The first one is broken off and made again; the second is made elsewhere from the start.
    for _ in 0..2 {
        assert_eq!(scene.does(&account, "slow").await.ok()["name"], "slow");
        scene.world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_did_not_declare_or_may_not_say_does_not_leave() {
    let (scene, account) = set();
    for (name, call, why) in [
        ("absolute", "anywhere", "path \"https://evil.example/x\" is not relative to the base URL"),
        ("other host", "anywhere", "path \"//evil.example/x\" is not relative to the base URL"),
        ("dots", "anywhere", "path \"/..\" has a dot segment"),
        ("encoded dots", "anywhere", "path \"/%2e%2E\" has a dot segment"),
        ("backslash", "anywhere", "path \"/\\\\evil.example\" is not percent-encoded"),
        ("query in path", "anywhere", "path \"/a?b=c\" is not percent-encoded"),
        ("authorization", "update", "the header authorization is the gateway's"),
        ("cookie", "update", "the header cookie is the gateway's"),
        ("host", "update", "the header host is the gateway's"),
        ("length", "update", "the header content-length is the gateway's"),
        ("line break", "update", "the value of the header x-a holds characters that it may not"),
        ("line break in a name", "update", "\"x-a\\r\\nx-b\" is no header"),
        ("bad media", "update", "\"text/plain\\r\\nx: y\" is no media type"),
        ("undeclared call", "nowhere", "is not declared for this operation"),
        ("undeclared method", "update", "method \"DELETE\" where PATCH is declared"),
        ("undeclared path", "update", "path \"/others/1\" where /things/{id} is declared"),
    ] {
        scene.refuses(&account, name, &format!("the plugin broke its contract: call {call:?}: {why}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_at_sign_in_a_path_names_no_other_host() {
    let (scene, account) = set();
    let _ = scene.does(&account, "user info").await.ok();
    assert_eq!(scene.stub.one().target, "/base/@evil.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_fails_after_a_write_does_not_hide_the_write() {
    let (scene, account) = set();
    for (name, detail) in [
        ("trap after the write", "the plugin trapped: wasm `unreachable` instruction executed"),
        ("loop after the write", "the plugin ran over its deadline of 400 ms"),
        ("write after the answer", "the plugin broke its contract: an exchange follows the one that answers and is no read-back"),
        ("reference to nowhere", "the plugin broke its contract: it refers to a place that the answer does not have"),
        ("reference to the future", "the plugin broke its contract: it refers to an exchange that was not made"),
    ] {
        let problem = scene.does(&account, name).await.problem(502, "plugin_failed");
        assert_eq!(of(&problem), ("plugin_failed", "map", detail), "{name}");
        assert_eq!(problem["applied"], json!([{"method": "PATCH", "path": "/things/7", "status": 200}]), "{name}");
        scene.world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_never_finishes_is_stopped() {
    let (scene, account) = set();
    let problem = scene.does(&account, "endless").await.problem(502, "plugin_failed");
    assert_eq!(of(&problem), ("plugin_failed", "map", "the plugin went over its limits: more than 64 exchanges"));
    assert_eq!(scene.stub.seen().len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_without_end_are_cut() {
    let (scene, account) = set();
    let cut = format!("{}…", "é".repeat(2000));
    let problem = scene.does(&account, "huge refusal").await.problem(422, "change_not_supported");
    assert_eq!(of(&problem), ("change_not_supported", "map", cut.as_str()));
    let many = scene.does(&account, "many fields at fault").await.problem(422, "invalid_field");
    assert_eq!(many["errors"].as_array().unwrap().len(), 100);
    let late = scene.does(&account, "huge rejection").await.problem(422, "provider_rejected");
    assert_eq!(of(&late), ("provider_rejected", "send", cut.as_str()));
    scene.world.serves(&seeds::WRIKE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_answers_are_made_harmless() {
    let (scene, account) = set();
    let foreign = scene.does(&account, "foreign fields").await;
    assert_eq!((foreign.ok().get("colour"), foreign.warnings().unwrap().contains(r#""colour";reason=undeclared"#)), (None, true));
    let etag = scene.does(&account, "etag with a line break").await;
    assert_eq!((etag.ok()["id"].clone(), etag.header("etag")), (json!("7"), None));
    let many = scene.does(&account, "many warnings").await;
    assert!(many.ok().is_object() && many.warnings().unwrap().len() < 8_000);
}
