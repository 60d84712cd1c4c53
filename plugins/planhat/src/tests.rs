use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Answer, Class, Error, Exchange, Operation, Rejection, Request, Step};
use serde_json::{Value, json};

use super::Planhat;
use super::collection::Collection;
use super::request::READ_BACK;

const ID: &str = "609a88660b73992504816060";
const COMPANY: &str = "609975100b73992504810554";
const PROJECTS: Resource = Resource::new("crm", "projects");
const WORKSPACES: Resource = Resource::new("ticketing", "workspaces");

fn planhat() -> Tester<Planhat> {
    Tester::new(&[("amount_field", "nrr")])
}

fn sent(request: &Request) -> Exchange {
    planhat().map(request).unwrap()
}

fn answered(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    planhat().answer(request, status, body)
}

fn rejected(operation: Operation, status: u16, body: &str) -> Rejection {
    testing::rejection(answered(&PROJECTS.request(operation, Some(ID), &[], &json!({})), status, body))
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Planhat>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_operation_is_one_call() {
    let project = json!({"name": "SAP Integration", "account": {"id": COMPANY, "name": "Tenet"}, "amount": 1200.50, "currency": "USD",
        "custom_fields": {"Notes": "kick-off done", "Product": ["Product A"]}});
    let workspace = json!({"name": "EMEA workspace", "account_id": "extid-acme", "custom_fields": {"Tier": "Gold"}});
    for (name, resource, fields) in [("projects", PROJECTS, project), ("workspaces", WORKSPACES, workspace)] {
        for operation in [Operation::Update, Operation::Create] {
            let request = resource.request(operation, Some(ID), &[], &fields);
            insta::assert_debug_snapshot!(format!("{name}_{operation:?}"), sent(&request));
        }
        for operation in [Operation::Get, Operation::Delete, Operation::List] {
            let request = resource.request(operation, Some(ID), &[], &json!({}));
            insta::assert_debug_snapshot!(format!("{name}_{operation:?}"), sent(&request));
        }
    }
}

#[test]
fn only_what_was_given_is_sent() {
    insta::assert_debug_snapshot!(sent(&PROJECTS.update("extid-a/b c?", &json!({"currency": "EUR"}))));
    insta::assert_debug_snapshot!(sent(&WORKSPACES.update("srcid-7", &json!({}))));
}

#[test]
fn the_amount_is_the_member_that_the_account_names() {
    for (member, read) in [("nrr", 1), ("mrr", 2), ("arr", 3)] {
        let planhat = Tester::<Planhat>::new(&[("amount_field", member)]);
        let exchange = planhat.map(&PROJECTS.update(ID, &json!({"amount": 1200}))).unwrap();
        assert!(format!("{exchange:?}").contains(&format!(r#"{{"{member}": Number(1200)}}"#)), "{exchange:?}");
        let item = testing::item(planhat.answer(&PROJECTS.get(ID), 200, r#"{"_id":"1","nrr":1,"mrr":2,"arr":3}"#));
        assert_eq!(item.body["amount"], json!(read));
    }
}

#[test]
fn an_empty_id_never_reaches_the_bulk_call() {
    for id in [None, Some(""), Some(" ")] {
        for operation in [Operation::Update, Operation::Get, Operation::Delete] {
            let request = PROJECTS.request(operation, id, &[], &json!({"name": "x"}));
            assert_eq!(testing::at_fault(planhat().map(&request)), ["/id"]);
        }
    }
}

#[test]
fn what_is_nothing_of_planhats_is_refused() {
    for request in [PROJECTS.upsert(&[], &json!({})), Resource::new("ticketing", "tickets").get(ID)] {
        assert!(matches!(planhat().map(&request), Err(Error::Unsupported(_))));
    }
}

#[test]
fn a_document_is_a_project_or_a_workspace() {
    let project = r#"{"_id":"609a88660b73992504816060","companyId":"609975100b73992504810554","companyName":"Tenet","name":"SAP Integration",
        "__v":0,"startDate":"2021-05-12T03:00:00.000Z","mrr":1000,"nrr":250.10,"currency":"USD",
        "custom":{"Notes":"","Product":["Product A"],"Days in Phase":0},
        "createdAt":"2021-05-11T13:36:38.123Z","updatedAt":"2021-05-12T09:00:00.000Z"}"#;
    insta::assert_debug_snapshot!(answered(&PROJECTS.update(ID, &json!({})), 200, project));
    let workspace = r#"{"_id":"609a88660b73992504816060","companyId":"609975100b73992504810554","companyName":"Tenet",
        "name":"EMEA workspace","externalId":"ws-1","custom":{"Tier":"Gold"},"__v":0}"#;
    insta::assert_debug_snapshot!(answered(&WORKSPACES.get("extid-ws-1"), 200, workspace));
}

#[test]
fn members_of_any_type_are_read_as_far_as_they_can_be() {
    let body = r#"{"_id":7,"companyId":8,"name":9,"nrr":"12.30","currency":null,"custom":"none","createdAt":"yesterday","updatedAt":3}"#;
    insta::assert_debug_snapshot!(answered(&PROJECTS.get("7"), 200, body));
    let body = r#"{"_id":"7","companyId":{},"companyName":"Tenet","name":[],"nrr":"much","custom":[1]}"#;
    for resource in [PROJECTS, WORKSPACES] {
        insta::assert_debug_snapshot!(answered(&resource.get("7"), 200, body));
    }
}

#[test]
fn a_page_says_where_its_neighbours_are() {
    let body = json!([{"_id": "1", "name": "a"}, {"_id": "2", "name": "b"}]).to_string();
    insta::assert_debug_snapshot!(answered(&PROJECTS.list(&[("limit", "2")]), 200, &body));
    insta::assert_debug_snapshot!(answered(&WORKSPACES.list(&[("next_cursor", "2:2"), ("limit", "9")]), 200, &body));
    insta::assert_debug_snapshot!(answered(&PROJECTS.list(&[("next_cursor", "4:3")]), 200, &body));
    insta::assert_debug_snapshot!(answered(&PROJECTS.list(&[]), 200, "[]"));
}

#[test]
fn a_list_pages_to_its_end_without_loss_or_repeat() {
    let all: Vec<Value> = (0..2500).map(|n| json!({"_id": n.to_string()})).collect();
    for (limit, pages) in [("100", 26), ("7", 358), ("2500", 2), ("9999", 1)] {
        let walked = testing::walk(|cursor| {
            let request = PROJECTS.list(&[("limit", limit), ("next_cursor", cursor.unwrap_or_default())]);
            let page = Collection::Projects.page(&request).unwrap();
            let (from, size) = (usize::try_from(page.place()).unwrap(), usize::try_from(page.size()).unwrap());
            let part: Vec<Value> = all.iter().skip(from).take(size).cloned().collect();
            answered(&request, 200, &Value::from(part).to_string())
        });
        assert_eq!((walked.len(), walked.concat()), (pages, (0..2500).map(|n| n.to_string()).collect()), "{limit}");
    }
}

#[test]
fn a_limit_is_clamped_and_a_strange_cursor_refused() {
    for (resource, limit, size) in
        [(PROJECTS, "1", 1), (PROJECTS, "6000", 5000), (WORKSPACES, "6000", 2000), (PROJECTS, "99999999999999999999", 5000)]
    {
        let request = resource.list(&[("limit", limit), ("next_cursor", "")]);
        let page = Collection::of(&request).unwrap().page(&request).unwrap();
        assert_eq!((page.place(), page.size()), (0, size));
    }
    for cursor in ["x", "1", "1:", ":1", "1:0", "-1:5", "1:5001", "1:2:3"] {
        let why = "is not one that a list of Planhat's has answered";
        assert_eq!(planhat().map(&PROJECTS.list(&[("next_cursor", cursor)])), Err(Error::field("?next_cursor", why)), "{cursor}");
    }
}

#[test]
fn a_deletion_is_believed_unless_it_counts_nothing() {
    let request = WORKSPACES.delete(ID);
    for body in [r#"{"n":1,"ok":1,"deletedCount":1}"#, "", "OK", "{}", "null", r#"{"deletedCount":null}"#] {
        assert_eq!(answered(&request, 200, body), Ok(Answer::Deleted(None).into()), "{body}");
    }
    for body in [r#"{"n":0,"ok":1,"deletedCount":0}"#, r#"{"deletedCount":"0"}"#] {
        assert_eq!(testing::rejection(answered(&request, 200, body)).class, Class::NotFound, "{body}");
    }
}

#[test]
fn an_error_is_an_object_a_text_or_nothing() {
    for (status, class) in ERRORS {
        let rejection = rejected(Operation::Update, status, r#"{"message":"the words"}"#);
        assert_eq!((rejection.class, rejection.message.as_str()), (class, "the words"), "{status}");
    }
    for (body, words) in [
        ("Unauthorized", "Unauthorized"),
        (r#""companyId is required""#, "companyId is required"),
        (r#"{"error":"no"}"#, "no"),
        (r#"{"message":"","error":{"message":"inner"}}"#, "inner"),
        (r#"{"status":"error"}"#, r#"{"status":"error"}"#),
        (r#"{"errors":["a"]}"#, r#"["a"]"#),
        ("", ""),
        ("null", ""),
        ("<html>Bad gateway</html>", ""),
    ] {
        for operation in [Operation::Update, Operation::Delete, Operation::List] {
            assert_eq!(rejected(operation, 400, body).message, words, "{body}");
        }
    }
    assert_eq!(rejected(Operation::Get, 500, &"é".repeat(900)).message, "é".repeat(500));
}

#[test]
fn an_update_that_is_answered_by_a_text_is_read_back() {
    let project = PROJECTS.update("extid-p 7", &json!({"amount": 7, "custom_fields": {"Tier": "Gold"}}));
    let workspace = WORKSPACES.update(ID, &json!({"name": "EMEA", "custom_fields": {"Tier": "Gold"}}));
    for body in ["", " \n", "OK", r#""Updated""#] {
        insta::allow_duplicates! {
            insta::assert_debug_snapshot!("project_read_back", answered(&project, 200, body));
            insta::assert_debug_snapshot!("workspace_read_back", answered(&workspace, 200, body));
        }
    }
    let object = testing::response(200, r#"{"_id":"609a88660b73992504816060","nrr":7}"#);
    let item = testing::item(planhat().answer_to(&project, READ_BACK, &object));
    assert_eq!((&item.body["id"], item.native), (&json!(ID), Some((1, String::new()))));
}

#[test]
fn what_is_no_answer_of_planhats_is_unreadable() {
    let update = PROJECTS.update(ID, &json!({}));
    for body in ["<html>", "{}", "null", "[]", "7", r#""do"#, r#"{"_id":"#, r#"{"_id":null}"#, r#"{"_id":{}}"#, r#"{"ok":1}"#] {
        assert!(matches!(answered(&update, 200, body), Err(Error::Unreadable(_))), "{body}");
    }
    for body in ["", "OK", r#""done""#] {
        for request in [PROJECTS.get(ID), PROJECTS.create(&json!({"name": "x"}))] {
            assert!(matches!(answered(&request, 200, body), Err(Error::Unreadable(_))), "{body}");
        }
        let again = planhat().answer_to(&update, READ_BACK, &testing::response(200, body));
        assert!(matches!(again, Err(Error::Unreadable(_))), "{body}");
    }
    for body in ["<html>", "{}", "", r#"[{"_id":"1"},7]"#, r#"{"data":[]}"#] {
        assert!(matches!(answered(&PROJECTS.list(&[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
}
