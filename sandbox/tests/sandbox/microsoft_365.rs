//! Microsoft 365 has Planner's API, whose own tests are in `planner.rs`; here is what sets it apart.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::Harness;

const PLANS: &str = "/microsoft-365/v1.0/planner/plans";
const PLAN: &str = "/microsoft-365/v1.0/planner/plans/jd8S5gOaFk2S8aWCIAJz42QAAxtD";
const GROUP: &str = "02bd9fd6-8f93-4758-87c3-1fb73740a315";
const USER: &str = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-microsoft-365");
const JSON: (&str, &str) = ("content-type", "application/json");
const PREFER: (&str, &str) = ("prefer", "return=representation");

#[tokio::test]
async fn a_plan_is_created_read_changed_and_deleted() {
    let harness = Harness::start().await;
    let body = json!({ "title": "New", "container": { "containerId": GROUP, "type": "group" } }).to_string();
    let reply = harness.send("POST", PLANS, &[TOKEN, JSON], body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let created = reply.json();
    let id = created["id"].as_str().unwrap();
    assert!(id.len() == 28 && id.ends_with("QAAxtD"), "{id}");
    assert_eq!(created["createdBy"]["user"]["id"], USER);
    let path = format!("{PLANS}/{id}");
    let etag = ("if-match", created["@odata.etag"].as_str().unwrap());
    let changed = harness.send("PATCH", &path, &[TOKEN, JSON, PREFER, etag], r#"{"title":"Renamed"}"#).await.json();
    assert_eq!(changed["title"], "Renamed");
    assert_eq!(harness.send("GET", &path, &[TOKEN], "").await.json(), changed);
    assert_eq!(harness.send("DELETE", &path, &[TOKEN, etag], "").await.status, 412);
    let etag = ("if-match", changed["@odata.etag"].as_str().unwrap());
    assert_eq!(harness.send("DELETE", &path, &[TOKEN, etag], "").await.status, 204);
    assert_eq!(harness.send("GET", &path, &[TOKEN], "").await.status, 404);
}

#[tokio::test]
async fn its_plans_and_tokens_are_not_planners() {
    let harness = Harness::start().await;
    let planner = ("authorization", "Bearer sandbox-microsoft-planner");
    assert_eq!(harness.send("GET", PLAN, &[planner], "").await.status, 401);
    let path = PLAN.replace("microsoft-365", "microsoft-planner");
    assert_eq!(harness.send("GET", &path, &[planner], "").await.status, 404);
    let path = "/microsoft-365/v1.0/groups/ebf3b108-5234-4e22-b93d-656d7dae5874/planner/plans";
    assert_eq!(harness.send("GET", path, &[TOKEN], "").await.status, 404);
    for owner in [format!("groups/{GROUP}"), format!("users/{USER}"), "me".to_owned()] {
        let path = format!("/microsoft-365/v1.0/{owner}/planner/plans");
        let list = harness.send("GET", &path, &[TOKEN], "").await.json();
        assert_eq!(list["value"][0]["title"], "Office move", "{owner}");
    }
}

#[tokio::test]
async fn the_control_routes_know_microsoft_365() {
    let harness = Harness::start().await;
    harness.fail(json!({ "provider": "microsoft-365", "kind": "ignore_prefer" })).await;
    let etag = harness.send("GET", PLAN, &[TOKEN], "").await.json()["@odata.etag"].as_str().unwrap().to_owned();
    let headers = [TOKEN, JSON, PREFER, ("if-match", etag.as_str())];
    assert_eq!(harness.send("PATCH", PLAN, &headers, r#"{"title":"x"}"#).await.status, 204);
    let change = json!({ "provider": "microsoft-365", "id": "jd8S5gOaFk2S8aWCIAJz42QAAxtD", "change": { "title": "Elsewhere" } });
    assert_eq!(harness.control("POST", "/object", &change).await["object"]["title"], "Elsewhere");
    let state = harness.control("GET", "/state", &Value::Null).await;
    assert_eq!(state["objects"]["microsoft-365"][0]["title"], "Elsewhere");
    assert_eq!(state["objects"]["microsoft-planner"][0]["title"], "title-value");
}
