#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const PROJECTS: &str = "/insightly/v3.1/Projects";
const PROJECT: &str = "/insightly/v3.1/Projects/1657941";
/// `sandbox-insightly` and an empty password.
const KEY: (&str, &str) = ("authorization", "Basic c2FuZGJveC1pbnNpZ2h0bHk6");
/// `sandbox-insightly-readonly` and an empty password.
const READONLY: (&str, &str) = ("authorization", "Basic c2FuZGJveC1pbnNpZ2h0bHktcmVhZG9ubHk6");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn send(harness: &Harness, method: &str, path: &str, body: Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    harness.send(method, path, &[KEY, JSON], body).await
}

/// Updates the first seed.
async fn put(harness: &Harness, members: Value) -> Reply {
    let mut body = json!({ "PROJECT_ID": 1_657_941 });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    send(harness, "PUT", PROJECTS, body).await
}

async fn get(harness: &Harness, path: &str) -> Reply {
    harness.send("GET", path, &[KEY], "").await
}

#[track_caller]
fn assert_refused(reply: &Reply, message: &str) {
    assert_eq!(reply.status, 400, "{}", reply.text());
    let body = reply.json();
    assert_eq!(body["Name"], "Bad Request");
    assert!(body["Message"].as_str().unwrap().contains(message), "{body}");
}

