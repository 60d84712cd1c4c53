#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const ORGANIZATION: &str = "/workiva/organizations/d6e178fd-4dd5-47e5-9457-68dd64b03655";
const ID: &str = "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-workiva");
const NEW: (&str, &str) = ("x-version", "2026-01-01");
const OLD: (&str, &str) = ("x-version", "2022-01-01");
const JSON: (&str, &str) = ("content-type", "application/json");
const RENAME: &str = r#"[{"op":"replace","path":"/name","value":"Legal Entity Reporting"}]"#;

fn one() -> String {
    format!("{ORGANIZATION}/workspaces/{ID}")
}

fn prototype() -> String {
    one().replace("/workiva/", "/workiva/prototype/admin/")
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(reply.json()["code"], code);
    assert!(reply.json()["message"].is_string());
}

#[tokio::test]
async fn an_update_is_answered_and_read_back_with_a_later_date() {
    let harness = Harness::start().await;
    let reply = harness.send("PATCH", &one(), &[TOKEN, NEW, JSON], RENAME).await;
    assert_eq!(reply.status, 200);
    let workspace = reply.json();
    assert_eq!(workspace["name"], "Legal Entity Reporting");
    assert_eq!(workspace["created"], json!({ "dateTime": "2014-12-01T15:03:27Z" }));
    assert_eq!(workspace["organization"]["name"], "Workiva Inc.");
    let first = workspace["modified"]["dateTime"].as_str().unwrap().to_owned();
    assert!(*"2021-07-14T08:03:02Z" < *first);
    let reply = harness.send("PATCH", &one(), &[TOKEN, NEW, JSON], RENAME).await;
    let workspace = reply.json();
    assert!(*first < *workspace["modified"]["dateTime"].as_str().unwrap());
    let reply = harness.send("GET", &one(), &[TOKEN, NEW], "").await;
    assert_eq!(reply.json(), workspace);
}

#[tokio::test]
async fn each_path_exists_in_its_own_version_only() {
    let harness = Harness::start().await;
    for (path, version, status) in [
        (one(), Some(NEW), 200),
        (one(), Some(OLD), 404),
        (one(), None, 404),
        (one(), Some(("x-version", "2030-01-01")), 400),
        (prototype(), Some(OLD), 200),
        (prototype(), None, 200),
        (prototype(), Some(NEW), 404),
    ] {
        let mut headers = vec![TOKEN, JSON];
        headers.extend(version);
        let reply = harness.send("PATCH", &path, &headers, RENAME).await;
        assert_eq!(reply.status, status, "{path} {version:?}");
        if status == 404 {
            assert_error(&reply, 404, "404NotFound");
        }
    }
}

#[tokio::test]
async fn a_patch_that_is_not_supported_changes_nothing() {
    let harness = Harness::start().await;
    for body in [
        "{\"name\":\"x\"}",
        "not json",
        "",
        r#"[{"op":"add","path":"/name","value":"x"}]"#,
        r#"[{"op":"replace","path":"/name","value":"x"},{"op":"replace","path":"/status","value":"y"}]"#,
    ] {
        let reply = harness.send("PATCH", &one(), &[TOKEN, NEW, JSON], body).await;
        assert_error(&reply, 400, "400BadRequest");
        assert_eq!(reply.json()["version"], "2026-01-01");
    }
    let patch = ("content-type", "application/json-patch+json");
    let reply = harness.send("PATCH", &one(), &[TOKEN, NEW, patch], RENAME).await;
    assert_error(&reply, 400, "400BadRequest");
    let reply = harness.send("GET", &one(), &[TOKEN, NEW], "").await;
    assert_eq!(reply.json()["name"], "Quarterly Planning");
}

#[tokio::test]
async fn tokens_organizations_and_methods_are_checked() {
    let harness = Harness::start().await;
    let reply = harness.send("GET", &one(), &[NEW], "").await;
    assert_error(&reply, 401, "401Unauthorized");
    let readonly = ("authorization", "Bearer sandbox-workiva-readonly");
    let reply = harness.send("PATCH", &one(), &[readonly, NEW, JSON], RENAME).await;
    assert_error(&reply, 403, "403Forbidden");
    assert_eq!(harness.send("GET", &one(), &[readonly, NEW], "").await.status, 200);
    let other = one().replace("d6e178fd", "00000000");
    let reply = harness.send("PATCH", &other, &[TOKEN, NEW, JSON], RENAME).await;
    assert_error(&reply, 404, "404NotFound");
    let none = one().replace("d6e178fd-", "");
    let reply = harness.send("PATCH", &none, &[TOKEN, NEW, JSON], RENAME).await;
    assert_error(&reply, 400, "400BadRequest");
    let reply = harness.send("GET", &format!("{}x", one()), &[TOKEN, NEW], "").await;
    assert_error(&reply, 404, "404NotFound");
    let reply = harness.send("DELETE", &one(), &[TOKEN, NEW], "").await;
    assert_error(&reply, 405, "405MethodNotAllowed");
}

#[tokio::test]
async fn created_workspaces_are_listed_page_by_page() {
    let harness = Harness::start().await;
    let all = format!("{ORGANIZATION}/workspaces");
    for name in ["B", "C"] {
        let body = json!({ "name": name, "solutions": [{ "id": "60" }] }).to_string();
        let reply = harness.send("POST", &all, &[TOKEN, NEW, JSON], body).await;
        assert_eq!((reply.status, &reply.json()["name"]), (201, &json!(name)));
    }
    let mut names = Vec::new();
    let mut path = Some(format!("{all}?$maxpagesize=2"));
    while let Some(next) = path {
        let page = harness.send("GET", &next, &[TOKEN, NEW], "").await.json();
        let data = page["data"].as_array().unwrap();
        names.extend(data.iter().map(|workspace| workspace["name"].clone()));
        let link = page.get("@nextLink").and_then(Value::as_str);
        path = link.map(|link| link.strip_prefix(&harness.sandbox.url("")).unwrap().to_owned());
    }
    assert_eq!(names, ["Quarterly Planning", "B", "C"]);
    for query in ["$maxpagesize=0", "$maxpagesize=1001", "$next=made-up"] {
        let reply = harness.send("GET", &format!("{all}?{query}"), &[TOKEN, NEW], "").await;
        assert_error(&reply, 400, "400BadRequest");
    }
    let two = json!({ "name": "D", "solutions": [{}, {}] }).to_string();
    for body in ["{}".to_owned(), two] {
        let reply = harness.send("POST", &all, &[TOKEN, NEW, JSON], body).await;
        assert_error(&reply, 400, "400BadRequest");
    }
}
