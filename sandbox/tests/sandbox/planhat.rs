#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const WORKSPACES: &str = "/planhat/workspaces";
const WORKSPACE: &str = "/planhat/workspaces/609a88660b73992504816060";
const PROJECTS: &str = "/planhat/projects";
const PROJECT: &str = "/planhat/projects/60a3b5d20b739925048160c1";
const COMPANY: &str = "609975100b73992504810554";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-planhat");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn send(harness: &Harness, method: &str, path: &str, body: Value) -> Reply {
    harness.send(method, path, &[TOKEN, JSON], body.to_string()).await
}

async fn sent(harness: &Harness, method: &str, path: &str, body: Value) -> Value {
    let reply = send(harness, method, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn get(harness: &Harness, path: &str) -> Value {
    let reply = harness.send("GET", path, &[TOKEN], "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[track_caller]
fn assert_message(reply: &Reply, message: &str) {
    assert_eq!(reply.status, 400, "{}", reply.text());
    let said = reply.json()["message"].as_str().unwrap().to_owned();
    assert!(said.contains(message), "{said}");
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_merges_custom_fields() {
    let harness = Harness::start().await;
    let workspace = sent(&harness, "PUT", WORKSPACE, json!({ "name": "EMEA", "custom": { "Phase": "Live" } })).await;
    let expected = json!({
        "_id": "609a88660b73992504816060",
        "companyId": COMPANY,
        "companyName": "Tenet",
        "name": "EMEA",
        "externalId": "ws-1",
        "custom": { "Tier": "Gold", "Phase": "Live" },
        "__v": 0,
    });
    assert_eq!(workspace, expected);
    assert_eq!(get(&harness, WORKSPACE).await, expected);
    let body = json!({ "companyId": "extid-northwind", "nrr": 1200.5, "endDate": "2025-07-19", "mrr": null, "companyName": "Mine" });
    let project = sent(&harness, "PUT", PROJECT, body).await;
    assert_eq!((&project["companyId"], &project["companyName"]), (&json!("609975100b73992504810555"), &json!("Northwind")));
    assert_eq!((&project["nrr"], &project["mrr"]), (&json!(1200.5), &Value::Null));
    assert_eq!(project["endDate"], "2025-07-19T00:00:00.000Z");
    assert_eq!(project["createdAt"], "2021-05-11T13:36:38.123Z");
    assert!(project["updatedAt"].as_str().unwrap() > "2021-05-12T09:00:00.000Z");
}

#[tokio::test]
async fn an_object_is_found_by_each_of_its_ids() {
    let harness = Harness::start().await;
    sent(&harness, "PUT", "/planhat/workspaces/extid-ws-1", json!({ "sourceId": "a/b" })).await;
    let found = get(&harness, "/planhat/workspaces/srcid-a%2Fb").await;
    assert_eq!(found["_id"], "609a88660b73992504816060");
    assert_eq!(get(&harness, "/planhat/workspaces/extid-ws-1").await, found);
    for path in ["/planhat/workspaces/extid-none", "/planhat/workspaces/ws-1", "/planhat/projects/609a88660b73992504816060"] {
        for method in ["GET", "PUT"] {
            let reply = send(&harness, method, path, json!({})).await;
            assert_eq!((reply.status, reply.text().as_str()), (404, "Not Found"), "{path}");
        }
    }
}

#[tokio::test]
async fn an_object_is_created_and_deleted() {
    let harness = Harness::start().await;
    for all in [WORKSPACES, PROJECTS] {
        let body = json!({ "name": "New", "companyId": "srcid-0015Y00002Tenet", "externalId": "n-1", "custom": { "A": [1] } });
        let created = sent(&harness, "POST", all, body).await;
        assert_eq!((&created["companyId"], &created["companyName"]), (&json!(COMPANY), &json!("Tenet")));
        assert_eq!((&created["custom"], &created["__v"]), (&json!({ "A": [1] }), &json!(0)));
        assert_eq!(created.get("createdAt").is_some(), all == PROJECTS);
        let id = created["_id"].as_str().unwrap();
        assert!(id.len() == 24 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
        let path = format!("{all}/{id}");
        assert_eq!(get(&harness, &path).await, created);
        let reply = harness.send("DELETE", &path, &[TOKEN], "").await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "n": 1, "ok": 1, "deletedCount": 1 })));
        let reply = harness.send("DELETE", &path, &[TOKEN], "").await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "n": 0, "ok": 1, "deletedCount": 0 })));
        assert_eq!(harness.send("GET", &path, &[TOKEN], "").await.status, 404);
    }
}

