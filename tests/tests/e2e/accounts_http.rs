//! `/integrated-account`.

use patchboard_tests::seeds::{ORGANIZATION, WRIKE};
use patchboard_tests::{Reply, World, raw};
use serde_json::{Value, json};

async fn create(world: &World, body: &Value) -> Reply {
    world.call("POST", "/integrated-account").json(body).send().await
}

fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|date| date.len() >= 20 && date.contains('T') && date.ends_with('Z'))
}

#[tokio::test]
async fn an_account_is_created_listed_changed_and_removed() {
    let world = World::start();
    let base = world.sandbox.url(WRIKE.base);
    let created =
        create(&world, &json!({"provider": "wrike", "settings": {"base_url": base}, "credentials": {"access_token": "sandbox-wrike"}}))
            .await;
    assert_eq!((created.status, created.header("content-type").as_deref()), (201, Some("application/json")));
    let account = created.json();
    let id = account["id"].as_str().unwrap();
    assert!(is_date(&account["created_at"]) && id.len() == 36, "{account}");
    assert_eq!(
        account,
        json!({
            "id": id, "tenant_id": "default", "provider": "wrike", "status": "active", "settings": {"base_url": base},
            "created_at": account["created_at"], "updated_at": account["created_at"], "last_error": null, "plugin_version": null,
        })
    );
    let path = format!("/integrated-account/{id}");
    assert_eq!(world.call("GET", &path).send().await.ok(), account);
    let list = world.call("GET", "/integrated-account").send().await.ok();
    assert_eq!(list, json!({"result": [account], "next_cursor": null, "prev_cursor": null, "result_count": 1}));
    assert_eq!(world.update_with(&WRIKE, id).json(&json!({"name": "n"})).send().await.ok()["name"], "n");

    let changed = world.call("PATCH", &path).json(&json!({"settings": {"host": "app-eu.wrike.com", "base_url": null}})).send().await.ok();
    assert_eq!(changed["settings"], json!({"host": "app-eu.wrike.com"}), "settings are merged, and null takes one away");
    let report = world.update_with(&WRIKE, id).query("dry_run=true").json(&json!({"name": "n"})).send().await.ok();
    assert_eq!(report["requests"][0]["url"], format!("https://app-eu.wrike.com/api/v4/spaces/{}", WRIKE.id));

    assert_eq!(world.call("DELETE", &path).send().await.ok(), json!({"id": id}));
    for method in ["GET", "DELETE"] {
        let _ = world.call(method, &path).send().await.problem(404, "unknown_account");
    }
    let _ = world.call("PATCH", &path).json(&json!({})).send().await.problem(404, "unknown_account");
    assert_eq!(world.call("GET", "/integrated-account").send().await.ok()["result_count"], 0);
}

