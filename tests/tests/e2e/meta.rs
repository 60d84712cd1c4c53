//! What an account accepts, as `meta/{method}` says it.

use patchboard_tests::World;
use patchboard_tests::seeds::{ATTIO, CAPSULE, ORGANIZATION, PLANNER, Seed, WORKIVA, WRIKE};
use serde_json::{Value, json};

async fn meta(world: &World, seed: &Seed, method: &str, account: &str) -> Value {
    let path = format!("{}/meta/{method}", seed.collection());
    world.call("GET", &path).query(&format!("integrated_account_id={account}")).send().await.ok()
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_body_is_narrowed_to_what_the_provider_takes() {
    let world = World::start();
    let update = meta(&world, &CAPSULE, "update", &world.account(&CAPSULE)).await;
    assert_eq!((&update["method"], &update["http_method"]), (&json!("update"), &json!("PATCH")));
    let properties = &update["body_schema"]["properties"];
    let taken =
        ["name", "description", "status", "account", "contact", "opportunity", "tags", "close_date", "custom_fields", "remote_data"];
    let mut names = names(properties);
    names.sort_unstable();
    let mut taken = taken.to_vec();
    taken.sort_unstable();
    assert_eq!(names, taken);
    assert_eq!(properties["status"]["enum"], json!(["open", "closed"]));
    let calls: Vec<&str> = update["calls"].as_array().unwrap().iter().map(|call| call["name"].as_str().unwrap()).collect();
    assert!(calls.contains(&"update_project"), "{calls:?}");
}

#[tokio::test]
async fn what_is_required_is_said() {
    let world = World::start();
    let update = meta(&world, &PLANNER, "update", &world.account(&PLANNER)).await;
    assert_eq!(update["query_schema"]["required"], json!(["etag"]));
    let create = meta(&world, &WRIKE, "create", &world.account(&WRIKE)).await;
    assert_eq!(create["body_schema"]["required"], json!(["name", "type"]));
    let upsert = meta(&world, &ATTIO, "upsert", &world.account(&ATTIO)).await;
    assert!(names(&upsert["query_schema"]["properties"]).contains(&"matching_attribute"));
}

#[tokio::test]
async fn a_deprecated_call_is_said_to_be_one() {
    let world = World::start();
    let settings = [("api_version", "2022-01-01"), ("organization_id", ORGANIZATION)];
    let old = world.add_account(&WORKIVA, &settings, &WORKIVA.credential());
    let call = meta(&world, &WORKIVA, "update", &old).await["calls"][0].clone();
    assert_eq!((&call["deprecated"], &call["sunset"]), (&json!("2026-02-12"), &json!("2027-01-31")));
    let new = meta(&world, &WORKIVA, "update", &world.account(&WORKIVA)).await["calls"][0].clone();
    assert_eq!((new.get("deprecated"), new.get("sunset")), (None, None));
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let world = World::start();
    let account = format!("integrated_account_id={}", world.account(&WORKIVA));
    let ask = async |path: &str, query: &str| world.call("GET", path).query(query).send().await;
    let problem = ask("/unified/ticketing/workspaces/meta/delete", &account).await;
    problem.problem(405, "operation_not_supported");
    assert_eq!(problem.header("allow").as_deref(), Some("GET, PATCH"));
    ask("/unified/ticketing/nothing/meta/get", &account).await.problem(404, "unknown_resource");
    ask("/unified/ticketing/workspaces/meta/get", "").await.problem(400, "invalid_parameter");
    ask("/unified/ticketing/workspaces/meta/get", "integrated_account_id=nobody").await.problem(404, "unknown_account");
    let path = "/unified/ticketing/workspaces/meta/get";
    world.call("GET", path).query(&account).no_token().send().await.problem(401, "unauthorized");
}
