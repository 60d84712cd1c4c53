#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const PLANS: &str = "/microsoft-planner/v1.0/planner/plans";
const PLAN: &str = "/microsoft-planner/v1.0/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM";
const GROUP: &str = "ebf3b108-5234-4e22-b93d-656d7dae5874";
const ETAG: &str = "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-microsoft-planner");
const JSON: (&str, &str) = ("content-type", "application/json");
const IF_MATCH: (&str, &str) = ("if-match", ETAG);
const PREFER: (&str, &str) = ("prefer", "return=representation");
const RENAME: &str = r#"{"title":"Product launch"}"#;

#[track_caller]
fn assert_error(reply: &Reply, status: u16, message: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    let error = &reply.json()["error"];
    assert!(error["message"].as_str().unwrap().contains(message), "{error}");
    assert!(error["code"].is_string());
    assert_eq!(error["innerError"]["request-id"], reply.header("request-id").unwrap());
}

async fn read(harness: &Harness) -> Value {
    harness.send("GET", PLAN, &[TOKEN], "").await.json()
}

#[tokio::test]
async fn an_update_with_prefer_answers_the_plan_with_a_new_etag() {
    let harness = Harness::start().await;
    let headers = [TOKEN, JSON, IF_MATCH, PREFER];
    let reply = harness.send("PATCH", PLAN, &headers, RENAME).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("preference-applied"), Some("return=representation"));
    let plan = reply.json();
    assert_eq!(plan["title"], "Product launch");
    assert_eq!(plan["createdDateTime"], "2015-03-30T18:36:49.2407981Z");
    assert_eq!(plan["container"]["type"], "group");
    assert!(plan["@odata.etag"].as_str().unwrap() > ETAG);
    assert_eq!(read(&harness).await, plan);
}

#[tokio::test]
async fn an_update_without_prefer_answers_nothing_and_still_writes() {
    let harness = Harness::start().await;
    let reply = harness.send("PATCH", PLAN, &[TOKEN, JSON, IF_MATCH], RENAME).await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(read(&harness).await["title"], "Product launch");
}

#[tokio::test]
async fn if_match_must_be_there_well_formed_and_current() {
    let harness = Harness::start().await;
    let reply = harness.send("PATCH", PLAN, &[TOKEN, JSON], RENAME).await;
    assert_error(&reply, 412, "The If-Match header must be specified for this kind of request.");
    let task = "W/\"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBAWCc=\"";
    for value in ["*", "1", "\"abc\"", task] {
        let headers = [TOKEN, JSON, ("if-match", value)];
        let reply = harness.send("PATCH", PLAN, &headers, RENAME).await;
        assert_error(&reply, 400, "The If-Match header contains an invalid value.");
    }
    let reply = harness.send("PATCH", PLAN, &[TOKEN, JSON, IF_MATCH], RENAME).await;
    assert_eq!(reply.status, 204);
    let reply = harness.send("PATCH", PLAN, &[TOKEN, JSON, IF_MATCH], RENAME).await;
    assert_error(&reply, 412, "does not match the current version");
    let reply = harness.send("DELETE", PLAN, &[TOKEN, IF_MATCH], "").await;
    assert_error(&reply, 412, "does not match the current version");
}