#[tokio::test]
async fn a_new_credential_sets_a_refused_account_active() {
    let world = World::start();
    let body =
        json!({"provider": "wrike", "settings": {"base_url": world.sandbox.url(WRIKE.base)}, "credentials": {"access_token": "expired"}});
    let id = create(&world, &body).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/integrated-account/{id}");
    let _ = world.update_with(&WRIKE, &id).json(&json!({"name": "n"})).send().await.problem(401, "provider_rejected");
    assert_eq!(world.call("GET", &path).send().await.ok()["status"], "needs_reauth");
    let updated = world.call("PATCH", &path).json(&json!({"credentials": {"access_token": "sandbox-wrike"}})).send().await.ok();
    assert_eq!((&updated["status"], &updated["last_error"]), (&json!("active"), &Value::Null));
    assert_eq!(world.update_with(&WRIKE, &id).json(&json!({"name": "n"})).send().await.ok()["name"], "n");
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_by_name() {
    let world = World::start();
    let good = json!({"access_token": "token-1"});
    for (body, path) in [
        (json!({"credentials": good}), "/provider"),
        (json!({"provider": 1, "credentials": good}), "/provider"),
        (json!({"provider": "wrike"}), "/credentials"),
        (json!({"provider": "wrike", "credentials": null}), "/credentials"),
        (json!({"provider": "wrike", "credentials": {}}), "/credentials"),
        (json!({"provider": "wrike", "credentials": {"access_token": 1}}), "/credentials"),
        (json!({"provider": "wrike", "credentials": {"access_token": "a\nb"}}), "/credentials"),
        (json!({"provider": "wrike", "credentials": good, "settings": []}), "/settings"),
        (json!({"provider": "wrike", "credentials": good, "settings": {"host": 1}}), "/settings/host"),
        (json!({"provider": "wrike", "credentials": good, "settings": {"host": "evil.example"}}), "/settings/host"),
        (json!({"provider": "wrike", "credentials": good, "settings": {"nope": "x"}}), "/settings/nope"),
        (json!({"provider": "wrike", "credentials": good, "settings": {"base_url": "ftp://x"}}), "/settings/base_url"),
        (json!({"provider": "wrike", "credentials": good, "settings": {"base_url": "http://u:p@x"}}), "/settings/base_url"),
        (json!({"provider": "workiva", "credentials": good}), "/settings/organization_id"),
        (json!({"provider": "workiva", "credentials": good, "settings": {"organization_id": "x"}}), "/settings/organization_id"),
        (
            json!({"provider": "workiva", "credentials": good, "settings": {"organization_id": ORGANIZATION, "region": "mars"}}),
            "/settings/region",
        ),
        (json!({"provider": "wrike", "credentials": good, "tenant_id": ""}), "/tenant_id"),
        (json!({"provider": "wrike", "credentials": good, "tenant_id": 7}), "/tenant_id"),
        (json!({"provider": "wrike", "credentials": good, "status": "active"}), "/status"),
        (json!({"provider": "wrike", "credentials": good, "id": "x"}), "/id"),
    ] {
        let problem = create(&world, &body).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["path"], path, "{body}");
    }
    let problem = create(&world, &json!({"provider": "nope", "credentials": good})).await.problem(422, "provider_not_loaded");
    assert_eq!(problem["errors"][0]["path"], "/provider");
    assert_eq!(world.call("GET", "/integrated-account").send().await.ok()["result_count"], 0);
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_change_that_is_wrong_changes_nothing() {
    let world = World::start();
    let id = world.account(&WRIKE);
    let (path, before) = (format!("/integrated-account/{id}"), world.show_account(&id));
    for body in [
        json!({"settings": {"nope": "x"}}),
        json!({"settings": {"host": "x y"}}),
        json!({"credentials": {"password": "x"}}),
        json!({"credentials": null}),
        json!({"provider": "workiva"}),
        json!({"tenant_id": "other"}),
        json!({"status": "active"}),
    ] {
        let _ = world.call("PATCH", &path).json(&body).send().await.problem(422, "invalid_field");
        assert_eq!(world.show_account(&id), before, "{body}");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let world = World::start();
    let path = format!("/integrated-account/{}", world.account(&WRIKE));
    let deep = format!("{{\"settings\":{}}}", "[".repeat(10_000));
    for (method, path) in [("POST", "/integrated-account"), ("PATCH", path.as_str())] {
        for (body, code) in [
            ("not json", "invalid_json"),
            ("{\"provider\":\"a\",\"provider\":\"b\"}", "invalid_json"),
            (deep.as_str(), "invalid_json"),
            ("[]", "invalid_body"),
            ("null", "invalid_body"),
            ("\"x\"", "invalid_body"),
        ] {
            let _ = world.call(method, path).media("application/json", body).send().await.problem(400, code);
        }
        let _ =
            world.call(method, path).media("application/json", &b"{\"provider\":\"\xff\"}"[..]).send().await.problem(400, "invalid_json");
        let _ = world.call(method, path).media("text/plain", "{}").send().await.problem(415, "unsupported_media_type");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_post_without_a_body_is_a_problem_even_with_a_content_type() {
    let world = World::start();
    let reply = world.call("POST", "/integrated-account").header("content-type", "application/json").send().await;
    let code = reply.json()["code"].as_str().unwrap().to_owned();
    let _ = reply.problem(reply.status, &code);
    assert!(matches!(reply.status, 400 | 422), "{}", reply.text());
}

#[tokio::test]
async fn a_get_or_delete_with_a_content_type_and_no_body_is_served() {
    let world = World::start();
    let path = format!("/integrated-account/{}", world.account(&WRIKE));
    for method in ["GET", "DELETE"] {
        let _ = world.call(method, &path).header("content-type", "application/json").send().await.ok();
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_is_404_whatever_its_id() {
    let world = World::start();
    for id in ["x", "00000000-0000-0000-0000-000000000000", "%F0%9F%9A%80", "a%2Fb", "%00", "'%20OR%201=1", &"x".repeat(10_000)] {
        let _ = world.call("GET", &format!("/integrated-account/{id}")).send().await.problem(404, "unknown_account");
    }
}

#[tokio::test]
async fn an_account_id_that_is_not_utf8_is_a_problem_like_any_other() {
    let world = World::start();
    let bearer = format!("Bearer {}", world.token);
    for method in ["GET", "PATCH", "DELETE"] {
        let request = raw::request(method, "/integrated-account/%FF", &[("authorization", &bearer)], b"");
        let reply = raw::exchange(world.server.address(), &request);
        assert!(matches!(reply.status, 400 | 404), "{}", reply.text());
        let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
        let _ = reply.problem(reply.status, &code);
    }
}

#[tokio::test]
async fn accounts_made_by_the_command_and_over_http_are_the_same() {
    let world = World::start();
    let id = world.account(&WRIKE);
    let listed = world.command(&["account", "list", "--json"]).succeed().json();
    assert_eq!(world.call("GET", "/integrated-account").send().await.ok()["result"], listed);
    assert_eq!(world.call("GET", &format!("/integrated-account/{id}")).send().await.ok(), listed[0]);
}
