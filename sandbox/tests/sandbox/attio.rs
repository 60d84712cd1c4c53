#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const RECORDS: &str = "/attio/v2/objects/workspaces/records";
const RECORD: &str = "/attio/v2/objects/workspaces/records/bf071e1f-6035-429d-b874-d83ea64ea13b";
const QUERY: &str = "/attio/v2/objects/workspaces/records/query";
const ASSERT: &str = "/attio/v2/objects/workspaces/records?matching_attribute=workspace_id";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-attio");
const READONLY: (&str, &str) = ("authorization", "Bearer sandbox-attio-readonly");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn write(harness: &Harness, method: &str, path: &str, values: Value) -> Reply {
    let body = json!({ "data": { "values": values } }).to_string();
    harness.send(method, path, &[TOKEN, JSON], body).await
}

async fn written(harness: &Harness, method: &str, path: &str, values: Value) -> Value {
    let reply = write(harness, method, path, values).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["data"].clone()
}

async fn query(harness: &Harness, body: Value) -> Vec<Value> {
    let reply = harness.send("POST", QUERY, &[TOKEN, JSON], body.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["data"].as_array().unwrap().clone()
}

/// What an attribute holds, in the form in which it is written.
fn plain(record: &Value, slug: &str) -> Vec<Value> {
    let values = record["values"][slug].as_array().unwrap();
    let of = |value: &Value| ["/value", "/option/title", "/domain"].iter().find_map(|pointer| value.pointer(pointer).cloned());
    values.iter().map(|value| of(value).unwrap_or_else(|| value["target_record_id"].clone())).collect()
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    let error = reply.json();
    assert_eq!((&error["status_code"], &error["code"]), (&json!(status), &json!(code)), "{error}");
    assert!(error["type"].is_string() && error["message"].is_string(), "{error}");
}

#[tokio::test]
async fn a_record_is_read_in_the_shape_of_the_documentation() {
    let harness = Harness::start().await;
    let reply = harness.send("GET", RECORD, &[TOKEN], "").await;
    assert_eq!(reply.status, 200);
    let record = reply.json()["data"].clone();
    assert_eq!(record["id"]["workspace_id"], "14beef7a-99f7-4534-a87e-70b564330a4c");
    assert_eq!(record["created_at"], "2022-11-21T13:22:49.061281000Z");
    assert!(record["web_url"].is_string());
    let name = json!([{
        "active_from": "2023-01-01T15:00:00.000000000Z",
        "active_until": null,
        "created_by_actor": { "type": "system", "id": null },
        "value": "Fundstack",
        "attribute_type": "text",
    }]);
    assert_eq!(record["values"]["name"], name);
    assert_eq!(record["values"]["tags"], json!([]));
    let by_id = "/attio/v2/objects/97052eb9-e65e-443f-a297-f2d9a4a7f795/records/bf071e1f-6035-429d-b874-d83ea64ea13b";
    assert_eq!(harness.send("GET", by_id, &[TOKEN], "").await.json()["data"], record);
}

#[tokio::test]
async fn patch_adds_to_several_values_and_put_replaces_them() {
    let harness = Harness::start().await;
    let record = written(&harness, "PATCH", RECORD, json!({ "tags": ["EU"], "name": ["Renamed"] })).await;
    assert_eq!(plain(&record, "name"), ["Renamed"]);
    assert_eq!(plain(&record, "avatar_url"), ["https://example.com/avatar.png"]);
    let record = written(&harness, "PATCH", RECORD, json!({ "tags": ["Gold", "EU"] })).await;
    assert_eq!(plain(&record, "tags"), ["Gold", "EU"]);
    assert_eq!(plain(&written(&harness, "PATCH", RECORD, json!({ "tags": [] })).await, "tags"), ["Gold", "EU"]);
    let record = written(&harness, "PUT", RECORD, json!({ "tags": ["EU", "Trial"] })).await;
    assert_eq!(plain(&record, "tags"), ["EU", "Trial"]);
    assert_eq!(plain(&record, "name"), ["Renamed"]);
    let record = written(&harness, "PUT", RECORD, json!({ "tags": [], "users": [], "company": [] })).await;
    for slug in ["tags", "users", "company"] {
        assert!(plain(&record, slug).is_empty(), "{slug}");
    }
    assert_eq!(harness.send("GET", RECORD, &[TOKEN], "").await.json()["data"], record);
}

#[tokio::test]
async fn a_value_that_is_written_says_who_wrote_it_and_when() {
    let harness = Harness::start().await;
    let user = json!({ "target_object": "users", "target_record_id": "00000000-0000-4000-8000-000000000001" });
    let record = written(&harness, "PATCH", RECORD, json!({ "users": [user], "plan": "Pro", "seats": 1.5 })).await;
    let users = record["values"]["users"].as_array().unwrap();
    assert_eq!(users.len(), 2);
    assert_eq!(users[0]["target_record_id"], "00000000-0000-4000-8000-000000000001");
    assert_eq!(users[0]["created_by_actor"]["type"], "api-token");
    assert_eq!(users[0]["active_from"].as_str().unwrap().len(), "2023-01-01T15:00:00.000000000Z".len());
    assert_eq!(users[1]["created_by_actor"]["type"], "system");
    assert_eq!(record["values"]["plan"][0]["option"]["title"], "Pro");
    assert_eq!(record["values"]["seats"][0]["value"], json!(1.5));
}

#[tokio::test]
async fn an_assertion_updates_the_record_that_matches_or_creates_one() {
    let harness = Harness::start().await;
    let record = written(&harness, "PUT", ASSERT, json!({ "workspace_id": "123", "name": "Customer.com", "users": [] })).await;
    assert_eq!(record["id"]["record_id"], "bf071e1f-6035-429d-b874-d83ea64ea13b");
    assert_eq!((plain(&record, "name"), plain(&record, "users").len()), (vec![json!("Customer.com")], 0));
    let created = written(&harness, "PUT", ASSERT, json!({ "workspace_id": ["456"], "name": ["New"] })).await;
    assert_ne!(created["id"]["record_id"], record["id"]["record_id"]);
    let again = written(&harness, "PUT", ASSERT, json!({ "workspace_id": "456", "name": "New" })).await;
    assert_eq!(again, created);
    assert_eq!(query(&harness, json!({})).await.len(), 2);
}

#[tokio::test]
async fn an_assertion_keeps_the_values_of_a_matching_attribute_with_several() {
    let harness = Harness::start().await;
    written(&harness, "PATCH", RECORD, json!({ "domains": ["a.example", "www.b.example"], "tags": ["Gold"] })).await;
    let path = format!("{RECORDS}?matching_attribute=domains");
    let values = json!({ "domains": ["www.b.example", "c.example"], "tags": ["EU"] });
    let record = written(&harness, "PUT", &path, values).await;
    assert_eq!(plain(&record, "domains"), ["a.example", "www.b.example", "c.example"]);
    assert_eq!(plain(&record, "tags"), ["EU"]);
    assert_eq!(record["values"]["domains"][1]["root_domain"], "b.example");
    written(&harness, "POST", RECORDS, json!({ "workspace_id": "2", "domains": ["d.example"] })).await;
    let reply = write(&harness, "PUT", &path, json!({ "domains": ["a.example", "d.example"] })).await;
    assert_error(&reply, 400, "multiple_match_results");
    let reply = write(&harness, "PUT", &path, json!({ "domains": ["e.example"] })).await;
    assert_error(&reply, 400, "missing_value");
}

#[tokio::test]
async fn a_record_is_created_and_deleted() {
    let harness = Harness::start().await;
    let record = written(&harness, "POST", RECORDS, json!({ "workspace_id": ["7"], "name": ["Seven"] })).await;
    let id = record["id"]["record_id"].as_str().unwrap();
    assert_eq!((id.len(), record["created_at"].as_str().unwrap().len()), (36, 30));
    let path = format!("{RECORDS}/{id}");
    assert_eq!(harness.send("GET", &path, &[TOKEN], "").await.json()["data"], record);
    let reply = harness.send("DELETE", &path, &[TOKEN], "").await;
    assert_eq!((reply.status, reply.json()), (200, json!({})));
    for method in ["GET", "DELETE"] {
        assert_error(&harness.send(method, &path, &[TOKEN], "").await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_body_that_is_not_one_of_a_record_changes_nothing() {
    let harness = Harness::start().await;
    let before = harness.send("GET", RECORD, &[TOKEN], "").await.json();
    for (method, path, body, code) in [
        ("PATCH", RECORD, json!({}), "validation_type"),
        ("PATCH", RECORD, json!({ "data": {} }), "validation_type"),
        ("PATCH", RECORD, json!({ "data": { "values": [] } }), "validation_type"),
        ("PATCH", RECORD, json!({ "data": { "values": {}, "id": 1 } }), "validation_type"),
        ("PATCH", RECORD, json!({ "data": { "values": { "name": null } } }), "validation_type"),
        ("PATCH", RECORD, json!({ "data": { "values": { "name": ["a", "b"] } } }), "validation_type"),
        ("PATCH", RECORD, json!({ "data": { "values": { "name": "x", "tags": "EU" } } }), "validation_type"),
        ("PATCH", RECORD, json!({ "data": { "values": { "name": "x", "colour": ["red"] } } }), "value_not_found"),
        ("PATCH", RECORD, json!({ "data": { "values": { "name": "x", "plan": ["In Progress"] } } }), "value_not_found"),
        ("PUT", RECORD, json!({ "data": { "values": { "workspace_id": [] } } }), "missing_value"),
        ("PATCH", RECORD, json!({ "data": { "values": { "workspace_id": "" } } }), "missing_value"),
        ("POST", RECORDS, json!({ "data": { "values": { "name": ["x"] } } }), "missing_value"),
        ("POST", RECORDS, json!({ "data": { "values": { "workspace_id": ["123"] } } }), "uniqueness_conflict"),
        ("PUT", RECORDS, json!({ "data": { "values": { "workspace_id": ["123"] } } }), "validation_type"),
        ("PUT", ASSERT, json!({ "data": { "values": { "name": ["x"] } } }), "missing_value"),
    ] {
        let reply = harness.send(method, path, &[TOKEN, JSON], body.to_string()).await;
        assert_error(&reply, 400, code);
    }
    for (attribute, code) in [("name", "validation_type"), ("my-attribute", "value_not_found")] {
        let path = format!("{RECORDS}?matching_attribute={attribute}");
        assert_error(&write(&harness, "PUT", &path, json!({ "name": ["x"] })).await, 400, code);
    }
    let text = ("content-type", "text/plain");
    let body = json!({ "data": { "values": { "name": "x" } } }).to_string();
    assert_error(&harness.send("PATCH", RECORD, &[TOKEN, text], body).await, 400, "validation_type");
    assert_eq!(harness.send("GET", RECORD, &[TOKEN], "").await.json(), before);
}

#[tokio::test]
async fn a_second_record_cannot_take_a_unique_value() {
    let harness = Harness::start().await;
    let second = written(&harness, "POST", RECORDS, json!({ "workspace_id": "2" })).await;
    let path = format!("{RECORDS}/{}", second["id"]["record_id"].as_str().unwrap());
    assert_error(&write(&harness, "PATCH", &path, json!({ "workspace_id": "123" })).await, 400, "uniqueness_conflict");
    written(&harness, "PATCH", &path, json!({ "workspace_id": "2", "name": "Its own id again" })).await;
}

#[tokio::test]
async fn tokens_paths_and_methods_are_checked() {
    let harness = Harness::start().await;
    for headers in [&[][..], &[("authorization", "Bearer sandbox-planhat")]] {
        assert_error(&harness.send("GET", RECORD, headers, "").await, 401, "unauthorized");
    }
    assert_eq!(harness.send("GET", RECORD, &[READONLY], "").await.status, 200);
    assert_eq!(harness.send("POST", QUERY, &[READONLY, JSON], "{}").await.status, 200);
    for (method, path) in [("POST", RECORDS), ("PUT", ASSERT), ("PATCH", RECORD), ("PUT", RECORD), ("DELETE", RECORD)] {
        assert_error(&harness.send(method, path, &[READONLY, JSON], "{}").await, 403, "unauthorized");
    }
    let people = harness.send("GET", &RECORD.replace("workspaces", "people"), &[TOKEN], "").await;
    assert_error(&people, 404, "not_found");
    assert_eq!(people.json()["message"], "Object with slug/ID \"people\" not found.");
    assert_error(&harness.send("GET", &format!("{RECORDS}/nobody"), &[TOKEN], "").await, 404, "not_found");
    assert_error(&harness.send("GET", "/attio/v1/objects/workspaces/records/x", &[TOKEN], "").await, 404, "not_found");
    assert_error(&harness.send("GET", RECORDS, &[TOKEN], "").await, 405, "method_not_allowed");
}

#[tokio::test]
async fn self_tells_a_live_token_from_a_dead_one() {
    let harness = Harness::start().await;
    let of = async |headers: &[(&str, &str)]| harness.send("GET", "/attio/v2/self", headers, "").await.json();
    assert_eq!(of(&[]).await, json!({ "active": false }));
    let live = of(&[TOKEN]).await;
    assert_eq!((&live["active"], &live["token_type"]), (&json!(true), &json!("Bearer")));
    assert!(live["scope"].as_str().unwrap().contains("record_permission:read-write"));
    assert!(!of(&[READONLY]).await["scope"].as_str().unwrap().contains("read-write"));
}

#[tokio::test]
async fn a_query_filters_and_sorts() {
    let harness = Harness::start().await;
    for (id, name, seats) in [("b", "Beta", 3), ("a", "Alpha", 20)] {
        written(&harness, "POST", RECORDS, json!({ "workspace_id": id, "name": name, "seats": seats, "tags": ["EU"] })).await;
    }
    for (body, expected) in [
        (json!({ "filter": { "workspace_id": "b" }, "limit": 1 }), vec!["Beta"]),
        (json!({ "filter": { "workspace_id": { "$eq": "b" } } }), vec!["Beta"]),
        (json!({ "filter": { "workspace_id": "B" } }), vec![]),
        (json!({ "filter": { "tags": "EU", "seats": 20 } }), vec!["Alpha"]),
        (json!({ "sorts": [{ "direction": "asc", "attribute": "name" }] }), vec!["Alpha", "Beta", "Fundstack"]),
        (json!({ "sorts": [{ "direction": "desc", "path": [["workspaces", "seats"]] }] }), vec!["Alpha", "Beta", "Fundstack"]),
        (json!({ "offset": 1, "limit": 1 }), vec!["Beta"]),
        (json!({ "offset": 9 }), vec![]),
    ] {
        let names: Vec<Value> = query(&harness, body.clone()).await.iter().map(|record| plain(record, "name")[0].clone()).collect();
        assert_eq!(names, expected, "{body}");
    }
    for (body, code) in [
        (json!([]), "validation_type"),
        (json!({ "limit": 0 }), "validation_type"),
        (json!({ "limit": 501 }), "validation_type"),
        (json!({ "limit": "1" }), "validation_type"),
        (json!({ "offset": -1 }), "validation_type"),
        (json!({ "sorts": [{ "attribute": "name" }] }), "validation_type"),
        (json!({ "sorts": [{ "direction": "asc", "attribute": "x" }] }), "value_not_found"),
        (json!({ "filter": { "x": "y" } }), "filter_error"),
        (json!({ "filter": { "name": { "$contains": "y" } } }), "filter_error"),
        (json!({ "filter": [] }), "filter_error"),
    ] {
        let reply = harness.send("POST", QUERY, &[TOKEN, JSON], body.to_string()).await;
        assert_error(&reply, 400, code);
    }
}

#[tokio::test]
async fn a_list_of_2_501_is_paged_by_limit_and_offset() {
    let harness = Harness::start().await;
    harness.control("POST", "/seed", &json!({ "provider": "attio", "count": 2_500 })).await;
    let mut ids = HashSet::new();
    let mut sizes = Vec::new();
    for offset in (0..).step_by(500) {
        // 500 is what it is without a limit.
        let page = query(&harness, json!({ "offset": offset })).await;
        ids.extend(page.iter().map(|record| record["id"]["record_id"].as_str().unwrap().to_owned()));
        sizes.push(page.len());
        if page.len() < 500 {
            break;
        }
    }
    assert_eq!(sizes, [500, 500, 500, 500, 500, 1]);
    assert_eq!(ids.len(), 2_501);
}

#[tokio::test]
async fn the_control_routes_know_attio() {
    let harness = Harness::start().await;
    harness.fail(json!({ "provider": "attio", "kind": "rate_limit" })).await;
    let reply = harness.send("GET", RECORD, &[TOKEN], "").await;
    assert_error(&reply, 429, "rate_limit_exceeded");
    assert_eq!(reply.json()["type"], "rate_limit_error");
    let date = reply.header("retry-after").unwrap();
    assert!(date.len() == 29 && date.ends_with(" GMT"), "{date}");
    let name = json!([{ "value": "Elsewhere", "active_until": null, "attribute_type": "text" }]);
    let change = json!({
        "provider": "attio",
        "id": "bf071e1f-6035-429d-b874-d83ea64ea13b",
        "change": { "values": { "name": name } },
        "remove": ["web_url"],
    });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!((plain(&changed, "name"), plain(&changed, "workspace_id")), (vec![json!("Elsewhere")], vec![json!("123")]));
    assert!(changed.get("web_url").is_none());
    assert_eq!(harness.send("GET", RECORD, &[TOKEN], "").await.json()["data"], changed);
    let state = harness.control("GET", "/state?provider=attio", &Value::Null).await;
    assert_eq!(state["objects"]["attio"][0], changed);
    assert_eq!(harness.requests().await[0]["provider"], "attio");
}
