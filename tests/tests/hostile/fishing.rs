//! A plugin that fishes for the credential: its provider gives it away in every answer, and
//! the plugin puts what it got wherever somebody may see it. The gateway takes the secret
//! out of an answer before the plugin gets it.

use patchboard_tests::{Reply, seeds};
use serde_json::Value;

use crate::component::hostile;
use crate::scene::{Scene, TOKEN, of};

/// Nothing of the answer, nor of the log, holds the token; that the plugin got the rest of
/// the provider's answer shows that it looked in the right place.
fn holds_no_token(scene: &Scene, reply: &Reply, what: &str) {
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    let headers: String =
        reply.headers.iter().map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))).collect();
    let all = [headers, reply.text(), scene.world.server.log()].concat();
    for form in
        [TOKEN.to_owned(), TOKEN.replace('+', "%2B").replace('/', "%2F"), TOKEN.replace('+', "\\u002B"), hex, "access/token".to_owned()]
    {
        assert!(!all.to_lowercase().contains(&form.to_lowercase()), "{what}: {form} is in {all}");
    }
    assert!(all.contains("[redacted]") || all.contains("%5Bredacted%5D"), "{what}: the plugin got nothing: {all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_holds_no_credential() {
    let scene = Scene::set(&[("hostile", hostile())]);
    let account = scene.account("hostile");
    for (name, status, code, phase) in [
        ("fish in what is unreadable", 502, "provider_unreadable", "send"),
        ("fish in a refusal", 422, "change_not_supported", "map"),
        ("fish in fields at fault", 422, "invalid_field", "map"),
        ("fish in a rejection", 422, "provider_rejected", "send"),
    ] {
        let reply = scene.does(&account, name).await;
        let problem = reply.problem(status, code);
        assert_eq!((of(&problem).1, of(&problem).2.contains("Bearer [redacted]")), (phase, true), "{problem}");
        holds_no_token(&scene, &reply, name);
        scene.world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_holds_no_credential() {
    let scene = Scene::set(&[("hostile", hostile())]);
    let account = scene.account("hostile");
    for name in
        ["fish in an object", "fish in an etag", "fish in a warning", "fish in state", "fish in what is known", "fish in a native object"]
    {
        let reply = scene.does(&account, name).await;
        let _ = reply.ok();
        holds_no_token(&scene, &reply, name);
        scene.world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_through_holds_no_credential() {
    let scene = Scene::set(&[("hostile", hostile())]);
    let account = scene.account("hostile");
    for format in ["raw", "stream"] {
        let path = format!("/unified/ticketing/workspaces/7?integrated_account_id={account}&response_format={format}");
        let reply = scene.world.call("PATCH", &path).json(&serde_json::json!({"name": "good"})).send().await;
        assert_eq!(reply.status, 200);
        holds_no_token(&scene, &reply, format);
    }
}

/// A page of the hostile list, from a cursor.
async fn page(scene: &Scene, account: &str, cursor: &str) -> Reply {
    let path = format!("/unified/ticketing/workspaces?integrated_account_id={account}&next_cursor={cursor}");
    scene.world.call("GET", &path).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_the_plugins_own_under_a_seal_and_holds_no_credential() {
    let scene = Scene::set(&[("hostile", hostile())]);
    let (account, other) = (scene.account("hostile"), scene.account("hostile"));
    let first = page(&scene, &account, "").await;
    holds_no_token(&scene, &first, "a page");
    let cursor = first.ok()["next_cursor"].as_str().unwrap().to_owned();
    let opened = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &cursor).unwrap();
    let opened = String::from_utf8_lossy(&opened).into_owned();
    assert!(opened.contains("[redacted]") && !opened.contains("access/token"), "{opened}");

    // The plugin's text, line breaks and dots included, comes back as it was and to it alone.
    let second = page(&scene, &account, &cursor).await;
    assert_eq!(second.ok()["result"][0]["name"], Value::from(opened.split_once("../").map(|(_, rest)| format!("../{rest}")).unwrap()));

    let turned = if cursor.ends_with('A') { "B" } else { "A" };
    let altered = format!("{}{turned}", cursor.strip_suffix(|_: char| true).unwrap());
    let asked = scene.stub.seen().len();
    let why = "next_cursor is not a cursor of this list: take it from the last answer, unchanged";
    for (account, cursor) in [(&account, altered.as_str()), (&account, "Li4vLi4v"), (&other, &cursor)] {
        let problem = page(&scene, account, cursor).await.problem(400, "invalid_parameter");
        assert_eq!(of(&problem), ("invalid_parameter", "parse", why));
    }
    assert_eq!(scene.stub.seen().len(), asked);
    scene.world.serves(&seeds::WRIKE).await;
}
