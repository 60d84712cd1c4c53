#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const API: &str = "/polyteia/api";
const ID: &str = "ws_cv33u4n0i6q45p93i930";
const ORGANIZATION: &str = "org_cv33u4n0i6q45p93i930";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-polyteia");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn post(harness: &Harness, body: Value) -> Reply {
    harness.send("POST", API, &[TOKEN, JSON], body.to_string()).await
}

async fn command(harness: &Harness, name: &str, params: Value) -> Value {
    let reply = post(harness, json!({ "command": name, "params": params })).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

async fn query(harness: &Harness, name: &str, params: Value) -> Value {
    let reply = post(harness, json!({ "query": name, "params": params })).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

#[track_caller]
fn assert_inside(reply: &Value, code: u16) {
    assert_eq!(reply["error"]["code"], code, "{reply}");
    assert_eq!(reply["error"]["details"], json!([]));
    assert!(reply.get("data").is_none());
}

#[tokio::test]
async fn an_update_is_answered_and_read_back_with_a_later_date() {
    let harness = Harness::start().await;
    let params = json!({ "id": ID, "name": "My Workspace", "attributes": { "more": 1 } });
    let reply = command(&harness, "update_workspace", params).await;
    let workspace = &reply["data"];
    assert_eq!(workspace["name"], "My Workspace");
    assert_eq!(workspace["description"], "Finance department workspace");
    assert_eq!(workspace["attributes"], json!({ "key": "value", "more": 1 }));
    assert_eq!(workspace["created_at"], "2025-03-24T15:12:49.186202Z");
    assert!(workspace["updated_at"].as_str().unwrap() > "2025-03-24T20:01:59.408382Z");
    assert_eq!(query(&harness, "get_workspace", json!({ "id": ID })).await, reply);
}

#[tokio::test]
async fn errors_of_an_operation_come_inside_a_200() {
    let harness = Harness::start().await;
    for (body, code) in [
        (json!({ "command": "update_workspace", "params": { "id": ID } }), 400),
        (json!({ "command": "update_workspace", "params": { "name": "x" } }), 400),
        (json!({ "command": "update_workspace", "params": { "id": ID, "name": "" } }), 400),
        (json!({ "command": "update_workspace", "params": { "id": ID, "name": "x".repeat(51) } }), 400),
        (json!({ "command": "update_workspace", "params": { "id": ID, "name": "x", "description": "x".repeat(256) } }), 400),
        (json!({ "command": "update_workspace", "params": { "id": ID, "name": "x", "attributes": [] } }), 400),
        (json!({ "command": "update_workspace", "params": { "id": ID, "name": "x", "status": "y" } }), 400),
        (json!({ "command": "update_workspace", "params": { "id": "ws_none", "name": "x" } }), 404),
        (json!({ "query": "update_workspace", "params": { "id": ID, "name": "x" } }), 400),
        (json!({ "command": "get_workspace", "params": { "id": ID } }), 400),
        (json!({ "query": "get_workspace", "params": { "id": "ws_none" } }), 404),
        (json!({ "query": "get_workspace" }), 400),
        (json!({ "query": "get_workspace", "command": "x", "params": {} }), 400),
        (json!({ "query": "get_workspace", "params": { "id": ID }, "id": 1 }), 400),
        (json!({ "query": "list_workspaces", "params": { "page": 1 } }), 400),
        (json!({ "query": "list_workspaces", "params": { "page": 1, "size": 101 } }), 400),
        (json!({ "command": "create_workspace", "params": { "name": "x" } }), 400),
        (json!({ "command": "create_workspace", "params": { "name": "x", "organization_id": "org_x" } }), 404),
        (json!([]), 400),
    ] {
        let reply = post(&harness, body).await;
        assert_eq!(reply.status, 200);
        assert_inside(&reply.json(), code);
    }
    let text = ("content-type", "text/plain");
    let reply = harness.send("POST", API, &[TOKEN, text], "{}").await;
    assert_inside(&reply.json(), 400);
}

#[tokio::test]
async fn tokens_show_in_the_status() {
    let harness = Harness::start().await;
    let body = json!({ "command": "delete_workspace", "params": { "id": ID } }).to_string();
    let reply = harness.send("POST", API, &[JSON], body.clone()).await;
    assert_eq!((reply.status, reply.json()), (401, json!({ "error": "Unauthorized" })));
    let readonly = ("authorization", "Bearer sandbox-polyteia-readonly");
    let reply = harness.send("POST", API, &[readonly, JSON], body).await;
    assert_eq!((reply.status, reply.json()), (403, json!({ "error": "Forbidden" })));
    let body = json!({ "query": "get_workspace", "params": { "id": ID } }).to_string();
    let reply = harness.send("POST", API, &[readonly, JSON], body).await;
    assert_eq!(reply.json()["data"]["id"], ID);
    assert_eq!(harness.send("GET", API, &[TOKEN], "").await.status, 405);
    assert_eq!(harness.send("POST", "/polyteia/api/v1", &[TOKEN], "").await.status, 404);
}

#[tokio::test]
async fn a_workspace_is_created_listed_and_deleted() {
    let harness = Harness::start().await;
    let params = json!({
        "organization_id": ORGANIZATION,
        "name": "Second",
        "attributes": { "exact": 12345678901234567890.123456789 },
    });
    let created = command(&harness, "create_workspace", params).await["data"].clone();
    let page = query(&harness, "list_workspaces", json!({ "page": 2, "size": 1 })).await;
    let mut item = created.clone();
    item.as_object_mut().unwrap().remove("attributes");
    let expected = json!({ "total": 2, "page": 2, "size": 1, "items": [item] });
    assert_eq!(page["data"], expected);
    let id = created["id"].clone();
    let deleted = command(&harness, "delete_workspace", json!({ "id": id })).await;
    assert_eq!(deleted, json!({ "data": { "id": id } }));
    let gone = query(&harness, "get_workspace", json!({ "id": id })).await;
    assert_inside(&gone, 404);
}

#[tokio::test]
async fn the_switches_choose_what_the_documentation_leaves_open() {
    let harness = Harness::start().await;
    let switch = json!({ "provider": "polyteia", "envelope": "query", "update": "replace" });
    harness.control("POST", "/switch", &switch).await;
    let params = json!({ "id": ID, "name": "N", "attributes": { "a": 1 } });
    let reply = query(&harness, "update_workspace", params.clone()).await;
    assert_eq!(reply["data"]["attributes"], json!({ "a": 1 }));
    assert!(reply["data"].get("description").is_none());
    let reply = command(&harness, "update_workspace", params.clone()).await;
    assert_eq!(reply["data"]["name"], "N");
    harness.control("POST", "/reset", &Value::Null).await;
    assert_inside(&query(&harness, "update_workspace", params).await, 400);
}
