#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const SPACE: &str = "/pipeliner/api/v100/rest/spaces/my_space";
const ID: &str = "0190978c-d6d1-de35-3f6d-7cf0a0e264db";
const ACCOUNT: &str = "0a31d4fd-1289-4326-ad1a-7dfa40c3ab48";
const CONTACT: &str = "0a31d4fd-1289-4326-ad1a-7dfa40c3ab49";
const OTHER_CONTACT: &str = "0a31d4fd-1289-4326-ad1a-7dfa40c3ab51";
const CLIENT: &str = "00000000-0000-0000-0000-000000008e97";
const OTHER_CLIENT: &str = "00000000-0000-0000-0000-000000008e98";
const CURRENCY: &str = "0190978c-0000-4000-8000-000000000003";
/// `sandbox-pipeliner:sandbox-pipeliner`
const LOGIN: (&str, &str) = ("authorization", "Basic c2FuZGJveC1waXBlbGluZXI6c2FuZGJveC1waXBlbGluZXI=");
/// `sandbox-pipeliner-readonly:sandbox-pipeliner`
const READONLY: (&str, &str) = ("authorization", "Basic c2FuZGJveC1waXBlbGluZXItcmVhZG9ubHk6c2FuZGJveC1waXBlbGluZXI=");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn send(harness: &Harness, method: &str, path: &str, body: Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    harness.send(method, &format!("{SPACE}/entities/{path}"), &[LOGIN, JSON], body).await
}

async fn patch(harness: &Harness, body: Value) -> Reply {
    send(harness, "PATCH", &format!("Projects/{ID}"), body).await
}

async fn get(harness: &Harness, path: &str) -> Reply {
    harness.send("GET", &format!("{SPACE}/entities/{path}"), &[LOGIN], "").await
}

fn new_project(name: &str) -> Value {
    json!({
        "name": name, "owner_id": CLIENT, "end_date": "2025-07-19",
        "revenue_goal": { "base_value": 1, "currency_id": CURRENCY, "value_foreign": 1 },
    })
}

#[track_caller]
fn assert_invalid(reply: &Reply, field: &str) {
    assert_eq!(reply.status, 422, "{}", reply.text());
    let body = reply.json();
    assert_eq!((&body["code"], &body["name"]), (&json!(40_000), &json!("ERROR_ENTITY_VALIDATION")));
    assert_eq!((&body["success"], &body["http_status"]), (&json!(false), &json!(422)));
    assert_eq!(body["field_errors"][0]["field_name"], field, "{body}");
    assert_eq!(body["field_errors"][0]["errors"][0]["name"], "ERROR_PARAMETER_INVALID");
}

#[track_caller]
fn assert_parameter(reply: &Reply) {
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!((&reply.json()["code"], &reply.json()["name"]), (&json!(117), &json!("ERROR_PARAMETER_INVALID")));
}

#[tokio::test]
async fn an_update_is_partial_answered_whole_and_read_back() {
    let harness = Harness::start().await;
    let reply = patch(
        &harness,
        json!({
            "name": "North", "description": "Two\nlines", "account_id": "0a31d4fd-1289-4326-ad1a-7dfa40c3ab50",
            "owner_id": OTHER_CLIENT, "end_date": "2025-08-01", "cf_region": "N7", "revision": 5,
        }),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["success"], true);
    let data = reply.json()["data"].clone();
    assert_eq!((&data["id"], &data["name"], &data["formatted_name"]), (&json!(ID), &json!("North"), &json!("North")));
    assert_eq!((&data["owner_id"], &data["end_date"]), (&json!(OTHER_CLIENT), &json!("2025-08-01")));
    assert_eq!((&data["start_date"], &data["status"]), (&json!("2025-01-06"), &json!(2)));
    assert_eq!((&data["cf_region"], &data["cf_risk_score"]), (&json!("N7"), &Value::Null));
    assert_eq!(data["revision"], 1_792);
    assert_eq!(data["created"], "2024-07-09 12:51:48.050108+00:00");
    let modified = data["modified"].as_str().unwrap();
    assert!(modified > "2024-07-09 12:51:48.050073+00:00" && modified.ends_with("+00:00"));
    assert_eq!(get(&harness, &format!("Projects/{ID}")).await.json()["data"], data);
    let reply = send(&harness, "PATCH", &format!("Projects/{}", ID.to_uppercase()), json!({ "name": "Capitals" })).await;
    assert_eq!(reply.json()["data"]["id"], ID);
}

