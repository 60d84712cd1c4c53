//! Who may do what: tokens, tenants, and the state of an account.

use patchboard_tests::seeds::{PLANNER, WORKIVA, WRIKE, credential};
use patchboard_tests::{Seed, World, raw};
use serde_json::{Value, json};

fn tenant_token(world: &World, tenant: &str) -> String {
    world.command(&["token", "create", "--tenant", tenant]).succeed().stdout.trim().to_owned()
}

fn tenant_account(world: &World, seed: &Seed, tenant: &str) -> String {
    let base = format!("base_url={}", world.sandbox.url(seed.base));
    let add = ["account", "add", "--provider", seed.provider, "--tenant", tenant, "--setting", base.as_str(), "--credential-file", "-"];
    world.command(&add).input(&seed.credential()).succeed().stdout.trim().to_owned()
}

#[tokio::test]
async fn a_request_without_a_known_token_is_401() {
    let world = World::start();
    let (secret_changed, id_alone) = (format!("{}0", world.token), world.token.rsplit_once('_').unwrap().0.to_owned());
    for header in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer pb_nope_nope".to_owned()),
        Some(format!("Bearer {secret_changed}")),
        Some(format!("Bearer {id_alone}")),
        Some(format!("Basic {}", world.token)),
        Some(world.token.clone()),
        Some("Bearer \u{e9}".to_owned()),
    ] {
        for (method, path) in [
            ("PATCH", WRIKE.path().as_str()),
            ("GET", "/integrated-account"),
            ("POST", "/integrated-account"),
            ("DELETE", "/integrated-account/x"),
        ] {
            let call = world.call(method, &format!("{path}?integrated_account_id={}", world.account(&WRIKE))).no_token();
            let call = header.iter().fold(call, |call, header| call.header("authorization", header));
            let reply = if method == "GET" { call.send().await } else { call.json(&json!({"name": "n"})).send().await };
            assert_eq!(reply.problem(401, "unauthorized")["phase"], "http", "{header:?} {method} {path}");
            assert_eq!(reply.header("www-authenticate").as_deref(), Some("Bearer"), "{header:?}");
        }
    }
    assert!(world.sandbox.requests().await.is_empty());
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let world = World::start();
    let call = world.update(&WRIKE).no_token().header("authorization", &format!("bearer {}", world.token));
    assert_eq!(call.json(&json!({"name": "n"})).send().await.ok()["name"], "n");
}

