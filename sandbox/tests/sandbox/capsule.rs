#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const PROJECTS: &str = "/capsule/api/v2/kases";
const PROJECT: &str = "/capsule/api/v2/kases/5271516";
const EMBED: &str = "embed=tags,fields,party,opportunity";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-capsule");
const READONLY: (&str, &str) = ("authorization", "Bearer sandbox-capsule-readonly");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn put(harness: &Harness, kase: Value) -> Reply {
    let body = json!({ "kase": kase }).to_string();
    harness.send("PUT", &format!("{PROJECT}?{EMBED}"), &[TOKEN, JSON], body).await
}

async fn post(harness: &Harness, kase: Value) -> Reply {
    let body = json!({ "kase": kase }).to_string();
    harness.send("POST", &format!("{PROJECTS}?{EMBED}"), &[TOKEN, JSON], body).await
}

async fn get(harness: &Harness, path: &str) -> Reply {
    harness.send("GET", path, &[TOKEN], "").await
}

#[track_caller]
fn assert_refused(reply: &Reply, field: &str, message: &str) {
    assert_eq!(reply.status, 422, "{}", reply.text());
    let body = reply.json();
    assert_eq!(body["message"], "Validation Failed");
    let error = &body["errors"][0];
    assert_eq!(error["resource"], "kase");
    assert_eq!(error["field"], field, "{error}");
    assert!(error["message"].as_str().unwrap().contains(message), "{error}");
}