#[tokio::test]
async fn relations_are_addresses_unless_they_are_expanded() {
    let harness = Harness::start().await;
    let data = get(&harness, &format!("Projects/{ID}")).await.json()["data"].clone();
    let address = |path: &str| harness.sandbox.url(&format!("{SPACE}/entities/{path}"));
    assert_eq!(data["account"], address(&format!("Accounts/{ACCOUNT}")));
    assert_eq!(data["primary_contact"], address(&format!("Contacts/{CONTACT}")));
    assert_eq!(data["contact_relations"], json!([address("ProjectContactRelations/0190978c-0000-4000-8000-000000000004")]));
    assert_eq!((&data["tags"], &data["documents"]), (&json!([]), &json!([])));
    let path = format!("Projects/{ID}?expand=account,owner,contact_relations.contact,primary_contact");
    let data = get(&harness, &path).await.json()["data"].clone();
    assert_eq!(data["account"]["name"], "Nordwind AG");
    assert_eq!(data["owner"]["formatted_name"], "Johanna Berg");
    assert_eq!(data["contact_relations"][0]["contact"]["formatted_name"], "Scott Spacey");
    assert_eq!(data["contact_relations"][0]["project"], address(&format!("Projects/{ID}")));
    assert_eq!(data["primary_contact"]["id"], CONTACT);
    assert!(data["unit"].is_string());
    let path = format!("Projects/{ID}?load-only=id,name,owner.email&expand=owner");
    let expected = json!({ "id": ID, "name": "North roll-out", "owner": { "email": "johanna@example.com" } });
    assert_eq!(get(&harness, &path).await.json()["data"], expected);
    for expand in ["colour", "owner.email", "contact_relations.project.contact_relations.project.owner.default_unit"] {
        assert_parameter(&get(&harness, &format!("Projects/{ID}?expand={expand}")).await);
    }
    let other = get(&harness, "Projects/0190978c-d6d1-de35-3f6d-7cf0a0e264dc?expand=tags.tag").await.json()["data"].clone();
    assert_eq!((&other["account"], &other["primary_contact"]), (&Value::Null, &Value::Null));
    assert_eq!(other["tags"][0]["tag"]["name"], "Archive");
}

#[tokio::test]
async fn a_write_that_is_refused_changes_nothing() {
    let harness = Harness::start().await;
    for (body, field) in [
        (json!({ "name": 7 }), "name"),
        (json!({ "description": null }), "description"),
        (json!({ "end_date": "2025-07-19T00:00:00Z" }), "end_date"),
        (json!({ "start_date": "2025-02-30" }), "start_date"),
        (json!({ "account_id": "0a31d4fd-1289-4326-ad1a-7dfa40c3ab99" }), "account_id"),
        (json!({ "account_id": null }), "account_id"),
        (json!({ "owner_id": ACCOUNT }), "owner_id"),
        (json!({ "share_mode": 4 }), "share_mode"),
        (json!({ "revenue_goal": { "base_value": 1, "currency_id": CURRENCY } }), "revenue_goal"),
        (json!({ "revision": "5" }), "revision"),
        (json!({ "status": 4 }), "status"),
        (json!({ "modified": "2024-07-09 12:51:48.050073+00:00" }), "modified"),
        (json!({ "account": "https://example.com" }), "account"),
        (json!({ "title": "x" }), "title"),
        (json!({ "cf_risk_score": "high" }), "cf_risk_score"),
        (json!({ "name": "New", "contact_relations": [{ "is_primary": true }] }), "contact_relations"),
        (json!({ "contact_relations": [{ "id": "0190978c-0000-4000-8000-000000000099" }] }), "contact_relations"),
        (json!({ "tags": [{ "tag_id": CONTACT }] }), "tags"),
        (json!({ "tags": {} }), "tags"),
    ] {
        assert_invalid(&patch(&harness, body).await, field);
    }
    for name in ["name", "end_date", "owner_id", "revenue_goal"] {
        let body = patch(&harness, json!({ name: null })).await.json();
        assert_eq!(body["entity_errors"][0]["message"], format!("Non-null field '{name}' is null or empty."));
        assert_eq!((&body["entity_id"], &body["entity_name"]), (&json!(ID), &json!("Project")));
    }
    let text = ("content-type", "text/plain");
    let path = format!("{SPACE}/entities/Projects/{ID}");
    for (headers, body) in [([LOGIN, JSON], "{"), ([LOGIN, JSON], "[]"), ([LOGIN, JSON], ""), ([LOGIN, text], "{}")] {
        assert_parameter(&harness.send("PATCH", &path, &headers, body).await);
    }
    let data = get(&harness, &format!("Projects/{ID}")).await.json()["data"].clone();
    assert_eq!((&data["name"], &data["revision"]), (&json!("North roll-out"), &json!(1_791)));
}

