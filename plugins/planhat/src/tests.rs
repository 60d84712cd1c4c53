use std::path::Path;

use patchboard_sdk::{Account, Answer, Class, Error, Exchange, Operation, Plugin, Rejection, Request, Response, Step};
use serde_json::{Value, json};

use super::Planhat;
use super::collection::Collection;

const ID: &str = "609a88660b73992504816060";
const COMPANY: &str = "609975100b73992504810554";

fn request(operation: Operation, resource: &str, id: Option<&str>, fields: &Value) -> Request {
    Request {
        model: if resource == "projects" { "crm" } else { "ticketing" }.to_owned(),
        resource: resource.to_owned(),
        operation,
        id: id.map(str::to_owned),
        params: vec![],
        fields: fields.as_object().unwrap().clone(),
    }
}

fn list(resource: &str, params: &[(&str, &str)]) -> Request {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { params, ..request(Operation::List, resource, None, &json!({})) }
}

fn account(amount_field: &str) -> Account {
    Account { settings: vec![("amount_field".to_owned(), amount_field.to_owned())] }
}

fn sent(operation: Operation, resource: &str, id: Option<&str>, fields: &Value) -> Exchange {
    Planhat::map_request(&account("nrr"), &request(operation, resource, id, fields)).unwrap()
}

fn answered(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    let response = Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    Planhat::map_response(&account("nrr"), request, &[], &response)
}

fn rejected(operation: Operation, status: u16, body: &str) -> Rejection {
    let request = request(operation, "projects", Some(ID), &json!({}));
    let Err(Error::Rejected(rejection)) = answered(&request, status, body) else { panic!("{status} {body}") };
    rejection
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    let manifest: Value = serde_json::from_str(Planhat::MANIFEST).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().unwrap().to_str().unwrap();
    assert_eq!((&manifest["name"], &manifest["version"]), (&json!(folder), &json!(env!("CARGO_PKG_VERSION"))));
}

#[test]
fn every_operation_is_one_call() {
    let project = json!({"name": "SAP Integration", "account": {"id": COMPANY, "name": "Tenet"}, "amount": 1200.50, "currency": "USD",
        "custom_fields": {"Notes": "kick-off done", "Product": ["Product A"]}});
    let workspace = json!({"name": "EMEA workspace", "account_id": "extid-acme", "custom_fields": {"Tier": "Gold"}});
    for (resource, fields) in [("projects", project), ("workspaces", workspace)] {
        for operation in [Operation::Update, Operation::Create] {
            insta::assert_debug_snapshot!(format!("{resource}_{operation:?}"), sent(operation, resource, Some(ID), &fields));
        }
        for operation in [Operation::Get, Operation::Delete, Operation::List] {
            insta::assert_debug_snapshot!(format!("{resource}_{operation:?}"), sent(operation, resource, Some(ID), &json!({})));
        }
    }
}

#[test]
fn only_what_was_given_is_sent() {
    insta::assert_debug_snapshot!(sent(Operation::Update, "projects", Some("extid-a/b c?"), &json!({"currency": "EUR"})));
    insta::assert_debug_snapshot!(sent(Operation::Update, "workspaces", Some("srcid-7"), &json!({})));
}