#[tokio::test]
async fn an_update_is_partial_answered_and_read_back() {
    let harness = Harness::start().await;
    let reply = put(
        &harness,
        json!({
            "name": "Research phase 2",
            "description": null,
            "status": "CLOSED",
            "expectedCloseOn": "2025-12-10",
            "party": { "id": 11588 },
            "opportunity": { "id": 83948 },
            "stage": 149,
        }),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let kase = reply.json()["kase"].clone();
    assert_eq!(kase["id"], 5_271_516);
    assert_eq!(kase["name"], "Research phase 2");
    assert_eq!(kase["description"], Value::Null);
    assert_eq!((&kase["status"], &kase["expectedCloseOn"]), (&json!("CLOSED"), &json!("2025-12-10")));
    assert!(kase["closedOn"].is_string());
    assert_eq!(kase["party"]["firstName"], "Ada");
    assert!(kase["party"].get("name").is_none());
    assert_eq!(kase["opportunity"], json!({ "id": 83948, "name": "Market study" }));
    assert_eq!(kase["stage"], json!({ "name": "In Progress", "id": 149 }));
    assert_eq!(kase["owner"]["name"], "integration.tes1907");
    assert_eq!(kase["createdAt"], "2025-03-07T23:32:00Z");
    assert!(kase["updatedAt"].as_str().unwrap() > "2025-03-07T23:32:00Z");
    assert_eq!(get(&harness, &format!("{PROJECT}?{EMBED}")).await.json()["kase"], kase);
    let reply = put(&harness, json!({ "status": "OPEN", "opportunity": null })).await;
    assert_eq!(reply.json()["kase"]["closedOn"], Value::Null);
    assert_eq!(reply.json()["kase"]["opportunity"], Value::Null);
}

#[tokio::test]
async fn tags_and_fields_show_only_on_request() {
    let harness = Harness::start().await;
    let kase = get(&harness, PROJECT).await.json()["kase"].clone();
    assert!(kase.get("tags").is_none() && kase.get("fields").is_none());
    let kase = get(&harness, &format!("{PROJECT}?embed=fields,missingImportantFields")).await.json()["kase"].clone();
    assert!(kase.get("tags").is_none());
    assert_eq!(kase["fields"][0]["definition"], json!({ "id": 926_886, "name": "Interests" }));
    assert_eq!(kase["missingImportantFields"], false);
    assert_refused(&get(&harness, &format!("{PROJECT}?embed=notes")).await, "embed", "notes");
}

#[tokio::test]
async fn tags_are_added_and_detached_one_by_one() {
    let harness = Harness::start().await;
    let names = |reply: &Reply| reply.json()["kase"]["tags"].as_array().unwrap().iter().map(|tag| tag["name"].clone()).collect::<Vec<_>>();
    let reply = put(&harness, json!({ "tags": [{ "name": "vip" }, { "name": "New one" }, { "id": 168_298 }] })).await;
    assert_eq!(names(&reply), ["Priority", "VIP", "New one"]);
    let new = reply.json()["kase"]["tags"][2]["id"].clone();
    assert_eq!(new, 168_301);
    let tags = get(&harness, &format!("{PROJECTS}/tags")).await.json()["tags"].clone();
    assert_eq!(tags[3], json!({ "id": 168_301, "name": "New one", "dataTag": false }));
    let gone = json!({ "tags": [{ "id": 168_298, "_delete": true }] });
    assert_eq!(names(&put(&harness, gone.clone()).await), ["VIP", "New one"]);
    assert_refused(&put(&harness, gone).await, "tags", "tag not found to delete");
    for wrong in [json!("VIP"), json!([{}]), json!([{ "id": 1 }]), json!([{ "name": "" }]), json!([{ "name": "VIP", "colour": 1 }])] {
        assert_refused(&put(&harness, json!({ "tags": wrong })).await, "tags", "");
    }
}

#[tokio::test]
async fn custom_fields_are_set_changed_and_cleared_by_row_or_definition() {
    let harness = Harness::start().await;
    let set = |id: u64, value: Value| json!({ "definition": { "id": id }, "value": value });
    let reply =
        put(&harness, json!({ "fields": [set(926_886, json!("Golf")), set(926_888, json!(1.5)), set(926_889, json!(false))] })).await;
    let fields = reply.json()["kase"]["fields"].clone();
    assert_eq!(fields[0]["id"], 9_785_121);
    assert_eq!(fields[0]["value"], "Golf");
    assert_eq!((&fields[1]["id"], &fields[1]["value"]), (&json!(9_785_122), &json!("1.5")), "a number is read back as a text");
    assert_eq!(fields[2]["value"], false);
    let reply = put(
        &harness,
        json!({ "fields": [set(926_886, Value::Null), { "id": 9_785_122, "_delete": true }, set(926_890, json!("2025-01-31"))] }),
    )
    .await;
    let fields = reply.json()["kase"]["fields"].clone();
    assert_eq!(fields.as_array().unwrap().len(), 2);
    assert_eq!((&fields[1]["value"], &fields[1]["tagId"]), (&json!("2025-01-31"), &json!(168_300)));
    for (wrong, field, message) in [
        (set(926_889, Value::Null), "value", "invalid type for field"),
        (set(926_888, json!("1")), "value", "invalid type for field"),
        (set(926_886, json!("Chess")), "value", "options"),
        (set(926_890, json!("2025-02-30")), "value", "invalid type"),
        (set(1, json!("x")), "definition", "not found"),
        (json!({ "id": 1, "value": "x" }), "fields", "not found"),
        (json!({ "value": "x" }), "fields", "id or a definition"),
        (json!({ "definition": { "id": 926_887 } }), "value", "required"),
    ] {
        assert_refused(&put(&harness, json!({ "fields": [wrong] })).await, field, message);
    }
    let definitions = get(&harness, &format!("{PROJECTS}/fields/definitions")).await.json()["definitions"].clone();
    assert_eq!(definitions[0]["options"][0], "Traveling");
}

#[tokio::test]
async fn owner_and_team_are_written_as_a_pair() {
    let harness = Harness::start().await;
    let kase = put(&harness, json!({ "owner": { "id": 674_198 }, "team": { "id": 5 } })).await.json()["kase"].clone();
    assert_eq!((&kase["owner"]["id"], &kase["team"]["name"]), (&json!(674_198), &json!("Delivery")));
    let kase = put(&harness, json!({ "owner": { "id": 674_197 } })).await.json()["kase"].clone();
    assert_eq!((&kase["owner"]["id"], &kase["team"]), (&json!(674_197), &Value::Null));
    let kase = put(&harness, json!({ "owner": null, "team": { "id": 6 } })).await.json()["kase"].clone();
    assert_eq!((&kase["owner"], &kase["team"]["id"]), (&Value::Null, &json!(6)));
    assert_refused(&put(&harness, json!({ "team": null })).await, "owner", "owner or team is required");
    let outsider = json!({ "owner": { "id": 674_197 }, "team": { "id": 6 } });
    assert_refused(&put(&harness, outsider).await, "owner", "member");
}

#[tokio::test]
async fn a_write_that_is_refused_changes_nothing() {
    let harness = Harness::start().await;
    for (kase, field, message) in [
        (json!({ "name": " " }), "name", "required"),
        (json!({ "name": null }), "name", "required"),
        (json!({ "name": 7 }), "name", "string"),
        (json!({ "party": null }), "party", "party is required"),
        (json!({ "party": { "id": 1 } }), "party", "not found"),
        (json!({ "party": 254_633_973 }), "party", "object"),
        (json!({ "party": { "id": "254633973" } }), "party", "number"),
        (json!({ "opportunity": { "id": 83948, "name": "x" } }), "opportunity", "opportunity.name"),
        (json!({ "stage": null }), "stage", "number"),
        (json!({ "status": "open" }), "status", "OPEN or CLOSED"),
        (json!({ "expectedCloseOn": "2025-12-10T00:00:00Z" }), "expectedCloseOn", "invalid"),
        (json!({ "expectedCloseOn": "2025-02-29" }), "expectedCloseOn", "invalid"),
        (json!({ "closedOn": "2025-12-10" }), "closedOn", "read-only"),
        (json!({ "title": "x" }), "title", "not known"),
        (json!({ "name": "New", "tags": [{ "id": 1 }] }), "tags", "not found"),
        (json!({ "tracks": [] }), "tracks", "not known"),
    ] {
        assert_refused(&put(&harness, kase).await, field, message);
    }
    assert_eq!(get(&harness, PROJECT).await.json()["kase"]["name"], "Research");
    for (body, status) in [("{", 400), ("[]", 400), ("{}", 422), (r#"{"kase":{},"more":1}"#, 422)] {
        assert_eq!(harness.send("PUT", PROJECT, &[TOKEN, JSON], body).await.status, status, "{body}");
    }
    let text = ("content-type", "text/plain");
    assert_eq!(harness.send("PUT", PROJECT, &[TOKEN, text], "{}").await.status, 415);
}

#[tokio::test]
async fn a_project_is_created_read_and_deleted() {
    let harness = Harness::start().await;
    let reply = post(&harness, json!({})).await;
    let fields: Vec<Value> = reply.json()["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["name", "party", "owner"]);
    let kase = json!({
        "name": "New", "party": { "id": 254_633_974 }, "owner": { "id": 674_197 }, "tracks": [], "tags": [{ "name": "VIP" }],
    });
    let reply = post(&harness, kase).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let created = reply.json()["kase"].clone();
    assert_eq!(created["id"], 5_271_518);
    assert_eq!((&created["status"], &created["party"]["name"]), (&json!("OPEN"), &json!("Zestia")));
    let location = reply.header("location").unwrap();
    let path = location.strip_prefix(&harness.sandbox.url("")).unwrap();
    assert_eq!(path, "/capsule/api/v2/kases/5271518");
    assert_eq!(get(&harness, &format!("{path}?{EMBED}")).await.json()["kase"], created);
    let several = get(&harness, &format!("{PROJECTS}/5271518,1,5271516")).await.json();
    assert_eq!(several["kases"].as_array().unwrap().len(), 2);
    assert_refused(&get(&harness, &format!("{PROJECTS}/1,2,3,4,5,6,7,8,9,10,11")).await, "id", "too many ids");
    let reply = harness.send("DELETE", path, &[TOKEN], "").await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    let reply = harness.send("DELETE", path, &[TOKEN], "").await;
    assert_eq!((reply.status, reply.json()), (404, json!({ "message": "Could not find resource" })));
    let deleted = get(&harness, &format!("{PROJECTS}/deleted?since=2025-01-01")).await.json();
    assert_eq!(deleted["kases"][0]["id"], 5_271_518);
    assert_refused(&get(&harness, &format!("{PROJECTS}/deleted")).await, "since", "required");
}

#[tokio::test]
async fn additional_contacts_are_added_once_and_removed() {
    let harness = Harness::start().await;
    let contacts = format!("{PROJECT}/parties");
    let ids = async || -> Vec<Value> {
        get(&harness, &contacts).await.json()["parties"].as_array().unwrap().iter().map(|party| party["id"].clone()).collect()
    };
    for party in ["11587", "11589"] {
        let reply = harness.send("POST", &format!("{contacts}/{party}"), &[TOKEN], "").await;
        assert_eq!((reply.status, reply.body.len()), (204, 0));
    }
    assert_eq!(ids().await, [11_587, 11_589]);
    let reply = harness.send("POST", &format!("{contacts}/11587"), &[TOKEN], "").await;
    assert_refused(&reply, "party", "party is already a contact for this project");
    let reply = harness.send("POST", &format!("{contacts}/254633973"), &[TOKEN], "").await;
    assert_refused(&reply, "party", "party is already related to this project");
    assert_eq!(harness.send("POST", &format!("{contacts}/1"), &[TOKEN], "").await.status, 404);
    put(&harness, json!({ "party": { "id": 11587 } })).await;
    assert_eq!(ids().await, [11_589], "the main contact is no additional one");
    for status in [204, 404] {
        assert_eq!(harness.send("DELETE", &format!("{contacts}/11589"), &[TOKEN], "").await.status, status);
    }
    assert!(ids().await.is_empty());
}

#[tokio::test]
async fn the_list_pages_by_its_link_over_thousands() {
    let harness = Harness::start().await;
    for number in 0..2_498 {
        let kase = json!({ "name": format!("Project {number}"), "party": { "id": 11587 }, "team": { "id": 5 } });
        assert_eq!(post(&harness, kase).await.status, 201);
    }
    let mut ids = Vec::new();
    let mut pages = 0;
    let mut path = Some(format!("{PROJECTS}?perPage=100&{EMBED}"));
    while let Some(next) = path {
        let reply = get(&harness, &next).await;
        let kases = reply.json()["kases"].as_array().unwrap().clone();
        assert!(kases.iter().all(|kase| kase["tags"].is_array()), "the link keeps what was asked for");
        ids.extend(kases.iter().map(|kase| kase["id"].as_u64().unwrap()));
        pages += 1;
        path = reply.header("link").map(|link| {
            let url = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
            url.strip_prefix(&harness.sandbox.url("")).unwrap().to_owned()
        });
    }
    assert_eq!((pages, ids.len()), (25, 2_500));
    assert!(ids.is_sorted_by(|one, other| one < other), "an id came twice");
    let reply = get(&harness, PROJECTS).await;
    assert_eq!(reply.json()["kases"].as_array().unwrap().len(), 50);
    let reply = get(&harness, &format!("{PROJECTS}?page=99")).await;
    assert_eq!((reply.json(), reply.header("link")), (json!({ "kases": [] }), None));
    let reply = get(&harness, &format!("{PROJECTS}?since=2025-03-08T00:00:00Z&perPage=1")).await;
    assert_eq!(reply.json()["kases"][0]["id"], 5_271_518);
    for (query, field) in [("perPage=101", "perPage"), ("perPage=0", "perPage"), ("page=x", "page"), ("since=May", "since")] {
        assert_refused(&get(&harness, &format!("{PROJECTS}?{query}")).await, field, "must be");
    }
}

#[tokio::test]
async fn tokens_paths_and_methods_are_checked() {
    let harness = Harness::start().await;
    let reply = harness.send("GET", PROJECT, &[], "").await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")));
    for value in ["Bearer sandbox-wrike", "Bearer sandbox-capsule2"] {
        let reply = harness.send("GET", PROJECT, &[("authorization", value)], "").await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer error=\"invalid_token\"")));
        assert!(reply.body.is_empty());
    }
    assert_eq!(harness.send("GET", PROJECT, &[READONLY], "").await.status, 200);
    let reply = harness.send("PUT", PROJECT, &[READONLY, JSON], r#"{"kase":{}}"#).await;
    assert_eq!((reply.status, reply.body.len()), (403, 0));
    for path in ["/capsule/api/v2/projects", "/capsule/kases", "/capsule/api/v2/kases/abc", "/capsule/api/v2/kases/1/notes"] {
        let reply = get(&harness, path).await;
        assert_eq!((reply.status, reply.json()), (404, json!({ "message": "Could not find resource" })), "{path}");
    }
    let reply = harness.send("PATCH", PROJECT, &[TOKEN, JSON], "{}").await;
    assert_eq!((reply.status, reply.json()), (405, json!({ "message": "Method not allowed" })));
}

#[tokio::test]
async fn every_answer_tells_the_quota_and_a_429_has_no_retry_after() {
    let harness = Harness::start().await;
    let first = get(&harness, PROJECT).await;
    assert_eq!(first.header("x-ratelimit-limit"), Some("4000"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("3999"));
    assert_eq!(get(&harness, "/capsule/x").await.header("x-ratelimit-remaining"), Some("3998"));
    harness.fail(json!({ "provider": "capsule", "kind": "rate_limit" })).await;
    let reply = get(&harness, PROJECT).await;
    assert_eq!((reply.status, reply.json()), (429, json!({ "error": "rate limit reached" })));
    assert_eq!((reply.header("x-ratelimit-remaining"), reply.header("retry-after")), (Some("0"), None));
    let reset: i64 = reply.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert!(reset > 1_700_000_000);
}

#[tokio::test]
async fn the_control_routes_know_a_project_by_its_number() {
    let harness = Harness::start().await;
    let change = json!({ "provider": "capsule", "id": "5271516", "change": { "name": "Elsewhere" }, "remove": ["team"] });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!(changed["name"], "Elsewhere");
    assert!(changed["updatedAt"].as_str().unwrap() > "2025-03-07T23:32:00Z");
    assert_eq!(get(&harness, PROJECT).await.json()["kase"]["name"], "Elsewhere");
    harness.control("POST", "/reset", &Value::Null).await;
    let state = harness.control("GET", "/state?provider=capsule", &Value::Null).await;
    let projects = state["objects"]["capsule"].as_array().unwrap().clone();
    assert_eq!((projects.len(), &projects[0]["name"]), (2, &json!("Research")));
}