#[tokio::test]
async fn the_validation_level_may_override_what_is_read_only() {
    let harness = Harness::start().await;
    let path = format!("Projects/{ID}?validation-level=8");
    let at = "2020-01-01 00:00:00.000000+00:00";
    let reply = send(&harness, "PATCH", &path, json!({ "modified": at })).await;
    assert_eq!(reply.json()["data"]["modified"], at);
    assert_parameter(&send(&harness, "PATCH", &format!("Projects/{ID}?validation-level=x"), json!({})).await);
}

#[tokio::test]
async fn a_project_is_created_read_and_deleted() {
    let harness = Harness::start().await;
    let reply = send(&harness, "POST", "Projects", json!({ "name": " " })).await;
    assert_eq!(reply.status, 422);
    let messages: Vec<Value> = reply.json()["entity_errors"].as_array().unwrap().iter().map(|error| error["message"].clone()).collect();
    assert_eq!(messages.len(), 4);
    assert_eq!(messages[0], "Non-null field 'name' is null or empty.");
    let mut body = new_project("New");
    body["contact_relations"] = json!([{ "contact_id": CONTACT, "is_primary": true }, { "contact_id": OTHER_CONTACT }]);
    body["tags"] = json!([{ "tag_id": "0190978c-0000-4000-8000-000000000010" }]);
    let reply = send(&harness, "POST", "Projects", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let data = reply.json()["data"].clone();
    let id = data["id"].as_str().unwrap().to_owned();
    assert_eq!((id.as_str(), &data["status"]), ("0190978c-d6d1-de35-3f6d-7cf0a0e264dd", &json!(1)));
    assert_eq!(data["contact_relations"].as_array().unwrap().len(), 2);
    assert!(data["primary_contact"].as_str().unwrap().ends_with(CONTACT));
    assert_eq!(data["tags"].as_array().unwrap().len(), 1);
    let path = format!("Projects/{id}");
    assert_eq!(get(&harness, &path).await.json()["data"], data);
    let reply = send(&harness, "DELETE", &path, Value::Null).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "success": true, "data": id })));
    for method in ["GET", "DELETE", "PATCH"] {
        let reply = send(&harness, method, &path, json!({})).await;
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!(2_006)), "{method}");
    }
    assert_eq!(get(&harness, "Projects").await.json()["total"], 2);
    let all = get(&harness, "Projects?include-deleted=true").await.json();
    assert_eq!((&all["total"], &all["data"][2]["is_deleted"]), (&json!(3), &json!(true)));
}