#[tokio::test]
async fn an_update_is_partial_answered_whole_and_read_back() {
    let harness = Harness::start().await;
    let reply = put(
        &harness,
        json!({
            "PROJECT_NAME": "Website rollout 2",
            "STATUS": "Completed",
            "PROJECT_DETAILS": null,
            "COMPLETED_DATE": "2025-06-30T02:00:00+02:00",
            "OWNER_USER_ID": 2_240_728,
            "CATEGORY_ID": 2_733_021,
            "CUSTOMFIELDS": [{ "FIELD_NAME": "Hours__c", "FIELD_VALUE": 12.5 }],
        }),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let project = reply.json();
    assert_eq!(project["PROJECT_ID"], 1_657_941);
    assert_eq!((&project["PROJECT_NAME"], &project["STATUS"]), (&json!("Website rollout 2"), &json!("COMPLETED")));
    assert_eq!((&project["PROJECT_DETAILS"], &project["COMPLETED_DATE"]), (&Value::Null, &json!("2025-06-30 00:00:00")));
    assert_eq!((&project["OWNER_USER_ID"], &project["RESPONSIBLE_USER_ID"]), (&json!(2_240_728), &json!(2_240_727)));
    assert_eq!(project["CUSTOMFIELDS"].as_array().unwrap().len(), 2, "what is not given stays");
    assert_eq!(project["CUSTOMFIELDS"][1], json!({ "FIELD_NAME": "Hours__c", "FIELD_VALUE": 12.5, "CUSTOM_FIELD_ID": "Hours__c" }));
    assert_eq!(project["DATE_CREATED_UTC"], "2025-01-15 09:12:33");
    assert!(project["DATE_UPDATED_UTC"].as_str().unwrap() > "2025-04-19 00:49:33");
    assert_eq!(project["LINKED_EMAIL_ADDRESS"], "acme-P1657941-ABC@mailbox.insight.ly");
    assert_eq!(get(&harness, PROJECT).await.json(), project);
}

#[tokio::test]
async fn collections_may_come_with_the_project() {
    let harness = Harness::start().await;
    let reply = put(
        &harness,
        json!({
            "TAGS": [{ "TAG_NAME": "a" }, { "TAG_NAME": "b" }, { "TAG_NAME": "a" }],
            "LINKS": [{ "LINK_OBJECT_NAME": "Contact", "LINK_OBJECT_ID": 99_216_523, "ROLE": "Sponsor" }],
            "CUSTOMFIELDS": [{ "FIELD_NAME": "Budget_Code__c", "FIELD_VALUE": null }, { "FIELD_NAME": "Approved__c", "FIELD_VALUE": true }],
        }),
    )
    .await;
    let project = reply.json();
    assert_eq!(project["TAGS"], json!([{ "TAG_NAME": "a" }, { "TAG_NAME": "b" }]));
    assert_eq!(project["LINKS"].as_array().unwrap().len(), 2);
    assert_eq!((&project["LINKS"][1]["LINK_ID"], &project["LINKS"][1]["ROLE"]), (&json!(51_931_088), &json!("Sponsor")));
    assert_eq!(project["CUSTOMFIELDS"].as_array().unwrap().len(), 1);
    let unchanged = put(&harness, json!({ "CUSTOMFIELDS": null })).await.json();
    assert_eq!(unchanged["CUSTOMFIELDS"], project["CUSTOMFIELDS"]);
}

#[tokio::test]
async fn a_write_that_is_refused_changes_nothing() {
    let harness = Harness::start().await;
    for (members, message) in [
        (json!({ "PROJECT_NAME": "" }), "PROJECT_NAME is required"),
        (json!({ "PROJECT_NAME": "é".repeat(256) }), "255 characters"),
        (json!({ "PROJECT_DETAILS": "x".repeat(4_001) }), "4000 characters"),
        (json!({ "PROJECT_NAME": 7 }), "must be a string"),
        (json!({ "STATUS": "OPEN" }), "STATUS is not valid"),
        (json!({ "STATUS": null }), "STATUS is not valid"),
        (json!({ "COMPLETED_DATE": "30.06.2025" }), "COMPLETED_DATE is not a date"),
        (json!({ "STARTED_DATE": 1 }), "STARTED_DATE is not a date"),
        (json!({ "OWNER_USER_ID": 1 }), "OWNER_USER_ID 1 does not exist"),
        (json!({ "RESPONSIBLE_USER_ID": "2240727" }), "must be a number"),
        (json!({ "CATEGORY_ID": 7 }), "CATEGORY_ID 7 does not exist"),
        (json!({ "STAGE_ID": 300_102 }), "cannot be written"),
        (json!({ "NAME": "x" }), "There is no field NAME"),
        (json!({ "PROJECT_NAME": "New", "CUSTOMFIELDS": [{ "FIELD_NAME": "Old__c", "FIELD_VALUE": 1 }] }), "custom field 'Old__c'"),
        (json!({ "CUSTOMFIELDS": [{ "FIELD_NAME": "Hours__c", "FIELD_VALUE": "1" }] }), "wrong type"),
        (json!({ "CUSTOMFIELDS": { "Hours__c": 1 } }), "array of objects"),
        (json!({ "TAGS": [{ "TAG_NAME": "" }] }), "TAG_NAME is required"),
        (json!({ "TAGS": [{ "NAME": "x" }] }), "no field NAME"),
        (json!({ "LINKS": [{ "LINK_OBJECT_NAME": "Contact", "LINK_OBJECT_ID": 1 }] }), "do not name a record"),
    ] {
        assert_refused(&put(&harness, members).await, message);
    }
    assert_refused(&send(&harness, "PUT", PROJECTS, json!({ "PROJECT_NAME": "x" })).await, "PROJECT_ID is required");
    assert_refused(&send(&harness, "PUT", PROJECTS, json!({ "PROJECT_ID": 1 })).await, "PROJECT_ID 1 does not exist");
    assert_refused(&send(&harness, "PUT", PROJECTS, json!([])).await, "JSON object");
    assert_refused(&harness.send("PUT", PROJECTS, &[KEY, JSON], "{").await, "not JSON");
    let text = ("content-type", "text/plain");
    assert_eq!(harness.send("PUT", PROJECTS, &[KEY, text], "{}").await.status, 415);
    let project = get(&harness, PROJECT).await.json();
    assert_eq!((&project["PROJECT_NAME"], &project["DATE_UPDATED_UTC"]), (&json!("Website rollout"), &json!("2025-04-19 00:49:33")));
}

#[tokio::test]
async fn a_project_is_created_read_and_deleted() {
    let harness = Harness::start().await;
    assert_refused(&send(&harness, "POST", PROJECTS, json!({ "STATUS": "DEFERRED" })).await, "PROJECT_NAME is required");
    assert_refused(&send(&harness, "POST", PROJECTS, json!({ "PROJECT_NAME": "x" })).await, "STATUS is required");
    let with_id = json!({ "PROJECT_NAME": "x", "STATUS": "DEFERRED", "PROJECT_ID": 5 });
    assert_refused(&send(&harness, "POST", PROJECTS, with_id).await, "cannot be written");
    let reply = send(&harness, "POST", PROJECTS, json!({ "PROJECT_NAME": "New", "STATUS": "not started" })).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let created = reply.json();
    assert_eq!((&created["PROJECT_ID"], &created["STATUS"]), (&json!(1_657_943), &json!("NOT STARTED")));
    assert_eq!((&created["OWNER_USER_ID"], &created["TAGS"]), (&json!(2_240_727), &json!([])));
    let path = format!("{PROJECTS}/1657943");
    assert_eq!(get(&harness, &path).await.json(), created);
    let reply = harness.send("DELETE", &path, &[KEY], "").await;
    assert_eq!((reply.status, reply.body.len()), (202, 0));
    for method in ["GET", "DELETE"] {
        let reply = harness.send(method, &path, &[KEY], "").await;
        assert_eq!((reply.status, reply.body.len()), (404, 0));
    }
}

#[tokio::test]
async fn the_list_pages_by_skip_and_top_over_thousands() {
    let harness = Harness::start().await;
    for number in 0..2_498 {
        let body = json!({ "PROJECT_NAME": format!("Project {number}"), "STATUS": "IN PROGRESS" });
        assert_eq!(send(&harness, "POST", PROJECTS, body).await.status, 201);
    }
    let mut ids: Vec<u64> = Vec::new();
    loop {
        let page = get(&harness, &format!("{PROJECTS}?skip={}&top=500", ids.len())).await.json();
        let projects = page.as_array().unwrap();
        if projects.is_empty() {
            break;
        }
        ids.extend(projects.iter().map(|project| project["PROJECT_ID"].as_u64().unwrap()));
    }
    assert_eq!(ids.len(), 2_500);
    assert!(ids.is_sorted_by(|one, other| one < other), "an id came twice");
    let reply = get(&harness, &format!("{PROJECTS}?count_total=true&top=1&brief=true")).await;
    assert_eq!(reply.header("x-total-count"), Some("2500"));
    assert_eq!(reply.json().as_array().unwrap().len(), 1);
    assert!(reply.json()[0].get("TAGS").is_none() && reply.json()[0].get("LINKS").is_none());
    let reply = get(&harness, PROJECTS).await;
    assert_eq!((reply.json().as_array().unwrap().len(), reply.header("x-total-count")), (100, None));
    for query in ["top=501", "top=0", "top=x", "skip=-1", "brief=yes"] {
        assert_refused(&get(&harness, &format!("{PROJECTS}?{query}")).await, "");
    }
}

#[tokio::test]
async fn searches_look_at_a_field_a_time_or_a_tag() {
    let harness = Harness::start().await;
    for (query, count) in [
        ("Search?field_name=STATUS&field_value=completed", 1),
        ("Search?field_name=owner_user_id&field_value=2240727", 2),
        ("Search?updated_after_utc=2025-01-01", 1),
        ("Search?updated_after_utc=2025-04-19T00:49:33Z", 0),
        ("Search", 2),
        ("SearchByTag?tagName=VIP", 1),
        ("SearchByTag?tagName=other", 0),
    ] {
        let reply = get(&harness, &format!("{PROJECTS}/{query}")).await;
        assert_eq!(reply.json().as_array().unwrap().len(), count, "{query}");
    }
    for query in ["Search?field_name=STATUS", "Search?field_name=COLOUR&field_value=x", "Search?updated_after_utc=May", "SearchByTag"] {
        assert_refused(&get(&harness, &format!("{PROJECTS}/{query}")).await, "");
    }
}

#[tokio::test]
async fn pipeline_and_stage_are_changed_by_calls_of_their_own() {
    let harness = Harness::start().await;
    let pipeline = format!("{PROJECT}/Pipeline");
    let stage = format!("{PROJECT}/PipelineStage");
    let reply = send(&harness, "PUT", &stage, json!({ "STAGE_ID": 300_102 })).await;
    assert_eq!((reply.status, reply.json()), (200, json!([{ "STAGE_ID": 300_102 }])));
    assert_eq!(get(&harness, PROJECT).await.json()["STAGE_ID"], 300_102);
    assert_refused(&send(&harness, "PUT", &stage, json!({ "STAGE_ID": 300_201 })).await, "does not belong");
    assert_eq!(send(&harness, "PUT", &stage, json!({ "STAGE_ID": 1 })).await.status, 404);
    let change = json!({ "PIPELINE_ID": 91_235, "PIPELINE_STAGE_CHANGE": { "STAGE_ID": 300_201 } });
    assert_eq!(send(&harness, "PUT", &pipeline, change).await.status, 200);
    let project = get(&harness, PROJECT).await.json();
    assert_eq!((&project["PIPELINE_ID"], &project["STAGE_ID"]), (&json!(91_235), &json!(300_201)));
    for status in [202, 417] {
        assert_eq!(harness.send("DELETE", &pipeline, &[KEY], "").await.status, status);
    }
    assert_eq!(get(&harness, PROJECT).await.json()["STAGE_ID"], Value::Null);
}

#[tokio::test]
async fn tags_and_links_have_calls_of_their_own() {
    let harness = Harness::start().await;
    let tags = format!("{PROJECT}/Tags");
    let reply = send(&harness, "POST", &tags, json!({ "TAG_NAME": "new" })).await;
    assert_eq!((reply.status, reply.json()), (201, json!({ "TAG_NAME": "new" })));
    assert_eq!(get(&harness, &tags).await.json(), json!([{ "TAG_NAME": "vip" }, { "TAG_NAME": "new" }]));
    for status in [202, 417] {
        assert_eq!(send(&harness, "DELETE", &tags, json!({ "TAG_NAME": "vip" })).await.status, status);
    }
    let reply = send(&harness, "PUT", &tags, json!([{ "TAG_NAME": "only" }])).await;
    assert_eq!((reply.status, reply.json()), (201, json!([{ "TAG_NAME": "only" }])));
    let links = format!("{PROJECT}/Links");
    let link = json!({ "LINK_OBJECT_NAME": "Organisation", "LINK_OBJECT_ID": 35_343_477, "ROLE": "", "DETAILS": "" });
    let reply = send(&harness, "POST", &links, link).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let id = reply.json()["LINK_ID"].clone();
    let reply = send(&harness, "PUT", &links, json!({ "LINK_ID": id, "DETAILS": "Pays" })).await;
    assert_eq!((reply.status, &reply.json()["DETAILS"]), (200, &json!("Pays")));
    assert_eq!(send(&harness, "PUT", &links, json!({ "LINK_ID": 1 })).await.status, 404);
    assert_eq!(get(&harness, &links).await.json().as_array().unwrap().len(), 2);
    for status in [202, 404] {
        assert_eq!(harness.send("DELETE", &format!("{links}/{id}"), &[KEY], "").await.status, status);
    }
    assert_eq!(get(&harness, &format!("{PROJECTS}/1/Tags")).await.status, 404);
}

#[tokio::test]
async fn names_are_read_by_id() {
    let harness = Harness::start().await;
    for (path, member, name) in [
        ("Users/2240728", "LAST_NAME", "Okafor"),
        ("Opportunities/4070113", "OPPORTUNITY_NAME", "Website of Northfield"),
        ("PipelineStages/300101", "STAGE_NAME", "Kick-off"),
    ] {
        assert_eq!(get(&harness, &format!("/insightly/v3.1/{path}")).await.json()[member], name);
    }
    assert_eq!(get(&harness, "/insightly/v3.1/Users/1").await.status, 404);
    assert_refused(&get(&harness, "/insightly/v3.1/Users/ada").await, "must be a number");
}

#[tokio::test]
async fn keys_paths_methods_and_the_quota() {
    let harness = Harness::start().await;
    for value in [
        "Bearer sandbox-insightly",
        "Basic c2FuZGJveC1pbnNpZ2h0bHk=",
        "Basic c2FuZGJveC1pbnNpZ2h0bHk6c2VjcmV0",
        "Basic c2FuZGJveC1jYXBzdWxlOg==",
    ] {
        let reply = harness.send("GET", PROJECT, &[("authorization", value)], "").await;
        assert_eq!((reply.status, reply.body.len()), (401, 0), "{value}");
    }
    assert_eq!(harness.send("GET", PROJECT, &[READONLY], "").await.status, 200);
    assert_eq!(harness.send("PUT", PROJECTS, &[READONLY, JSON], "{}").await.status, 403);
    assert_eq!(get(&harness, "/insightly/v2.2/Projects").await.status, 404);
    let reply = send(&harness, "PUT", PROJECT, json!({ "PROJECT_NAME": "x" })).await;
    assert_eq!(reply.status, 405, "the id is in the body");
    let remaining = |reply: &Reply| reply.header("x-ratelimit-remaining").unwrap().parse::<u32>().unwrap();
    let first = get(&harness, PROJECT).await;
    assert_eq!(first.header("x-ratelimit-limit"), Some("40000"));
    assert_eq!(remaining(&get(&harness, PROJECT).await) + 1, remaining(&first));
    harness.fail(json!({ "provider": "insightly", "kind": "rate_limit", "retry_after": 5 })).await;
    let reply = get(&harness, PROJECT).await;
    assert_eq!((reply.status, remaining(&reply), reply.header("retry-after")), (429, 0, Some("5")));
}

#[tokio::test]
async fn the_control_routes_know_a_project_by_its_project_id() {
    let harness = Harness::start().await;
    let change = json!({ "provider": "insightly", "id": "1657941", "change": { "PROJECT_NAME": "Elsewhere" } });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!((&changed["PROJECT_ID"], &changed["PROJECT_NAME"]), (&json!(1_657_941), &json!("Elsewhere")));
    assert!(changed["DATE_UPDATED_UTC"].as_str().unwrap() > "2025-04-19 00:49:33");
    let change = json!({ "provider": "insightly", "id": "1657941", "change": { "PROJECT_ID": 5 } }).to_string();
    let reply = harness.send("POST", "/_control/object", &[], change).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("'PROJECT_ID'"));
    let index = harness.control("GET", "", &Value::Null).await;
    assert_eq!(index["providers"]["insightly"]["username"], "sandbox-insightly");
    assert_eq!(index["providers"]["insightly"]["password"], "");
}
