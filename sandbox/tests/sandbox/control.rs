#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::Harness;

const SPACE: &str = "/wrike/api/v4/spaces/MQAAAAEQ_HoD";
const WRIKE: (&str, &str) = ("authorization", "Bearer sandbox-wrike");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn the_log_shows_what_arrived_and_what_was_answered() {
    let harness = Harness::start().await;
    let path = format!("{SPACE}?withInvitations=true");
    let reply = harness.send("PUT", &path, &[WRIKE, FORM], "title=X").await;
    harness.send("POST", "/polyteia/api", &[], "{}").await;
    let entries = harness.requests().await;
    assert_eq!(entries.len(), 2);
    let first = &entries[0];
    assert_eq!(first["provider"], "wrike");
    assert_eq!(first["method"], "PUT");
    assert_eq!(first["path"], "/api/v4/spaces/MQAAAAEQ_HoD");
    assert_eq!(first["query"], "withInvitations=true");
    assert_eq!(first["headers"]["authorization"], "Bearer sandbox-wrike");
    assert_eq!(first["body"], "title=X");
    assert_eq!(first["status"], 200);
    assert_eq!(first["answer"], reply.text());
    let only = harness.control("GET", "/requests?provider=polyteia", &Value::Null).await;
    assert_eq!(only["requests"].as_array().unwrap().len(), 1);
    assert_eq!(only["requests"][0]["status"], 401);
    harness.control("DELETE", "/requests", &Value::Null).await;
    assert!(harness.requests().await.is_empty());
}

#[tokio::test]
async fn the_log_can_be_switched_off_and_on() {
    let harness = Harness::start().await;
    harness.control("POST", "/log", &json!({ "enabled": false })).await;
    harness.send("GET", SPACE, &[WRIKE], "").await;
    assert!(harness.requests().await.is_empty());
    harness.control("POST", "/log", &json!({ "enabled": true })).await;
    harness.send("GET", SPACE, &[WRIKE], "").await;
    assert_eq!(harness.requests().await.len(), 1);
}

#[tokio::test]
async fn a_change_behind_the_back_makes_an_etag_stale() {
    let harness = Harness::start().await;
    let id = "xqQg5FS2LkCp935s-FIFm2QAFkHM";
    let state = harness.control("GET", "/state?provider=microsoft-planner", &Value::Null).await;
    let old = state["objects"]["microsoft-planner"][0]["@odata.etag"].clone();
    let change = json!({ "provider": "microsoft-planner", "id": id, "change": { "title": "Elsewhere" } });
    let changed = harness.control("POST", "/object", &change).await;
    assert_eq!(changed["object"]["title"], "Elsewhere");
    assert_ne!(changed["object"]["@odata.etag"], old);
    let headers =
        [("authorization", "Bearer sandbox-microsoft-planner"), ("content-type", "application/json"), ("if-match", old.as_str().unwrap())];
    let path = format!("/microsoft-planner/v1.0/planner/plans/{id}");
    let reply = harness.send("PATCH", &path, &headers, r#"{"title":"Mine"}"#).await;
    assert_eq!(reply.status, 412);
}

#[tokio::test]
async fn a_change_sets_nulls_removes_members_and_moves_dates() {
    let harness = Harness::start().await;
    let change = json!({
        "provider": "workiva",
        "id": "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy",
        "change": { "created": null },
        "remove": ["solutions"],
    });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!(changed["created"], Value::Null);
    assert!(changed.get("solutions").is_none());
    assert_ne!(changed["modified"]["dateTime"], "2021-07-14T08:03:02Z");
    let change = json!({
        "provider": "polyteia",
        "id": "ws_cv33u4n0i6q45p93i930",
        "change": { "updated_at": null },
    });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!(changed["updated_at"], Value::Null);
}

#[tokio::test]
async fn a_reset_brings_everything_back() {
    let harness = Harness::start().await;
    let before = harness.control("GET", "/state", &Value::Null).await;
    harness.send("PUT", SPACE, &[WRIKE, FORM], "title=X").await;
    harness.fail(json!({ "provider": "wrike", "kind": "reset", "times": 9 })).await;
    harness.control("POST", "/log", &json!({ "enabled": false })).await;
    assert_ne!(harness.control("GET", "/state", &Value::Null).await, before);
    harness.control("POST", "/reset", &Value::Null).await;
    assert_eq!(harness.control("GET", "/state", &Value::Null).await, before);
    assert!(harness.requests().await.is_empty());
}

#[tokio::test]
async fn a_control_body_that_makes_no_sense_gets_a_reason() {
    let harness = Harness::start().await;
    for (route, body, status, reason) in [
        ("/fail", "{", 400, "not JSON"),
        ("/fail", "{\"provider\":\"wrike\",\"kind\":\"sleep\"}", 400, "no kind 'sleep'"),
        ("/object", "{}", 400, "'provider' is required"),
        ("/object", "{\"provider\":\"wrike\",\"id\":\"x\",\"change\":{\"a\":1}}", 404, "no object"),
        ("/object", "{\"provider\":\"wrike\",\"id\":\"x\"}", 400, "'change'"),
        ("/object", "{\"provider\":\"wrike\",\"id\":\"x\",\"change\":{\"id\":1}}", 400, "'id'"),
        ("/object", "{\"provider\":\"wrike\",\"id\":\"x\",\"remove\":[1]}", 400, "'remove'"),
        ("/seed", "{\"provider\":\"wrike\"}", 400, "'count' is required"),
        ("/seed", "{\"provider\":\"wrike\",\"count\":0}", 400, "'count'"),
        ("/seed", "{\"provider\":\"planhat\",\"count\":1,\"resource\":\"users\"}", 400, "workspaces, projects"),
        ("/switch", "{\"provider\":\"wrike\"}", 400, "no switches"),
        ("/switch", "{\"provider\":\"polyteia\",\"envelope\":\"both\"}", 400, "'envelope'"),
        ("/log", "{\"enabled\":1}", 400, "'enabled'"),
        ("/log", "{}", 400, "'enabled'"),
        ("/nowhere", "{}", 404, "GET /_control"),
    ] {
        let reply = harness.send("POST", &format!("/_control{route}"), &[], body).await;
        assert_eq!(reply.status, status, "{route} {body}");
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{error}");
    }
    for route in ["/requests?provider=x", "/state?name=wrike"] {
        let reply = harness.send("GET", &format!("/_control{route}"), &[], "").await;
        assert_eq!(reply.status, 400);
    }
}

#[tokio::test]
async fn the_index_names_every_provider_route_and_kind() {
    let harness = Harness::start().await;
    let index = harness.control("GET", "", &Value::Null).await;
    assert_eq!(index["providers"]["wrike"]["base"], "/wrike/api/v4");
    assert_eq!(index["providers"]["polyteia"]["token"], "sandbox-polyteia");
    assert_eq!(index["providers"]["attio"]["base"], "/attio");
    assert_eq!(index["providers"]["planhat"]["base"], "/planhat");
    assert_eq!(index["providers"]["microsoft-365"]["base"], "/microsoft-365/v1.0");
    assert_eq!(index["failure_kinds"].as_object().unwrap().len(), 15);
    let reply = harness.send("GET", "/elsewhere", &[], "").await;
    assert_eq!(reply.status, 404);
    assert!(reply.text().contains("/_control"));
}