#[tokio::test]
async fn contacts_are_related_to_a_project_with_one_primary_among_them() {
    let harness = Harness::start().await;
    let reply = send(&harness, "POST", "ProjectContactRelations", json!({ "contact_id": OTHER_CONTACT })).await;
    assert_eq!(reply.json()["entity_errors"].as_array().unwrap().len(), 2);
    let body = json!({ "contact_id": OTHER_CONTACT, "is_primary": true, "project_id": ID });
    let reply = send(&harness, "POST", "ProjectContactRelations", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let relation = format!("ProjectContactRelations/{}", reply.json()["data"]["id"].as_str().unwrap());
    let primary =
        async || get(&harness, &format!("Projects/{ID}?expand=primary_contact")).await.json()["data"]["primary_contact"]["id"].clone();
    assert_eq!(primary().await, OTHER_CONTACT);
    let first = json!({ "contact_relations": [{ "id": "0190978c-0000-4000-8000-000000000004", "is_primary": true }] });
    assert_eq!(patch(&harness, first).await.status, 200);
    assert_eq!(primary().await, CONTACT);
    let reply = send(&harness, "PATCH", &relation, json!({ "is_primary": true })).await;
    assert_eq!(reply.json()["data"]["is_primary"], true);
    assert_eq!(get(&harness, &format!("ProjectContactRelations?filter[project_id]={ID}")).await.json()["total"], 2);
    assert_eq!(send(&harness, "DELETE", &relation, Value::Null).await.status, 200);
    assert_eq!(primary().await, Value::Null);
}

/// Follows the cursors forward or back, and collects the ids.
async fn walk(harness: &Harness, query: &str, size: &str, cursor: &str, parameter: &str, more: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut place = String::new();
    loop {
        let page = get(harness, &format!("Projects?{query}&{size}=100{place}")).await.json();
        let data = page["data"].as_array().unwrap();
        let page_ids: Vec<String> = data.iter().map(|project| project["id"].as_str().unwrap().to_owned()).collect();
        ids.push(page_ids);
        if page["page_info"][more] == false {
            break;
        }
        let cursor = page["page_info"][cursor].as_str().unwrap().replace('+', "%2B").replace('=', "%3D");
        place = format!("&{parameter}={cursor}");
    }
    if parameter == "before" {
        ids.reverse();
    }
    ids.concat()
}

#[tokio::test]
async fn the_list_pages_by_cursors_over_thousands_forward_and_back() {
    let harness = Harness::start().await;
    for number in 0..2_498 {
        let reply = send(&harness, "POST", "Projects", new_project(&format!("Project {:02}", number % 50))).await;
        assert_eq!(reply.status, 201);
    }
    let forward = walk(&harness, "", "first", "end_cursor", "after", "has_next_page").await;
    assert_eq!(forward.len(), 2_500);
    assert!(forward.is_sorted_by(|one, other| one < other), "an id came twice");
    let back = walk(&harness, "", "last", "start_cursor", "before", "has_previous_page").await;
    assert_eq!(back, forward);
    let by_name = walk(&harness, "order-by=-name", "first", "end_cursor", "after", "has_next_page").await;
    assert_eq!(by_name.len(), 2_500);
    let mut sorted = by_name.clone();
    sorted.sort();
    assert_eq!(sorted, forward, "names that are the same lose no project");
    let page = get(&harness, "Projects").await.json();
    assert_eq!((page["data"].as_array().unwrap().len(), &page["total"]), (30, &json!(2_500)));
    assert_eq!(page["page_info"]["has_previous_page"], false);
    let page = get(&harness, "Projects?first=10&last=3").await.json();
    assert_eq!(page["data"][0]["id"], forward[7]);
}

#[tokio::test]
async fn a_cursor_stands_although_its_project_is_gone() {
    let harness = Harness::start().await;
    let page = get(&harness, "Projects?first=1").await.json();
    let cursor = page["page_info"]["end_cursor"].as_str().unwrap().replace('=', "%3D");
    send(&harness, "DELETE", &format!("Projects/{ID}"), Value::Null).await;
    let page = get(&harness, &format!("Projects?first=1&after={cursor}")).await.json();
    assert_eq!(page["data"][0]["id"], "0190978c-d6d1-de35-3f6d-7cf0a0e264dc");
    let page = get(&harness, &format!("Projects?first=1&after={cursor}&filter[name]=nothing")).await.json();
    assert_eq!((&page["data"], &page["page_info"]["end_cursor"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn lists_filter_and_refuse_what_they_do_not_know() {
    let harness = Harness::start().await;
    for (query, total) in [
        ("filter[name]=North%20roll-out", 1),
        ("filter[name]=north&filter-op[name]=istarts", 1),
        ("filter[status]=2&filter-op[status]=gt", 1),
        ("filter-op[account_id]=null", 1),
        ("filter[name]=x&filter-op[name]=not-eq&filter[end_date]=2025-01-01&filter-op[end_date]=lt", 1),
    ] {
        assert_eq!(get(&harness, &format!("Projects?{query}")).await.json()["total"], total, "{query}");
    }
    for query in [
        "filter[colour]=x",
        "filter[name]=x&filter-op[name]=like",
        "order-by=colour",
        "first=101",
        "first=0",
        "last=x",
        "after=x",
        "include-deleted=maybe",
        "expand=colour",
    ] {
        assert_parameter(&get(&harness, &format!("Projects?{query}")).await);
    }
}

#[tokio::test]
async fn names_are_read_by_id_and_in_lists() {
    let harness = Harness::start().await;
    for (path, member, name) in [
        (format!("Accounts/{ACCOUNT}"), "name", "Nordwind AG"),
        (format!("Clients/{CLIENT}"), "formatted_name", "Johanna Berg"),
        (format!("Contacts/{CONTACT}"), "formatted_name", "Scott Spacey"),
        ("Tags/0190978c-0000-4000-8000-000000000010".to_owned(), "name", "Priority"),
    ] {
        assert_eq!(get(&harness, &path).await.json()["data"][member], name);
    }
    for (path, total) in [("Clients", 2), ("Currencies?filter[is_base]=true", 1), ("ProjectTypes", 1), ("TagRelations", 1), ("Tags", 2)] {
        assert_eq!(get(&harness, path).await.json()["total"], total, "{path}");
    }
    assert_eq!(send(&harness, "POST", "Accounts", json!({})).await.status, 405);
}

#[tokio::test]
async fn logins_paths_and_methods_are_checked() {
    let harness = Harness::start().await;
    let path = format!("{SPACE}/entities/Projects/{ID}");
    for value in ["Bearer sandbox-pipeliner", "Basic c2FuZGJveC1waXBlbGluZXI6", "Basic eDpzYW5kYm94LXBpcGVsaW5lcg=="] {
        let reply = harness.send("GET", &path, &[("authorization", value)], "").await;
        assert_eq!((reply.status, reply.body.len()), (401, 0));
        assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"restapi\""));
    }
    assert_eq!(harness.send("GET", &path, &[READONLY], "").await.status, 200);
    let reply = harness.send("PATCH", &path, &[READONLY, JSON], "{}").await;
    assert_eq!((reply.status, &reply.json()["http_status"]), (403, &json!(403)));
    let reply = get(&harness, "Contact").await;
    assert_eq!((reply.status, &reply.json()["message"]), (404, &json!("cannot determine entity type from Contact")));
    for path in ["/pipeliner/api/v100/rest/spaces/other/entities/Projects", "/pipeliner/api/v1", "/pipeliner"] {
        let reply = harness.send("GET", path, &[LOGIN], "").await;
        assert_eq!((reply.status, &reply.json()["errorcode"]), (404, &Value::Null));
        assert_eq!(reply.json()["status"], 404);
    }
    assert_eq!(send(&harness, "PUT", &format!("Projects/{ID}"), json!({})).await.status, 405);
    assert_eq!(get(&harness, "Projects/not-a-uuid").await.status, 404);
    harness.fail(json!({ "provider": "pipeliner", "kind": "rate_limit" })).await;
    let reply = get(&harness, "Projects").await;
    assert_eq!((reply.status, &reply.json()["success"], reply.header("retry-after")), (429, &json!(false), None));
    assert!(reply.header("x-ratelimit-limit").is_none());
}

#[tokio::test]
async fn a_change_behind_the_back_moves_date_and_revision() {
    let harness = Harness::start().await;
    let change = json!({ "provider": "pipeliner", "id": ID, "change": { "status": 4, "description": null } });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert_eq!((&changed["status"], &changed["revision"]), (&json!(4), &json!(1_792)));
    assert!(changed["modified"].as_str().unwrap() > "2024-07-09 12:51:48.050073+00:00");
    let index = harness.control("GET", "", &Value::Null).await;
    let about = &index["providers"]["pipeliner"];
    assert_eq!((&about["username"], &about["password"]), (&json!("sandbox-pipeliner"), &json!("sandbox-pipeliner")));
    assert_eq!(about["base"], SPACE);
}
