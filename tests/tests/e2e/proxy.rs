//! `/proxy`: the provider's own API with the account's credential and nothing mapped.

use patchboard_tests::World;
use patchboard_tests::seeds::{CAPSULE, PIPELINER, Seed, TEAMLEADER, WRIKE};
use serde_json::json;

fn proxied(world: &World, seed: &Seed, method: &str, path: &str) -> patchboard_tests::Call {
    world.call(method, &format!("/proxy{path}")).query(&format!("integrated_account_id={}", world.account(seed)))
}

#[tokio::test]
async fn a_native_write_goes_through_as_it_is() {
    let world = World::start();
    let call = proxied(&world, &WRIKE, "PUT", "/spaces/MQAAAAEQ_HoD").query("truto_response_format=raw&description=a%20b");
    let answer = call.header("cookie", "mine=1").media("application/x-www-form-urlencoded", "title=By+proxy").send().await;
    assert_eq!((answer.status, answer.header("content-type").as_deref()), (200, Some("application/json")));
    assert_eq!(answer.json()["data"][0]["title"], "By proxy");
    let request = world.sandbox.request().await;
    assert_eq!((&request["path"], &request["query"]), (&json!("/api/v4/spaces/MQAAAAEQ_HoD"), &json!("description=a%20b")));
    assert_eq!(request["body"], "title=By+proxy");
    assert_eq!(request["headers"]["authorization"], "Bearer sandbox-wrike");
    assert_eq!(request["headers"].get("cookie"), None);
}

#[tokio::test]
async fn basic_credentials_and_quota_headers_are_the_accounts() {
    let world = World::start();
    let answer = proxied(&world, &PIPELINER, "GET", "/entities/Projects").query("first=1").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["data"].as_array().map(Vec::len), Some(1));
    let answer = proxied(&world, &CAPSULE, "GET", "/kases/5271516").send().await;
    assert_eq!((answer.status, answer.header("ratelimit-limit").as_deref()), (200, Some("4000")));
    let answer = proxied(&world, &TEAMLEADER, "POST", "/projects-v2/projects.info").json(&json!({"id": TEAMLEADER.id})).send().await;
    assert_eq!(answer.json()["data"]["id"], TEAMLEADER.id);
}

#[tokio::test]
async fn an_error_of_the_provider_is_its_answer() {
    let world = World::start();
    let answer = proxied(&world, &WRIKE, "GET", "/spaces/nothing").send().await;
    let native = answer.json();
    assert!(answer.status >= 400 && native["errorDescription"].is_string(), "{native}");
    world.sandbox.fail(&WRIKE, "rate_limit", json!({"retry_after": "7"})).await;
    let answer = proxied(&world, &WRIKE, "GET", "/spaces").send().await;
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (429, Some("7")));
}

#[tokio::test]
async fn a_refused_credential_marks_the_account() {
    let world = World::start();
    let account = world.add_account(&WRIKE, &[], &json!({"access_token": "wrong-token"}).to_string());
    let answer = world.call("GET", "/proxy/spaces").query(&format!("integrated_account_id={account}")).send().await;
    assert_eq!(answer.status, 401);
    assert_eq!(world.show_account(&account)["status"], "needs_reauth");
    let again = world.call("GET", "/proxy/spaces").query(&format!("integrated_account_id={account}")).send().await;
    again.problem(422, "account_needs_reauth");
}

#[tokio::test]
async fn a_path_cannot_leave_the_base_url_and_the_account_must_be_the_callers() {
    let world = World::start();
    for path in ["/a/%2e%2e/b", "//evil.example/x", "/a%2f..%2f"] {
        let answer = proxied(&world, &WRIKE, "GET", path).send().await;
        assert!(answer.status == 400 || answer.json()["error"].is_string(), "{path}: {} {}", answer.status, answer.text());
    }
    world.call("GET", "/proxy/spaces").send().await.problem(400, "invalid_parameter");
    world.call("GET", "/proxy/spaces").query("integrated_account_id=nobody").send().await.problem(404, "unknown_account");
    world.call("GET", "/proxy/spaces").no_token().send().await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_problem() {
    let world = World::start();
    let dead = world.add_account(&WRIKE, &[("base_url", "http://127.0.0.1:9")], &WRIKE.credential());
    let answer = world.call("GET", "/proxy/spaces").query(&format!("integrated_account_id={dead}")).send().await;
    answer.problem(422, "upstream_not_allowed");
    world.sandbox.fail(&WRIKE, "reset", json!({})).await;
    proxied(&world, &WRIKE, "GET", "/spaces").send().await.problem(502, "provider_unreachable");
}