#[test]
fn the_amount_is_the_member_that_the_account_names() {
    let fields = json!({"amount": 1200});
    for member in ["nrr", "mrr", "arr"] {
        let exchange = Planhat::map_request(&account(member), &request(Operation::Update, "projects", Some(ID), &fields)).unwrap();
        assert!(format!("{exchange:?}").contains(&format!(r#"{{"{member}": Number(1200)}}"#)), "{exchange:?}");
        let body = br#"{"_id":"1","nrr":1,"mrr":2,"arr":3}"#.to_vec();
        let response = Response { status: 200, headers: vec![], body };
        let step = Planhat::map_response(&account(member), &request(Operation::Get, "projects", Some(ID), &json!({})), &[], &response);
        let Ok(Step::Finish(Answer::Item(item), _)) = step else { panic!() };
        assert_eq!(item.body["amount"], json!(["nrr", "mrr", "arr"].iter().position(|m| *m == member).unwrap() + 1));
    }
}

#[test]
fn an_empty_id_never_reaches_the_bulk_call() {
    for id in [None, Some(""), Some(" ")] {
        for operation in [Operation::Update, Operation::Get, Operation::Delete] {
            let error = Planhat::map_request(&account("nrr"), &request(operation, "projects", id, &json!({"name": "x"}))).unwrap_err();
            let Error::Invalid(fields) = error else { panic!() };
            assert_eq!(fields[0].path, "/id");
        }
    }
}

#[test]
fn what_is_nothing_of_planhats_is_refused() {
    let upsert = request(Operation::Upsert, "projects", None, &json!({}));
    let strange = request(Operation::Get, "tickets", Some(ID), &json!({}));
    for request in [upsert, strange] {
        assert!(matches!(Planhat::map_request(&account("nrr"), &request), Err(Error::Unsupported(_))));
    }
}

#[test]
fn a_document_is_a_project_or_a_workspace() {
    let project = r#"{"_id":"609a88660b73992504816060","companyId":"609975100b73992504810554","companyName":"Tenet","name":"SAP Integration",
        "__v":0,"startDate":"2021-05-12T03:00:00.000Z","mrr":1000,"nrr":250.10,"currency":"USD",
        "custom":{"Notes":"","Product":["Product A"],"Days in Phase":0},
        "createdAt":"2021-05-11T13:36:38.123Z","updatedAt":"2021-05-12T09:00:00.000Z"}"#;
    insta::assert_debug_snapshot!(answered(&request(Operation::Update, "projects", Some(ID), &json!({})), 200, project));
    let workspace = r#"{"_id":"609a88660b73992504816060","companyId":"609975100b73992504810554","companyName":"Tenet",
        "name":"EMEA workspace","externalId":"ws-1","custom":{"Tier":"Gold"},"__v":0}"#;
    insta::assert_debug_snapshot!(answered(&request(Operation::Get, "workspaces", Some("extid-ws-1"), &json!({})), 200, workspace));
}

#[test]
fn members_of_any_type_are_read_as_far_as_they_can_be() {
    let body = r#"{"_id":7,"companyId":8,"name":9,"nrr":"12.30","currency":null,"custom":"none","createdAt":"yesterday","updatedAt":3}"#;
    insta::assert_debug_snapshot!(answered(&request(Operation::Get, "projects", Some("7"), &json!({})), 200, body));
    let body = r#"{"_id":"7","companyId":{},"companyName":"Tenet","name":[],"nrr":"much","custom":[1]}"#;
    for resource in ["projects", "workspaces"] {
        insta::assert_debug_snapshot!(answered(&request(Operation::Get, resource, Some("7"), &json!({})), 200, body));
    }
}

#[test]
fn a_page_says_where_its_neighbours_are() {
    let body = json!([{"_id": "1", "name": "a"}, {"_id": "2", "name": "b"}]).to_string();
    insta::assert_debug_snapshot!(answered(&list("projects", &[("limit", "2")]), 200, &body));
    insta::assert_debug_snapshot!(answered(&list("workspaces", &[("next_cursor", "2:2"), ("limit", "9")]), 200, &body));
    insta::assert_debug_snapshot!(answered(&list("projects", &[("next_cursor", "4:3")]), 200, &body));
    insta::assert_debug_snapshot!(answered(&list("projects", &[]), 200, "[]"));
}

#[test]
fn a_list_pages_to_its_end_without_loss_or_repeat() {
    let all: Vec<Value> = (0..2500).map(|n| json!({"_id": n.to_string()})).collect();
    for (limit, pages) in [("100", 26), ("7", 358), ("2500", 2), ("9999", 1)] {
        let mut request = list("projects", &[("limit", limit)]);
        let (mut seen, mut asked) = (Vec::new(), 0);
        loop {
            let page = Collection::Projects.page(&request).unwrap();
            let (from, size) = (usize::try_from(page.place()).unwrap(), usize::try_from(page.size()).unwrap());
            let part: Vec<Value> = all.iter().skip(from).take(size).cloned().collect();
            let step = answered(&request, 200, &Value::from(part).to_string());
            let Ok(Step::Finish(Answer::Page { items, next_cursor, .. }, _)) = step else { panic!() };
            seen.extend(items.into_iter().map(|item| item.body["id"].as_str().unwrap().parse::<usize>().unwrap()));
            asked += 1;
            let Some(cursor) = next_cursor else { break };
            request = list("projects", &[("limit", "1"), ("next_cursor", &cursor)]);
        }
        assert_eq!((seen, asked), ((0..2500).collect(), pages), "{limit}");
    }
}

#[test]
fn a_limit_is_clamped_and_a_strange_cursor_refused() {
    for (resource, limit, size) in
        [("projects", "1", 1), ("projects", "6000", 5000), ("workspaces", "6000", 2000), ("projects", "99999999999999999999", 5000)]
    {
        let request = list(resource, &[("limit", limit), ("next_cursor", "")]);
        let page = Collection::of(&request).unwrap().page(&request).unwrap();
        assert_eq!((page.place(), page.size()), (0, size));
    }
    for cursor in ["x", "1", "1:", ":1", "1:0", "-1:5", "1:5001", "1:2:3"] {
        let error = Planhat::map_request(&account("nrr"), &list("projects", &[("next_cursor", cursor)])).unwrap_err();
        let Error::Invalid(fields) = error else { panic!("{cursor}") };
        assert_eq!(fields[0].path, "?next_cursor");
    }
}

#[test]
fn a_deletion_is_believed_unless_it_counts_nothing() {
    let request = request(Operation::Delete, "workspaces", Some(ID), &json!({}));
    for body in [r#"{"n":1,"ok":1,"deletedCount":1}"#, "", "OK", "{}", "null", r#"{"deletedCount":null}"#] {
        assert_eq!(answered(&request, 200, body), Ok(Step::Finish(Answer::Deleted(None), vec![])), "{body}");
    }
    for body in [r#"{"n":0,"ok":1,"deletedCount":0}"#, r#"{"deletedCount":"0"}"#] {
        let Err(Error::Rejected(rejection)) = answered(&request, 200, body) else { panic!("{body}") };
        assert_eq!(rejection.class, Class::NotFound);
    }
}

#[test]
fn an_error_is_an_object_a_text_or_nothing() {
    for (status, class) in [
        (400, Class::Invalid),
        (401, Class::Unauthorized),
        (403, Class::Forbidden),
        (404, Class::NotFound),
        (429, Class::RateLimited),
        (500, Class::Other),
        (504, Class::Unavailable),
    ] {
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
fn what_is_no_answer_of_planhats_is_unreadable() {
    let update = request(Operation::Update, "projects", Some(ID), &json!({}));
    for body in ["<html>", "{}", "", "null", "[]", r#""done""#, r#"{"_id":null}"#, r#"{"_id":{}}"#, r#"{"ok":1}"#] {
        assert!(matches!(answered(&update, 200, body), Err(Error::Unreadable(_))), "{body}");
    }
    for body in ["<html>", "{}", "", r#"[{"_id":"1"},7]"#, r#"{"data":[]}"#] {
        assert!(matches!(answered(&list("projects", &[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
}