#[tokio::test]
async fn a_revoked_token_counts_no_more_from_the_next_request() {
    let world = World::start();
    let created = world.command(&["token", "create", "--name", "short-lived"]).succeed();
    let token = created.stdout.trim();
    assert_eq!(world.update(&WRIKE).token(token).json(&json!({"name": "n"})).send().await.ok()["name"], "n");
    let list = world.command(&["token", "list", "--json"]).succeed().json();
    let entry = list.as_array().unwrap().iter().find(|entry| entry["name"] == "short-lived").unwrap();
    let _ = world.command(&["token", "revoke", entry["id"].as_str().unwrap()]).succeed();
    let _ = world.update(&WRIKE).token(token).json(&json!({"name": "n"})).send().await.problem(401, "unauthorized");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_token_of_another_tenant_is_403() {
    let world = World::start();
    let (acme, other) = (tenant_token(&world, "acme"), tenant_token(&world, "other"));
    let account = tenant_account(&world, &WRIKE, "acme");
    let body = json!({"name": "n"});
    assert_eq!(world.update_with(&WRIKE, &account).token(&acme).json(&body).send().await.ok()["name"], "n");
    world.sandbox.forget().await;
    let refused = world.update_with(&WRIKE, &account).token(&other).json(&body).send().await.problem(403, "forbidden");
    assert_eq!(refused["phase"], "account");
    let path = format!("/integrated-account/{account}");
    for (method, body) in [("GET", None), ("PATCH", Some(json!({"settings": {}}))), ("DELETE", None)] {
        let call = body.iter().fold(world.call(method, &path).token(&other), |call, body| call.json(body));
        let _ = call.send().await.problem(403, "forbidden");
    }
    let theirs = json!({"provider": "wrike", "tenant_id": "acme", "credentials": {"access_token": "tok-1"}});
    let _ = world.call("POST", "/integrated-account").token(&other).json(&theirs).send().await.problem(403, "forbidden");
    assert!(world.sandbox.requests().await.is_empty());
    assert_eq!(
        world.update_with(&WRIKE, &account).json(&body).send().await.ok()["name"],
        "n",
        "a token without a tenant may use every account"
    );
}

#[tokio::test]
async fn a_tenants_token_lists_and_makes_its_own_accounts_only() {
    let world = World::start();
    let (acme, account) = (tenant_token(&world, "acme"), tenant_account(&world, &WRIKE, "acme"));
    let _ = tenant_account(&world, &PLANNER, "other");
    let list = world.call("GET", "/integrated-account").token(&acme).send().await.ok();
    let ids: Vec<&Value> = list["result"].as_array().unwrap().iter().map(|account| &account["id"]).collect();
    assert_eq!((ids, &list["result_count"]), (vec![&json!(account)], &json!(1)));
    let body = json!({"provider": "wrike", "credentials": {"access_token": "tok-1"}});
    let made = world.call("POST", "/integrated-account").token(&acme).json(&body).send().await;
    assert_eq!((made.status, &made.json()["tenant_id"]), (201, &json!("acme")));
    assert_eq!(world.call("GET", "/integrated-account").send().await.ok()["result_count"], 3);
}

#[tokio::test]
async fn an_account_whose_provider_refused_it_is_not_used_until_it_is_updated() {
    let world = World::start();
    let account = world.add_account(&WRIKE, &[], &credential("expired-token"));
    let body = json!({"name": "n"});
    let problem = world.update_with(&WRIKE, &account).json(&body).send().await.problem(401, "provider_rejected");
    assert_eq!((problem["remote"]["status"].as_u64(), problem["detail"].as_str()), (Some(401), Some("User is not authorized")));
    assert_eq!(world.sandbox.requests().await.len(), 1);
    let shown = world.show_account(&account);
    assert_eq!((&shown["status"], &shown["last_error"]), (&json!("needs_reauth"), &json!("User is not authorized")));
    let over_http = world.call("GET", &format!("/integrated-account/{account}")).send().await.ok();
    assert_eq!(over_http, shown);
    for query in ["", "dry_run=true"] {
        let refused = world.update_with(&WRIKE, &account).query(query).json(&body).send().await;
        assert_eq!(refused.problem(422, "account_needs_reauth")["phase"], "account");
    }
    assert_eq!(world.sandbox.requests().await.len(), 1, "nothing more was sent");
    world.serves(&WRIKE).await;
    let _ = world.command(&["account", "update", &account, "--credential-file", "-"]).input(&WRIKE.credential()).succeed();
    let shown = world.show_account(&account);
    assert_eq!((&shown["status"], &shown["last_error"]), (&json!("active"), &Value::Null));
    assert_eq!(world.update_with(&WRIKE, &account).json(&body).send().await.ok()["name"], "n");
}

#[tokio::test]
async fn a_forbidden_write_leaves_the_account_active() {
    let world = World::start();
    let account = world.add_account(&WRIKE, &[], &credential("sandbox-wrike-readonly"));
    let problem = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.problem(403, "provider_rejected");
    assert_eq!(problem["remote"]["body"]["error"], "access_forbidden");
    assert_eq!(world.show_account(&account)["status"], "active");
}

#[tokio::test]
async fn an_account_that_was_removed_is_404_from_the_next_request() {
    let world = World::start();
    let account = world.add_account(&WRIKE, &[], &WRIKE.credential());
    let body = json!({"name": "n"});
    let _ = world.update_with(&WRIKE, &account).json(&body).send().await.ok();
    let _ = world.command(&["account", "remove", &account]).succeed();
    let _ = world.update_with(&WRIKE, &account).json(&body).send().await.problem(404, "unknown_account");
}

#[tokio::test]
async fn a_changed_setting_counts_from_the_next_request() {
    let world = World::start();
    let account = world.account(&WRIKE);
    let _ = world.update(&WRIKE).json(&json!({"name": "n"})).send().await.ok();
    let elsewhere = format!("base_url={}", world.sandbox.url("/elsewhere"));
    let _ = world.command(&["account", "update", &account, "--setting", &elsewhere]).succeed();
    let report = world.update(&WRIKE).query("dry_run=true").json(&json!({"name": "n"})).send().await.ok();
    assert_eq!(report["requests"][0]["url"], world.sandbox.url("/elsewhere/spaces/MQAAAAEQ_HoD"));
}

/// Writes into the store what no command would: an account as an earlier version, another
/// plugin or a broken disk may have left it.
fn meddle(world: &World, sql: &str, account: &str) {
    let store = rusqlite::Connection::open(world.data.path().join("patchboard.db")).unwrap();
    assert_eq!(store.execute(sql, [account]).unwrap(), 1);
}

#[tokio::test]
async fn an_account_that_is_not_active_says_why_and_is_not_used() {
    let world = World::start();
    let account = world.add_account(&WRIKE, &[], &WRIKE.credential());
    for status in ["connecting", "needs_reauth", "validation_error", "post_install_error"] {
        meddle(&world, &format!("UPDATE accounts SET status = '{status}' WHERE id = ?1"), &account);
        let reply = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await;
        let _ = reply.problem(422, &format!("account_{status}"));
        assert!(world.sandbox.requests().await.is_empty(), "{status}");
        assert_eq!(world.call("GET", &format!("/integrated-account/{account}")).send().await.ok()["status"], status);
    }
    let _ = world.command(&["account", "update", &account]).succeed();
    assert_eq!(world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.ok()["name"], "n");
}

#[tokio::test]
async fn an_account_without_a_setting_that_its_provider_requires_is_incomplete() {
    let world = World::start();
    let account = world.add_account(&WORKIVA, &[], &WORKIVA.credential());
    meddle(&world, "UPDATE accounts SET settings = '{}' WHERE id = ?1", &account);
    let problem = world.update_with(&WORKIVA, &account).json(&json!({"name": "n"})).send().await.problem(422, "account_incomplete");
    assert_eq!((&problem["phase"], &problem["errors"][0]["path"]), (&json!("account"), &json!("/settings/organization_id")));
    assert!(world.sandbox.requests().await.is_empty());
    world.serves(&WORKIVA).await;
}

#[tokio::test]
async fn an_account_that_cannot_be_read_costs_its_own_requests_only() {
    let world = World::start();
    let account = world.add_account(&WRIKE, &[], &WRIKE.credential());
    meddle(&world, "UPDATE accounts SET credential = x'0102' WHERE id = ?1", &account);
    let problem = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.problem(500, "internal");
    assert_eq!(problem["errors"], Value::Null);
    world.serves(&WRIKE).await;
    let _ = world.command(&["account", "update", &account, "--credential-file", "-"]).input(&WRIKE.credential()).succeed();
    assert_eq!(world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.ok()["name"], "n");
}

#[tokio::test]
async fn the_account_is_looked_up_before_it_is_told_what_is_missing() {
    let world = World::start();
    let reply = world.update_with(&PLANNER, "unknown").json(&json!({"name": "n"})).send().await;
    let _ = reply.problem(404, "unknown_account");
}

#[tokio::test]
async fn a_large_body_without_a_token_gets_its_401() {
    let world = World::start();
    let bytes = raw::request("PATCH", &WRIKE.path(), &[("content-type", "application/json")], &vec![b' '; 8 << 20]);
    let mut stream = raw::connect(world.server.address());
    // The server may answer and close before everything was sent.
    let _ = std::io::Write::write_all(&mut stream, &bytes);
    let reply = raw::read(&mut stream);
    assert_eq!(reply.status, 401);
    world.serves(&WRIKE).await;
}