#[tokio::test]
async fn a_body_that_is_not_one_of_a_plan_changes_nothing() {
    let harness = Harness::start().await;
    for (body, message) in [
        ("{}", "required"),
        ("", "not valid JSON"),
        ("[]", "JSON object"),
        (r#"{"title":null}"#, "title"),
        (r#"{"title":7}"#, "title"),
        (r#"{"title":""}"#, "title"),
        (r#"{"title":"x","description":"y"}"#, "'description' does not exist"),
        (r#"{"title":"x","owner":"y"}"#, "'owner' cannot be changed"),
        (r#"{"container":{}}"#, "'container' cannot be changed"),
    ] {
        let reply = harness.send("PATCH", PLAN, &[TOKEN, JSON, IF_MATCH], body).await;
        assert_error(&reply, 400, message);
    }
    let text = ("content-type", "text/plain");
    let reply = harness.send("PATCH", PLAN, &[TOKEN, text, IF_MATCH], RENAME).await;
    assert_error(&reply, 415, "content type");
    assert_eq!(read(&harness).await["@odata.etag"], ETAG);
}

#[tokio::test]
async fn tokens_paths_and_ids_are_checked() {
    let harness = Harness::start().await;
    let reply = harness.send("GET", PLAN, &[], "").await;
    assert_error(&reply, 401, "");
    let readonly = ("authorization", "Bearer sandbox-microsoft-planner-readonly");
    let reply = harness.send("PATCH", PLAN, &[readonly, JSON, IF_MATCH], RENAME).await;
    assert_error(&reply, 403, "permissions");
    assert_eq!(harness.send("GET", PLAN, &[readonly], "").await.status, 200);
    for (path, status) in [
        ("/microsoft-planner/v1.0/planner/plans/aaQg5FS2LkCp935s-FIFm2QAFkHM".to_owned(), 404),
        ("/microsoft-planner/v1.0/planner/plans/short".to_owned(), 400),
        ("/microsoft-planner/v1.0/planner/plan".to_owned(), 404),
        ("/microsoft-planner/v2.0/planner/plans".to_owned(), 404),
        (format!("{PLAN}?$select=isArchived"), 400),
        (PLANS.to_owned(), 400),
        (format!("{PLAN}?$select=title,colour"), 400),
        (format!("{PLAN}?$filter=x"), 400),
    ] {
        let reply = harness.send("GET", &path, &[TOKEN], "").await;
        assert_error(&reply, status, "");
    }
    let reply = harness.send("PUT", PLAN, &[TOKEN, JSON], RENAME).await;
    assert_error(&reply, 405, "method");
}

#[tokio::test]
async fn select_and_expand_shape_the_plan() {
    let harness = Harness::start().await;
    let path = format!("{PLAN}?$select=title&$expand=details");
    let plan = harness.send("GET", &path, &[TOKEN], "").await.json();
    let names: Vec<&String> = plan.as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.context", "@odata.etag", "title", "details"]);
}

#[tokio::test]
async fn a_plan_is_created_in_a_group_listed_and_deleted() {
    let harness = Harness::start().await;
    let url = format!("https://graph.microsoft.com/v1.0/groups/{GROUP}");
    let mut created = Vec::new();
    for container in [
        json!({ "url": url }),
        json!({ "containerId": GROUP, "type": "group" }),
        json!({ "containerId": GROUP, "type": "group", "url": url }),
    ] {
        let body = json!({ "title": "New", "container": container }).to_string();
        let reply = harness.send("POST", PLANS, &[TOKEN, JSON], body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        created.push(reply.json());
    }
    let mut ids = Vec::new();
    let mut path = Some(format!("/microsoft-planner/v1.0/groups/{GROUP}/planner/plans?$top=3&$count=true"));
    while let Some(next) = path {
        let page = harness.send("GET", &next, &[TOKEN], "").await.json();
        assert_eq!(page["@odata.count"], 4);
        let plans = page["value"].as_array().unwrap();
        ids.extend(plans.iter().map(|plan| plan["id"].clone()));
        let link = page.get("@odata.nextLink").and_then(Value::as_str);
        path = link.map(|link| link.strip_prefix(&harness.sandbox.url("")).unwrap().to_owned());
    }
    assert_eq!(ids.len(), 4);
    assert_eq!(ids[1], created[0]["id"]);
    let mine = harness.send("GET", "/microsoft-planner/v1.0/me/planner/plans", &[TOKEN], "").await;
    assert_eq!(mine.json()["value"].as_array().unwrap().len(), 4);
    let path = format!("{PLANS}/{}", created[0]["id"].as_str().unwrap());
    let reply = harness.send("DELETE", &path, &[TOKEN], "").await;
    assert_error(&reply, 412, "must be specified");
    let etag = ("if-match", created[0]["@odata.etag"].as_str().unwrap());
    let reply = harness.send("DELETE", &path, &[TOKEN, etag], "").await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_error(&harness.send("GET", &path, &[TOKEN], "").await, 404, "not found");
}

#[tokio::test]
async fn the_beta_version_archives_a_plan_which_can_then_only_be_read() {
    let harness = Harness::start().await;
    let beta = PLAN.replace("v1.0", "beta");
    let plan = harness.send("GET", &beta, &[TOKEN], "").await.json();
    assert_eq!((&plan["isArchived"], &plan["archivalInfo"]), (&json!(false), &Value::Null));
    let archive = format!("{beta}/archive");
    for (headers, body, status) in [
        (&[TOKEN, JSON][..], r#"{"justification":"done"}"#, 412),
        (&[TOKEN, JSON, IF_MATCH][..], "{}", 400),
        (&[TOKEN, JSON, IF_MATCH][..], r#"{"justification":"done","by":"me"}"#, 400),
    ] {
        assert_error(&harness.send("POST", &archive, headers, body).await, status, "");
    }
    let body = r#"{"justification":"done"}"#;
    assert_error(&harness.send("POST", &format!("{PLAN}/archive"), &[TOKEN, JSON, IF_MATCH], body).await, 404, "");
    let reply = harness.send("POST", &archive, &[TOKEN, JSON, IF_MATCH], body).await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    let plan = harness.send("GET", &beta, &[TOKEN], "").await.json();
    assert_eq!((&plan["isArchived"], &plan["archivalInfo"]["justification"]), (&json!(true), &json!("done")));
    assert!(read(&harness).await.get("isArchived").is_none());
    let etag = ("if-match", plan["@odata.etag"].as_str().unwrap());
    assert_error(&harness.send("PATCH", PLAN, &[TOKEN, JSON, etag], RENAME).await, 403, "archived");
    assert_eq!(harness.send("POST", &format!("{beta}/unarchive"), &[TOKEN, JSON, etag], body).await.status, 204);
    let now = read(&harness).await["@odata.etag"].as_str().unwrap().to_owned();
    assert_eq!(harness.send("PATCH", PLAN, &[TOKEN, JSON, ("if-match", &now)], RENAME).await.status, 204);
}

#[tokio::test]
async fn a_new_plan_needs_a_title_and_a_group_that_the_user_is_in() {
    let harness = Harness::start().await;
    let other = "00000000-5234-4e22-b93d-656d7dae5874";
    for (body, status) in [
        (json!({ "title": "New" }), 400),
        (json!({ "container": { "containerId": GROUP, "type": "group" } }), 400),
        (json!({ "title": "New", "container": { "containerId": GROUP } }), 400),
        (json!({ "title": "New", "container": { "url": "https://example.com/" } }), 400),
        (json!({ "title": "New", "container": { "containerId": other, "type": "group" } }), 403),
        (json!({ "title": "New", "owner": GROUP }), 400),
    ] {
        let reply = harness.send("POST", PLANS, &[TOKEN, JSON], body.to_string()).await;
        assert_error(&reply, status, "");
    }
    let path = format!("/microsoft-planner/v1.0/groups/{other}/planner/plans");
    assert_error(&harness.send("GET", &path, &[TOKEN], "").await, 404, "");
}
