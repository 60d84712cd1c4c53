#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const ID: &str = "49b403be-a32e-0901-9b1c-25214f9027c6";
const LEGACY: &str = "8a04371b-2ffb-407b-9b24-d5b5452009c7";
const USER: &str = "66abace2-62af-0836-a927-fe3f44b9b47b";
const OTHER_USER: &str = "55d3707c-14dc-4b62-a072-e3f4c1413462";
const COMPANY: &str = "f29abf48-337d-44b4-aad4-585f5277a456";
const OTHER_COMPANY: &str = "9cb3e568-3931-4b8f-8db8-5a002e8cf253";
const CONTACT: &str = "1106f231-0464-41b7-8b0b-19451af81afe";
const DEAL: &str = "8385b072-587f-4ebf-a32b-5f48baea1b1c";
const OTHER_DEAL: &str = "f6871b06-6513-4750-b5e6-ff3503b5a029";
const FIELD: &str = "bf6765de-56eb-40ec-ad14-9096c5dc5fe1";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-teamleader");
const READONLY: (&str, &str) = ("authorization", "Bearer sandbox-teamleader-readonly");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn call(harness: &Harness, name: &str, body: Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    harness.send("POST", &format!("/teamleader/{name}"), &[TOKEN, JSON], body).await
}

/// A call of the new module.
async fn v2(harness: &Harness, name: &str, body: Value) -> Reply {
    call(harness, &format!("projects-v2/projects.{name}"), body).await
}

/// The same for the first seed.
async fn v2_on(harness: &Harness, name: &str, members: Value) -> Reply {
    v2(harness, name, with_id(ID, &members)).await
}

/// A call of the legacy module for its seed.
async fn legacy_on(harness: &Harness, name: &str, members: Value) -> Reply {
    call(harness, &format!("projects.{name}"), with_id(LEGACY, &members)).await
}