#[tokio::test]
async fn a_body_that_is_not_one_of_the_model_changes_nothing() {
    let harness = Harness::start().await;
    for (method, path, body, message) in [
        ("POST", WORKSPACES, json!({ "companyId": COMPANY }), "name is required"),
        ("POST", WORKSPACES, json!({ "name": "x" }), "companyId is required"),
        ("POST", WORKSPACES, json!({ "name": "x", "companyId": "609975100b73992504810000" }), "no company"),
        ("POST", WORKSPACES, json!({ "name": "x", "companyId": COMPANY, "externalId": "ws-1" }), "duplicate key externalId"),
        ("POST", WORKSPACES, json!([]), "must be an object"),
        ("PUT", WORKSPACE, json!({ "name": "x", "_id": "609a88660b73992504816060" }), "_id"),
        ("PUT", WORKSPACE, json!({ "name": "" }), "name"),
        ("PUT", WORKSPACE, json!({ "name": null }), "name"),
        ("PUT", WORKSPACE, json!({ "name": "x", "externalId": null }), "externalId"),
        ("PUT", WORKSPACE, json!({ "name": "x", "custom": { "A": { "b": 1 } } }), "custom.A"),
        ("PUT", PROJECT, json!({ "name": "x", "nrr": "7" }), "nrr must be a number"),
        ("PUT", PROJECT, json!({ "name": "x", "startDate": 7 }), "startDate"),
        ("PUT", WORKSPACES, json!({ "name": "x" }), "must be an array"),
    ] {
        assert_message(&send(&harness, method, path, body).await, message);
    }
    let text = ("content-type", "text/plain");
    assert_message(&harness.send("PUT", WORKSPACE, &[TOKEN, text], r#"{"name":"x"}"#).await, "application/json");
    assert_message(&harness.send("PUT", WORKSPACE, &[TOKEN, JSON], "{").await, "not JSON");
    assert_eq!(get(&harness, WORKSPACE).await["name"], "Workspace 1");
    assert_eq!(get(&harness, PROJECT).await["name"], "SAP Integration");
}

#[tokio::test]
async fn a_token_is_a_bearer_or_the_user_of_basic() {
    let harness = Harness::start().await;
    let basic = ("authorization", "Basic c2FuZGJveC1wbGFuaGF0Og==");
    assert_eq!(harness.send("GET", WORKSPACE, &[basic], "").await.status, 200);
    for headers in [&[][..], &[("authorization", "Bearer sandbox-attio")], &[("authorization", "Basic c2FuZGJveC1wbGFuaGF0OjE=")]] {
        let reply = harness.send("GET", WORKSPACE, headers, "").await;
        assert_eq!((reply.status, reply.text().as_str()), (401, "Unauthorized"));
        assert!(reply.header("content-type").unwrap().starts_with("text/plain"));
    }
    let readonly = ("authorization", "Bearer sandbox-planhat-readonly");
    assert_eq!(harness.send("GET", PROJECTS, &[readonly], "").await.status, 200);
    for (method, path) in [("POST", PROJECTS), ("PUT", PROJECTS), ("PUT", PROJECT), ("DELETE", PROJECT)] {
        let reply = harness.send(method, path, &[readonly, JSON], "{}").await;
        assert_eq!((reply.status, reply.json()), (403, json!({ "message": "forbidden" })));
    }
    assert_eq!(harness.send("PATCH", PROJECT, &[TOKEN, JSON], "{}").await.status, 405);
    assert_eq!(harness.send("GET", "/planhat/companies", &[TOKEN], "").await.status, 404);
}

#[tokio::test]
async fn a_list_shows_three_members_unless_others_are_selected() {
    let harness = Harness::start().await;
    let short = json!([{ "_id": "60a3b5d20b739925048160c1", "companyId": COMPANY, "name": "SAP Integration" }]);
    assert_eq!(get(&harness, PROJECTS).await, short);
    let selected = json!([{ "_id": "60a3b5d20b739925048160c1", "currency": "USD", "mrr": 1000 }]);
    assert_eq!(get(&harness, &format!("{PROJECTS}?select=mrr,currency,colour")).await, selected);
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_paged() {
    let harness = Harness::start().await;
    for (name, nrr) in [("B", 9), ("A", 10)] {
        sent(&harness, "POST", PROJECTS, json!({ "name": name, "companyId": "extid-northwind", "nrr": nrr })).await;
    }
    for (query, expected) in [
        ("", vec!["SAP Integration", "B", "A"]),
        ("?sort=name", vec!["A", "B", "SAP Integration"]),
        ("?sort=-_id", vec!["A", "B", "SAP Integration"]),
        ("?sort=nrr", vec!["SAP Integration", "B", "A"]),
        ("?companyId=609975100b73992504810555", vec!["B", "A"]),
        ("?companyId=609975100b73992504810555,609975100b73992504810554&limit=2", vec!["SAP Integration", "B"]),
        ("?limit=2&offset=2", vec!["A"]),
        ("?offset=3", vec![]),
    ] {
        let page = get(&harness, &format!("{PROJECTS}{query}")).await;
        let names: Vec<&Value> = page.as_array().unwrap().iter().map(|project| &project["name"]).collect();
        assert_eq!(names, expected, "{query}");
    }
    for (path, message) in [
        (format!("{PROJECTS}?limit=0"), "limit"),
        (format!("{PROJECTS}?limit=5001"), "limit"),
        (format!("{WORKSPACES}?limit=2001"), "limit"),
        (format!("{PROJECTS}?offset=-1"), "offset"),
    ] {
        assert_message(&harness.send("GET", &path, &[TOKEN], "").await, message);
    }
}

#[tokio::test]
async fn a_bulk_upsert_creates_updates_and_reports_what_failed() {
    let harness = Harness::start().await;
    let items = json!([
        { "externalId": "ws-1", "name": "By its external id" },
        { "_id": "609a88660b73992504816060", "name": "By its external id" },
        { "externalId": "ws-2", "name": "New", "companyId": COMPANY },
    ]);
    let outcome = sent(&harness, "PUT", WORKSPACES, items).await;
    for (name, expected) in [
        ("created", json!(1)),
        ("updated", json!(1)),
        ("nonupdates", json!(1)),
        ("modified", json!(["609a88660b73992504816060"])),
        ("updatesKeys", json!([{ "_id": "609a88660b73992504816060" }])),
        ("createdErrors", json!([])),
        ("permissionErrors", json!([])),
    ] {
        assert_eq!(outcome[name], expected, "{name}");
    }
    assert_eq!(outcome["insertsKeys"][0]["_id"], get(&harness, "/planhat/workspaces/extid-ws-2").await["_id"]);
    // An empty id makes the path that of the collection.
    let items = json!([{ "externalId": "ws-3", "name": "No company" }, { "_id": "609a88660b73992504810000" }, 7]);
    let reply = send(&harness, "PUT", "/planhat/workspaces/", items).await;
    assert_eq!(reply.status, 206, "{}", reply.text());
    let outcome = reply.json();
    assert_eq!((&outcome["created"], &outcome["updated"]), (&json!(0), &json!(0)));
    assert_eq!(outcome["createdErrors"].as_array().unwrap().len(), 2);
    assert_eq!(outcome["updatedErrors"].as_array().unwrap().len(), 1);
    let many: Vec<Value> = (0..5_001).map(|_| json!({})).collect();
    assert_message(&send(&harness, "PUT", PROJECTS, json!(many)).await, "at most 5000");
}

#[tokio::test]
async fn lists_of_2_501_are_paged_by_limit_and_offset() {
    let harness = Harness::start().await;
    let items: Vec<Value> = (0..2_500).map(|nth| json!({ "externalId": format!("p-{nth}"), "name": "x", "companyId": COMPANY })).collect();
    assert_eq!(sent(&harness, "PUT", PROJECTS, json!(items)).await["created"], 2_500);
    harness.control("POST", "/seed", &json!({ "provider": "planhat", "count": 2_500 })).await;
    for all in [PROJECTS, WORKSPACES] {
        for size in [100, 1_000] {
            let mut ids = HashSet::new();
            let mut offset = 0;
            loop {
                let page = get(&harness, &format!("{all}?limit={size}&offset={offset}&sort=_id")).await;
                let page = page.as_array().unwrap();
                ids.extend(page.iter().map(|object| object["_id"].as_str().unwrap().to_owned()));
                offset += page.len();
                if page.len() < size {
                    break;
                }
            }
            assert_eq!((offset, ids.len()), (2_501, 2_501), "{all} by {size}");
        }
    }
}

#[tokio::test]
async fn the_control_routes_know_planhat() {
    let harness = Harness::start().await;
    harness.fail(json!({ "provider": "planhat", "kind": "rate_limit" })).await;
    let reply = harness.send("GET", PROJECT, &[TOKEN], "").await;
    assert_eq!((reply.status, reply.text().as_str()), (429, "Too Many Requests"));
    assert_eq!(reply.header("retry-after"), None);
    // A list is a bare array, and stays one when it is spoiled.
    harness.fail(json!({ "provider": "planhat", "kind": "large", "megabytes": 1 })).await;
    assert_eq!(get(&harness, PROJECTS).await.as_array().unwrap().len(), 2);
    let change = json!({ "provider": "planhat", "id": "60a3b5d20b739925048160c1", "change": { "name": "Elsewhere" } });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!(changed["name"], "Elsewhere");
    assert_ne!(changed["updatedAt"], "2021-05-12T09:00:00.000Z");
    assert_eq!(get(&harness, PROJECT).await, changed);
    let change = json!({ "provider": "planhat", "id": "609a88660b73992504816060", "change": { "name": "Elsewhere" } });
    assert!(harness.control("POST", "/object", &change).await["object"].get("updatedAt").is_none());
    let state = harness.control("GET", "/state?provider=planhat", &Value::Null).await;
    assert_eq!(state["objects"]["planhat"].as_array().unwrap().len(), 2);
    let body = json!({ "provider": "planhat", "id": "609a88660b73992504816060", "change": { "_id": "x" } }).to_string();
    let reply = harness.send("POST", "/_control/object", &[], body).await;
    assert!(reply.status == 400 && reply.text().contains("'_id'"), "{}", reply.text());
    let added = harness.control("POST", "/seed", &json!({ "provider": "planhat", "resource": "projects", "count": 2 })).await;
    assert_eq!(added["resource"], "projects");
    assert_eq!(get(&harness, PROJECTS).await.as_array().unwrap().len(), 3);
}