fn with_id(id: &str, members: &Value) -> Value {
    let mut body = json!({ "id": id });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

async fn info(harness: &Harness) -> Value {
    v2_on(harness, "info", json!({})).await.json()["data"].clone()
}

async fn legacy_info(harness: &Harness) -> Value {
    legacy_on(harness, "info", json!({})).await.json()["data"].clone()
}

async fn legacy() -> Harness {
    let harness = Harness::start().await;
    harness.control("POST", "/switch", &json!({ "provider": "teamleader", "module": "legacy" })).await;
    harness
}

#[track_caller]
fn assert_done(reply: &Reply) {
    assert_eq!((reply.status, reply.body.len()), (204, 0), "{}", reply.text());
}

#[track_caller]
fn assert_refused(reply: &Reply, field: &str) {
    assert_eq!(reply.status, 400, "{}", reply.text());
    let error = reply.json()["errors"][0].clone();
    assert!(error["title"].is_string());
    assert_eq!(error["meta"]["field"], field, "{error}");
}

#[tokio::test]
async fn an_update_answers_nothing_and_is_read_back() {
    let harness = Harness::start().await;
    let reply = v2_on(
        &harness,
        "update",
        json!({
            "title": "A different project title", "description": null, "time_budget": { "value": 1.5, "unit": "hours" },
            "external_budget": { "amount": 1234.5, "currency": "EUR" }, "internal_budget": { "amount": 9, "currency": "GBP" },
            "start_date": null, "end_date": "2022-03-01", "purchase_order_number": null, "company_entity_id": null, "color": "#C0C0C4",
            "initial_time_tracked": { "value": 60, "unit": "minutes" }, "initial_amount_paid": { "amount": 1, "currency": "EUR" },
        }),
    )
    .await;
    assert_done(&reply);
    let project = info(&harness).await;
    assert_eq!((&project["title"], &project["description"]), (&json!("A different project title"), &Value::Null));
    assert_eq!(project["time_budget"], json!({ "value": 5_400, "unit": "seconds" }));
    assert_eq!(project["external_budget"], json!({ "amount": 1234.5, "currency": "EUR" }));
    assert_eq!((&project["start_date"], &project["end_date"]), (&Value::Null, &json!("2022-03-01")));
    assert_eq!((&project["company_entity"], &project["color"]), (&Value::Null, &json!("#C0C0C4")));
    assert_eq!((&project["time_tracked"]["value"], &project["amount_paid"]["amount"]), (&json!(3_600), &json!(1)));
    assert_eq!((&project["status"], &project["project_key"]), (&json!("open"), &json!(123)));
    assert_eq!(project["owners"], json!([{ "type": "user", "id": USER }]), "what is not given stays");
    assert!(project.get("created_at").is_none() && project.get("time_estimated").is_none() && project.get("legacy_project").is_none());
    let reply = v2_on(&harness, "info", json!({ "includes": "legacy_project" })).await;
    assert_eq!(reply.json()["data"]["legacy_project"], Value::Null);
    assert!(reply.json()["data"].as_object().unwrap().contains_key("legacy_project"));
}

#[tokio::test]
async fn the_billing_method_says_which_money_a_project_has() {
    let harness = Harness::start().await;
    let fixed = json!({ "amount": 10, "currency": "USD" });
    assert_refused(&v2_on(&harness, "update", json!({ "fixed_price": fixed })).await, "fixed_price");
    let method = json!({ "value": "fixed_price", "update_strategy": "cascade" });
    assert_done(&v2_on(&harness, "update", json!({ "billing_method": method, "fixed_price": fixed })).await);
    let project = info(&harness).await;
    assert_eq!((&project["billing_method"], &project["fixed_price"]), (&json!("fixed_price"), &fixed));
    assert_eq!(project["external_budget"], Value::Null);
    let budget = json!({ "external_budget": { "amount": 1, "currency": "EUR" } });
    assert_refused(&v2_on(&harness, "update", budget).await, "external_budget");
    for (value, strategy) in [("time_and_materials", "cascade"), ("non_billable", "none")] {
        let method = json!({ "value": value, "update_strategy": strategy });
        let reply = v2_on(&harness, "update", json!({ "billing_method": method })).await;
        assert_refused(&reply, "billing_method.update_strategy");
    }
    assert_refused(&v2_on(&harness, "update", json!({ "billing_method": "fixed_price" })).await, "billing_method");
}

#[tokio::test]
async fn an_update_that_is_refused_changes_nothing() {
    let harness = Harness::start().await;
    let reply = v2_on(&harness, "update", json!({ "title": "" })).await;
    assert_eq!((reply.status, &reply.json()["errors"][0]["title"]), (400, &json!("Title must not be empty")));
    for (members, field) in [
        (json!({ "title": null }), "title"),
        (json!({ "description": 7 }), "description"),
        (json!({ "external_budget": { "amount": -1, "currency": "EUR" } }), "external_budget.amount"),
        (json!({ "external_budget": { "amount": 100_000_000_000_u64, "currency": "EUR" } }), "external_budget.amount"),
        (json!({ "external_budget": { "amount": 1, "currency": "USD" } }), "external_budget"),
        (json!({ "external_budget": { "amount": 1 } }), "external_budget.currency"),
        (json!({ "internal_budget": { "amount": 1, "currency": "XXX" } }), "internal_budget.currency"),
        (json!({ "start_date": "2022-03-01" }), "start_date"),
        (json!({ "end_date": "2022-02-30" }), "end_date"),
        (json!({ "time_budget": { "value": 1, "unit": "days" } }), "time_budget.unit"),
        (json!({ "color": "red" }), "color"),
        (json!({ "company_entity_id": COMPANY }), "company_entity_id"),
        (json!({ "status": "closed" }), "status"),
        (json!({ "customers": [] }), "customers"),
        (json!({ "owner_ids": [] }), "owner_ids"),
        (json!({ "title": "New", "custom_fields": [{ "id": FIELD, "value": 1 }] }), "custom_fields.value"),
    ] {
        assert_refused(&v2_on(&harness, "update", members).await, field);
    }
    assert_refused(&v2(&harness, "update", json!({ "title": "x" })).await, "id");
    assert_eq!(v2(&harness, "update", json!({ "id": COMPANY, "title": "x" })).await.status, 404);
    for (body, media_type) in [("{", "application/json"), ("[]", "application/json"), ("{}", "text/plain")] {
        let reply = harness.send("POST", "/teamleader/projects-v2/projects.update", &[TOKEN, ("content-type", media_type)], body).await;
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!(info(&harness).await["title"], "My project title");
}

#[tokio::test]
async fn custom_fields_are_replaced_as_a_whole_unless_the_update_is_partial() {
    let harness = Harness::start().await;
    let (number, yes_no, select, company) = (
        "9c64570b-4ec1-4e03-9662-af904f78f7fa",
        "9c64570b-4ec1-4e03-9662-af904f78f7fb",
        "9c64570b-4ec1-4e03-9662-af904f78f7fc",
        "9c64570b-4ec1-4e03-9662-af904f78f7fd",
    );
    let fields = json!([{ "id": number, "value": 12.5 }, { "id": company, "value": { "type": "company", "id": OTHER_COMPANY } }]);
    assert_done(&v2_on(&harness, "update", json!({ "custom_fields": fields })).await);
    let held = info(&harness).await["custom_fields"].clone();
    assert_eq!(held[0], json!({ "definition": { "type": "customFieldDefinition", "id": number }, "value": 12.5 }));
    assert_eq!(held.as_array().unwrap().len(), 2);
    let more = json!([{ "id": select, "value": ["North"] }, { "id": yes_no, "value": true }]);
    let partial = json!({ "custom_fields": more, "custom_fields_update_strategy": "partial" });
    assert_done(&v2_on(&harness, "update", partial).await);
    assert_eq!(info(&harness).await["custom_fields"].as_array().unwrap().len(), 4);
    for (id, value) in [
        (number, json!("1")),
        (select, json!(["West"])),
        (company, json!({ "type": "company", "id": CONTACT })),
        (yes_no, Value::Null),
        ("9c64570b-4ec1-4e03-9662-af904f78f7fe", json!(1)),
    ] {
        let reply = v2_on(&harness, "update", json!({ "custom_fields": [{ "id": id, "value": value }] })).await;
        assert_refused(&reply, "custom_fields.value");
    }
    let reply =
        v2_on(&harness, "update", json!({ "custom_fields": [{ "id": "74855f4a-2b61-429c-81d8-c79ad3675a76", "value": "x" }] })).await;
    assert_refused(&reply, "custom_fields.id");
}

#[tokio::test]
async fn relations_are_added_and_removed_and_neither_fails_twice() {
    let harness = Harness::start().await;
    let customer = json!({ "customer": { "type": "company", "id": OTHER_COMPANY } });
    for (add, remove, body, member, count) in [
        ("addCustomer", "removeCustomer", customer, "customers", 3),
        ("addDeal", "removeDeal", json!({ "deal_id": OTHER_DEAL }), "deals", 2),
        ("addOwner", "removeOwner", json!({ "user_id": OTHER_USER }), "owners", 2),
        ("assign", "unassign", json!({ "assignee": { "type": "team", "id": "6dd0069e-45da-0ec4-911a-afb351d968cd" } }), "assignees", 2),
    ] {
        for _ in 0..2 {
            assert_done(&v2_on(&harness, add, body.clone()).await);
            assert_eq!(info(&harness).await[member].as_array().unwrap().len(), count, "{add}");
        }
        for _ in 0..2 {
            assert_done(&v2_on(&harness, remove, body.clone()).await);
            assert_eq!(info(&harness).await[member].as_array().unwrap().len(), count - 1, "{remove}");
        }
    }
    for (name, body, field) in [
        ("addCustomer", json!({ "customer": { "type": "contact", "id": COMPANY } }), "customer.id"),
        ("addCustomer", json!({ "customer": { "type": "user", "id": USER } }), "customer.type"),
        ("addCustomer", json!({}), "customer"),
        ("addDeal", json!({ "deal_id": COMPANY }), "deal_id"),
        ("addOwner", json!({ "user_id": COMPANY }), "user_id"),
        ("removeOwner", json!({ "deal_id": DEAL }), "user_id"),
        ("addOwner", json!({ "user_id": USER, "role": "x" }), "role"),
        ("assign", json!({ "assignee": { "type": "contact", "id": CONTACT } }), "assignee.type"),
    ] {
        assert_refused(&v2_on(&harness, name, body).await, field);
    }
    for (name, body) in
        [("removeDeal", json!({ "deal_id": COMPANY })), ("removeCustomer", json!({ "customer": { "type": "contact", "id": COMPANY } }))]
    {
        assert_done(&v2_on(&harness, name, body).await);
    }
    assert_eq!(v2(&harness, "addDeal", json!({ "id": COMPANY, "deal_id": DEAL })).await.status, 404);
}

#[tokio::test]
async fn a_project_is_created_closed_reopened_and_deleted() {
    let harness = Harness::start().await;
    assert_refused(&v2(&harness, "create", json!({ "description": "x" })).await, "title");
    let reply = v2(
        &harness,
        "create",
        json!({
            "title": "New", "owner_ids": [OTHER_USER, USER], "customers": [{ "type": "contact", "id": CONTACT }], "deal_ids": [DEAL],
            "assignees": [{ "type": "user", "id": USER }], "billing_method": "fixed_price",
            "fixed_price": { "amount": 5, "currency": "EUR" }, "company_entity_id": "0d0dec5a-7096-4009-be37-07eab117db07",
            "custom_fields": [{ "id": FIELD, "value": "1" }],
        }),
    )
    .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let reference = reply.json()["data"].clone();
    assert_eq!(reference["type"], "nextgenProject");
    let id = reference["id"].as_str().unwrap().to_owned();
    let project = v2(&harness, "info", json!({ "id": id })).await.json()["data"].clone();
    assert_eq!((&project["title"], &project["project_key"]), (&json!("New"), &json!(125)));
    let owners = json!([{ "type": "user", "id": USER }, { "type": "user", "id": OTHER_USER }]);
    assert_eq!(project["owners"], owners, "who creates is an owner too");
    assert_eq!(project["assignees"][0]["assign_type"], "manual");
    assert_eq!(project["company_entity"]["type"], "department");
    for (name, members, status) in [("close", json!({ "closing_strategy": "none" }), "closed"), ("reopen", json!({}), "open")] {
        assert_done(&v2(&harness, name, with_id(&id, &members)).await);
        assert_eq!(v2(&harness, "info", json!({ "id": id })).await.json()["data"]["status"], status);
    }
    assert_refused(&v2(&harness, "close", json!({ "id": id })).await, "closing_strategy");
    assert_refused(&v2(&harness, "delete", json!({ "id": id })).await, "delete_strategy");
    let delete = json!({ "id": id, "delete_strategy": "unlink_tasks_and_time_trackings" });
    assert_done(&v2(&harness, "delete", delete.clone()).await);
    let reply = v2(&harness, "delete", delete).await;
    assert_eq!((reply.status, &reply.json()["errors"][0]["title"]), (404, &json!("Not found")));
    assert_eq!(v2(&harness, "info", json!({ "id": id })).await.status, 404);
}

#[tokio::test]
async fn the_list_pages_by_number_over_thousands() {
    let harness = Harness::start().await;
    for number in 0..2_498 {
        assert_eq!(v2(&harness, "create", json!({ "title": format!("Project {number}") })).await.status, 201);
    }
    let mut keys = Vec::new();
    for number in 1.. {
        let body = json!({
            "page": { "size": 100, "number": number }, "sort": [{ "field": "project_key", "order": "asc" }],
            "includes": "custom_fields,pagination",
        });
        let page = v2(&harness, "list", body).await.json();
        assert_eq!(page["meta"], json!({ "page": { "size": 100, "number": number }, "matches": 2_500 }));
        let data = page["data"].as_array().unwrap();
        if data.is_empty() {
            break;
        }
        assert!(data.iter().all(|project| project["custom_fields"].is_array()));
        keys.extend(data.iter().map(|project| project["project_key"].as_u64().unwrap()));
    }
    assert_eq!(keys, (123..2_623).collect::<Vec<_>>());
    let page = v2(&harness, "list", Value::Null).await.json();
    assert_eq!((page["data"].as_array().unwrap().len(), &page["data"][0]["project_key"]), (20, &json!(2_622)), "the newest first");
    assert!(page.get("meta").is_none());
    let first = &page["data"][0];
    assert!(first.get("custom_fields").is_none() && first.get("update_rights").is_none() && first["time_estimated"].is_null());
    for (body, field) in [
        (json!({ "page": { "size": 101 } }), "page.size"),
        (json!({ "page": { "number": 0 } }), "page.number"),
        (json!({ "sort": [{ "field": "colour" }] }), "sort.field"),
        (json!({ "sort": [{ "field": "title", "order": "up" }] }), "sort.order"),
        (json!({ "includes": "everything" }), "includes"),
        (json!({ "filter": { "state": "open" } }), "filter.state"),
        (json!({ "limit": 5 }), "limit"),
    ] {
        assert_refused(&v2(&harness, "list", body).await, field);
    }
}

#[tokio::test]
async fn the_list_filters_and_sorts() {
    let harness = Harness::start().await;
    for (filter, keys) in [
        (json!({}), vec![124, 123]),
        (json!({ "ids": [ID] }), vec![123]),
        (json!({ "status": "open" }), vec![123]),
        (json!({ "status": "closed" }), vec![124]),
        (json!({ "status": "overdue" }), vec![123]),
        (json!({ "status": "running" }), vec![]),
        (json!({ "status": "planned" }), vec![]),
        (json!({ "status": "over_budget" }), vec![]),
        (json!({ "deal_ids": [DEAL] }), vec![123]),
        (json!({ "quotation_ids": [DEAL] }), vec![]),
        (json!({ "customers": [{ "type": "company", "id": COMPANY }] }), vec![123]),
        (json!({ "term": "pied john" }), vec![123]),
        (json!({ "term": "124" }), vec![124]),
        (json!({ "term": "office pied" }), vec![]),
    ] {
        let list = v2(&harness, "list", json!({ "filter": filter })).await.json();
        let found: Vec<u64> = list["data"].as_array().unwrap().iter().map(|project| project["project_key"].as_u64().unwrap()).collect();
        assert_eq!(found, keys, "{filter}");
    }
    for (field, order, first) in [
        ("title", "asc", 123),
        ("title", "desc", 124),
        ("external_budget", "desc", 123),
        ("customer", "desc", 123),
        ("time_tracked", "asc", 124),
        ("start_date", "asc", 124),
    ] {
        let list = v2(&harness, "list", json!({ "sort": [{ "field": field, "order": order }] })).await.json();
        assert_eq!(list["data"][0]["project_key"], first, "{field} {order}");
    }
}

#[tokio::test]
async fn names_of_what_a_project_refers_to_are_read_by_id() {
    let harness = Harness::start().await;
    for (name, id, member, expected) in [
        ("users.info", USER, "last_name", "Smith"),
        ("companies.info", COMPANY, "name", "Pied Piper"),
        ("contacts.info", CONTACT, "first_name", "Erlich"),
        ("deals.info", DEAL, "title", "Interesting deal"),
    ] {
        let reply = call(&harness, name, json!({ "id": id })).await;
        assert_eq!(reply.json()["data"][member], expected);
        assert_eq!(call(&harness, name, json!({ "id": ID })).await.status, 404);
        assert_refused(&call(&harness, name, json!({})).await, "id");
    }
    let me = call(&harness, "users.me", Value::Null).await.json()["data"].clone();
    assert_eq!((&me["id"], &me["email_verification_status"]), (&json!(USER), &json!("confirmed")));
    let definitions = call(&harness, "customFieldDefinitions.list", json!({ "filter": { "context": "project" } })).await.json();
    assert_eq!(definitions["data"].as_array().unwrap().len(), 6);
    let definitions = call(&harness, "customFieldDefinitions.list", json!({ "filter": { "ids": [FIELD] } })).await.json();
    assert_eq!(definitions["data"][0]["type"], "single_line");
}

#[tokio::test]
async fn an_account_has_one_module_and_says_which() {
    let harness = Harness::start().await;
    let module = async || call(&harness, "accounts.projects-v2-status", Value::Null).await.json()["data"]["status"].clone();
    assert_eq!(module().await, "projects-v2");
    assert_eq!(legacy_on(&harness, "info", json!({})).await.status, 403);
    let switched = harness.control("POST", "/switch", &json!({ "provider": "teamleader", "module": "legacy" })).await;
    assert_eq!(switched["switches"], json!({ "module": "legacy" }));
    assert_eq!(module().await, "legacy");
    assert_eq!(v2_on(&harness, "info", json!({})).await.status, 403);
    let state = harness.control("GET", "/state?provider=teamleader", &Value::Null).await;
    assert_eq!(state["switches"]["teamleader"]["module"], "legacy");
    assert_eq!(state["objects"]["teamleader"][0]["id"], LEGACY);
    let change = json!({ "provider": "teamleader", "id": LEGACY, "change": { "title": "Elsewhere" } });
    let changed = harness.control("POST", "/object", &change).await["object"].clone();
    assert!(changed["updated_at"].as_str().unwrap() > "2016-02-01T11:25:41+00:00");
    let reply = harness.send("POST", "/_control/switch", &[], r#"{"provider":"teamleader","module":"v3"}"#).await;
    assert_eq!(reply.status, 400);
    harness.control("POST", "/reset", &Value::Null).await;
    assert_eq!(module().await, "projects-v2");
    let change = json!({ "provider": "teamleader", "id": ID, "change": { "title": "Elsewhere" } });
    harness.control("POST", "/object", &change).await;
    assert_eq!(info(&harness).await["title"], "Elsewhere");
}

#[tokio::test]
async fn a_legacy_project_is_updated_and_read_back() {
    let harness = legacy().await;
    let reply = legacy_on(
        &harness,
        "update",
        json!({
            "title": "Website", "description": "d", "status": "on_hold", "starts_on": "2016-03-01", "purchase_order_number": null,
            "customer": { "type": "company", "id": COMPANY }, "budget": { "amount": 9, "currency": "GBP" }, "custom_fields": [],
        }),
    )
    .await;
    assert_done(&reply);
    let project = legacy_info(&harness).await;
    assert_eq!((&project["title"], &project["description"], &project["status"]), (&json!("Website"), &json!("d"), &json!("on_hold")));
    assert_eq!((&project["customer"]["type"], &project["due_on"]), (&json!("company"), &json!("2016-10-14")));
    assert_eq!(project["budget"]["provided"], json!({ "amount": 9, "currency": "GBP" }));
    assert_eq!((&project["source"]["type"], &project["custom_fields"]), (&json!("deal"), &json!([])));
    assert!(project.get("created_at").is_none() && project.get("updated_at").is_none());
    assert_done(&legacy_on(&harness, "update", json!({ "customer": null })).await);
    assert_eq!(legacy_info(&harness).await["customer"], Value::Null);
    let reply = harness.send("POST", "/teamleader/projects.info", &[READONLY, JSON], json!({ "id": LEGACY }).to_string()).await;
    assert!(reply.json()["data"].get("budget").is_none(), "only administrators of a project see its budget");
    for (members, field) in [
        (json!({ "title": "" }), "title"),
        (json!({ "description": null }), "description"),
        (json!({ "status": "open" }), "status"),
        (json!({ "budget": null }), "budget"),
        (json!({ "customer": { "type": "company", "id": CONTACT } }), "customer.id"),
        (json!({ "due_on": "2016-10-14" }), "due_on"),
    ] {
        assert_refused(&legacy_on(&harness, "update", members).await, field);
    }
}

#[tokio::test]
async fn participants_of_a_legacy_project_have_roles_and_one_decides() {
    let harness = legacy().await;
    let participant = |id: &str, role: &str| json!({ "participant": { "type": "user", "id": id }, "role": role });
    assert_refused(&legacy_on(&harness, "updateParticipant", participant(OTHER_USER, "member")).await, "participants");
    assert_done(&legacy_on(&harness, "addParticipant", participant(USER, "decision_maker")).await);
    assert_refused(&legacy_on(&harness, "addParticipant", participant(USER, "member")).await, "participant");
    assert_done(&legacy_on(&harness, "updateParticipant", participant(OTHER_USER, "member")).await);
    let held = legacy_info(&harness).await["participants"].clone();
    assert_eq!(held, json!([participant(OTHER_USER, "member"), participant(USER, "decision_maker")]));
    assert_refused(&legacy_on(&harness, "updateParticipant", json!({ "role": "member" })).await, "participant");
    assert_refused(&legacy_on(&harness, "addParticipant", participant(COMPANY, "member")).await, "participant.id");
}

fn new_legacy_project(title: &str, due_on: &str) -> Value {
    json!({
        "title": title, "starts_on": "2016-02-04",
        "milestones": [
            { "name": "Initial setup", "due_on": "2016-03-01", "responsible_user_id": USER },
            { "name": "Hand-over", "starts_on": null, "due_on": due_on, "responsible_user_id": USER },
        ],
        "participants": [{ "participant": { "type": "user", "id": USER }, "role": "decision_maker" }],
    })
}

#[tokio::test]
async fn a_legacy_project_is_created_closed_reopened_and_deleted() {
    let harness = legacy().await;
    let whole = new_legacy_project("New", "2016-05-01");
    for name in ["title", "starts_on", "milestones", "participants"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(name);
        assert_refused(&call(&harness, "projects.create", body).await, name);
    }
    let mut members_only = whole.clone();
    members_only["participants"][0]["role"] = "member".into();
    assert_refused(&call(&harness, "projects.create", members_only).await, "participants");
    let reply = call(&harness, "projects.create", whole).await;
    assert_eq!((reply.status, &reply.json()["data"]["type"]), (201, &json!("project")), "{}", reply.text());
    let id = reply.json()["data"]["id"].clone();
    let info = async || call(&harness, "projects.info", json!({ "id": id })).await.json()["data"].clone();
    let project = info().await;
    assert_eq!((&project["reference"], &project["status"], &project["due_on"]), (&json!("PRO-2"), &json!("active"), &json!("2016-05-01")));
    assert_eq!(project["milestones"].as_array().unwrap().len(), 2);
    for (name, status) in [("close", "done"), ("reopen", "active")] {
        assert_done(&call(&harness, &format!("projects.{name}"), json!({ "id": id })).await);
        assert_eq!(info().await["status"], status);
    }
    assert_done(&call(&harness, "projects.delete", json!({ "id": id })).await);
    assert_eq!(call(&harness, "projects.info", json!({ "id": id })).await.status, 404);
}

#[tokio::test]
async fn the_legacy_list_pages_over_thousands_sorts_and_filters() {
    let harness = legacy().await;
    for number in 0..2_499 {
        let body = new_legacy_project(&format!("Project {number}"), "2016-05-01");
        assert_eq!(call(&harness, "projects.create", body).await.status, 201);
    }
    let mut references = Vec::new();
    for number in 1.. {
        let body = json!({ "page": { "size": 100, "number": number }, "sort": [{ "field": "created_at", "order": "asc" }] });
        let page = call(&harness, "projects.list", body).await.json();
        assert!(page.get("meta").is_none());
        let data = page["data"].as_array().unwrap();
        if data.is_empty() {
            break;
        }
        references.extend(data.iter().map(|project| project["reference"].as_str().unwrap().to_owned()));
    }
    let expected: Vec<String> = (1..=2_500).map(|number| format!("PRO-{number}")).collect();
    assert_eq!(references, expected);
    let page = call(&harness, "projects.list", Value::Null).await.json();
    let first = &page["data"][0];
    assert_eq!((page["data"].as_array().unwrap().len(), &first["due_on"]), (20, &json!("2016-05-01")), "the earliest due first");
    assert!(first["created_at"].is_string() && first.get("milestones").is_none() && first.get("participants").is_none());
    for (filter, count) in [
        (json!({ "customer": { "type": "contact", "id": CONTACT } }), 1),
        (json!({ "status": "done" }), 0),
        (json!({ "participant_id": OTHER_USER }), 1),
        (json!({ "term": "COMPANY web" }), 1),
        (json!({ "updated_since": "2015-06-04T16:44:33+00:00", "participant_id": OTHER_USER }), 1),
        (json!({ "updated_since": "2020-06-04T16:44:33+00:00", "participant_id": OTHER_USER }), 0),
    ] {
        let list = call(&harness, "projects.list", json!({ "filter": filter })).await.json();
        assert_eq!(list["data"].as_array().unwrap().len(), count, "{filter}");
    }
    assert_refused(&call(&harness, "projects.list", json!({ "filter": { "updated_since": "May" } })).await, "filter.updated_since");
}

#[tokio::test]
async fn tokens_paths_methods_and_the_quota() {
    let harness = Harness::start().await;
    let path = "/teamleader/projects-v2/projects.update";
    let body = json!({ "id": ID, "title": "x" }).to_string();
    for headers in [&[JSON][..], &[("authorization", "Bearer sandbox-wrike"), JSON]] {
        let reply = harness.send("POST", path, headers, body.clone()).await;
        assert_eq!((reply.status, &reply.json()["errors"][0]["title"]), (401, &json!("Unauthorized")));
    }
    assert_eq!(harness.send("POST", path, &[READONLY, JSON], body).await.status, 403);
    let read = json!({ "id": ID }).to_string();
    let reply = harness.send("POST", "/teamleader/projects-v2/projects.info", &[READONLY, JSON], read).await;
    assert_eq!((reply.status, reply.header("x-api-version")), (200, Some("2023-09-26")));
    assert_eq!(harness.send("GET", path, &[TOKEN], "").await.status, 405);
    for name in ["projects-v2/projects.archive", "projects-v3/projects.info", "users.add"] {
        assert_eq!(call(&harness, name, json!({})).await.status, 404, "{name}");
    }
    let reply = harness.send("POST", "/teamleader/users.me", &[TOKEN, ("x-api-version", "2022-01-01")], "").await;
    assert_eq!((reply.status, reply.header("x-api-version")), (200, Some("2022-01-01")));
    assert_eq!(reply.header("x-ratelimit-limit"), Some("200"));
    let reset = reply.header("x-ratelimit-reset").unwrap();
    assert!(reset.len() == "2021-06-15T10:51:23.035+0100".len() && reset.ends_with("+0000"), "{reset}");
    harness.fail(json!({ "provider": "teamleader", "kind": "rate_limit" })).await;
    let reply = call(&harness, "users.me", Value::Null).await;
    assert_eq!((reply.status, &reply.json()["errors"][0]["title"]), (429, &json!("Too many requests")));
    assert_eq!((reply.header("x-ratelimit-remaining"), reply.header("retry-after")), (Some("0"), None));
}
