use std::path::Path;

use patchboard_sdk::{Account, Answer, Class, Error, Exchange, Operation, Plugin, Request, Response, Step};
use serde_json::{Value, json};

use super::Wrike;

fn request(operation: Operation, id: Option<&str>, params: &[(&str, &str)], fields: &Value) -> Request {
    Request {
        model: "ticketing".to_owned(),
        resource: "workspaces".to_owned(),
        operation,
        id: id.map(str::to_owned),
        params: params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        fields: fields.as_object().unwrap().clone(),
    }
}

fn map(request: &Request) -> Result<Exchange, Error> {
    Wrike::map_request(&Account::default(), request)
}

fn answer(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    let response = Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    Wrike::map_response(&Account::default(), request, &[], &response)
}

fn sent(id: &str, fields: &Value) -> Exchange {
    map(&request(Operation::Update, Some(id), &[], fields)).unwrap()
}

fn answered(status: u16, body: &str) -> Result<Step, Error> {
    answer(&request(Operation::Update, Some("S"), &[], &json!({})), status, body)
}

fn list(params: &[(&str, &str)]) -> Request {
    request(Operation::List, None, params, &json!({}))
}

fn delete() -> Request {
    request(Operation::Delete, Some("a/b c"), &[], &json!({}))
}

/// A page's items and cursors.
fn page(params: &[(&str, &str)], spaces: usize) -> (Vec<String>, Option<String>, Option<String>) {
    let spaces: Vec<Value> = (0..spaces).map(|nth| json!({"id": format!("S{nth}")})).collect();
    let step = answer(&list(params), 200, &json!({"kind": "spaces", "data": spaces}).to_string()).unwrap();
    let Step::Finish(Answer::Page { items, next_cursor, prev_cursor }, _) = step else { panic!("{step:?}") };
    for item in &items {
        let (_, pointer) = item.native.as_ref().unwrap();
        assert_eq!(*pointer, item.body["id"].as_str().unwrap().replace('S', "/data/"));
    }
    (items.iter().map(|item| item.body["id"].as_str().unwrap().to_owned()).collect(), next_cursor, prev_cursor)
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    let manifest: Value = serde_json::from_str(Wrike::MANIFEST).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().unwrap().to_str().unwrap();
    assert_eq!((&manifest["name"], &manifest["version"]), (&json!(folder), &json!(env!("CARGO_PKG_VERSION"))));
}

#[test]
fn an_update_is_a_form_put() {
    insta::assert_debug_snapshot!(sent("MQAAAAEQ_HoD", &json!({"name": "Marketing", "description": "Campaign space"})));
}

#[test]
fn what_was_not_given_is_not_sent() {
    insta::assert_debug_snapshot!(sent("a/b c", &json!({"description": "x"})));
    insta::assert_debug_snapshot!(sent("S", &json!({})));
}

#[test]
fn a_space_is_a_workspace() {
    let body = r#"{"kind":"spaces","data":[{"id":"MQAAAAEQ_HoD","title":"Marketing","avatarUrl":"https://www.wrike.com/static/x.png",
        "accessType":"Public","archived":false,"description":"Campaign space","guestRoleId":"IEAG5DAKND777777"}]}"#;
    insta::assert_debug_snapshot!(answered(200, body));
    insta::assert_debug_snapshot!(answered(200, r#"{"kind":"spaces","data":[{"id":"S","title":"T","archived":true}]}"#));
}

#[test]
fn wrikes_errors_keep_their_code_and_words() {
    for (status, code, class) in [
        (400, "invalid_parameter", Class::Invalid),
        (401, "not_authorized", Class::Unauthorized),
        (403, "access_forbidden", Class::Forbidden),
        (404, "resource_not_found", Class::NotFound),
        (429, "too_many_requests", Class::RateLimited),
        (500, "server_error", Class::Other),
    ] {
        let body = json!({"errorDescription": "the words", "error": code}).to_string();
        let Err(Error::Rejected(rejection)) = answered(status, &body) else { panic!("{status}") };
        assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), (class, Some(code), "the words"));
    }
}

#[test]
fn what_is_no_answer_of_wrikes_is_unreadable() {
    for (status, body) in [(200, "<html>"), (200, "{}"), (200, r#"{"kind":"spaces","data":[]}"#), (500, "<html>"), (200, "")] {
        assert!(matches!(answered(status, body), Err(Error::Unreadable(_))), "{body}");
    }
    assert!(matches!(answered(200, r#"{"data":[null]}"#), Err(Error::Unreadable(_))));
    for body in ["<html>", "{}", r#"{"data":{}}"#, ""] {
        assert!(matches!(answer(&list(&[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
    assert!(matches!(answer(&delete(), 200, "<html>"), Err(Error::Unreadable(_))));
}

#[test]
fn a_get_a_delete_and_a_list_have_no_body() {
    insta::assert_debug_snapshot!(map(&request(Operation::Get, Some("MQAAAAEQ_HoD"), &[], &json!({}))));
    insta::assert_debug_snapshot!(map(&delete()));
    insta::assert_debug_snapshot!(map(&list(&[("limit", "2")])));
}

#[test]
fn a_creation_is_a_form_post_with_an_access_type() {
    let fields = json!({"name": "Marketing", "type": "private", "description": "Campaign space"});
    insta::assert_debug_snapshot!(map(&request(Operation::Create, None, &[], &fields)));
    for (kind, access) in [("public", "Public"), ("private", "Private")] {
        let exchange = map(&request(Operation::Create, None, &[], &json!({"name": "N", "type": kind}))).unwrap();
        assert_eq!(format!("{exchange:?}").matches(&format!("(\"accessType\", \"{access}\")")).count(), 1);
    }
}

#[test]
fn every_access_type_is_read_and_those_without_a_unified_one_stay_absent() {
    for (access, kind) in [("Public", Some("public")), ("Private", Some("private")), ("Locked", None), ("Personal", None)] {
        let step = answered(200, &json!({"data": [{"id": "S", "accessType": access}]}).to_string()).unwrap();
        let Step::Finish(Answer::Item(item), _) = step else { panic!() };
        assert_eq!(item.body.get("type").and_then(Value::as_str), kind, "{access}");
    }
}

#[test]
fn a_deletion_stands_whether_the_space_is_shown_or_not() {
    let shown = r#"{"kind":"spaces","data":[{"id":"S","title":"T","archived":false}]}"#;
    insta::assert_debug_snapshot!(answer(&delete(), 200, shown));
    for body in ["", " \n", "{}", r#"{"kind":"spaces","data":[]}"#, r#"{"data":[null]}"#] {
        let step = answer(&delete(), 200, body).unwrap();
        assert_eq!(step, Step::Finish(Answer::Deleted(None), vec![]), "{body}");
    }
}

#[test]
fn pages_are_cut_out_of_the_whole_list() {
    let ids = |range: std::ops::Range<usize>| range.map(|nth| format!("S{nth}")).collect::<Vec<_>>();
    let cursor = |text: &str| Some(text.to_owned());
    assert_eq!(page(&[], 5), (ids(0..5), None, None));
    assert_eq!(page(&[("limit", "2")], 5), (ids(0..2), cursor("2:2"), None));
    assert_eq!(page(&[("limit", "100"), ("next_cursor", "2:2")], 5), (ids(2..4), cursor("4:2"), cursor("0:2")));
    assert_eq!(page(&[("next_cursor", "4:2")], 5), (ids(4..5), None, cursor("2:2")));
    assert_eq!(page(&[("limit", "5")], 5), (ids(0..5), None, None));
    assert_eq!(page(&[("limit", "99999999999999999999999")], 5), (ids(0..5), None, None));
    assert_eq!(page(&[("next_cursor", "8:2")], 5), (vec![], None, cursor("6:2")));
    assert_eq!(page(&[("limit", "2")], 0), (vec![], None, None));
}

#[test]
fn a_long_list_pages_to_its_end_without_loss_or_repeat() {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let (ids, next, _) = page(&[cursor.as_deref().map_or(("limit", "300"), |cursor| ("next_cursor", cursor))], 2500);
        all.extend(ids);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(all, (0..2500).map(|nth| format!("S{nth}")).collect::<Vec<_>>());
}

#[test]
fn a_cursor_of_another_list_is_refused_before_anything_is_sent() {
    for cursor in ["2", ":", "2:", ":2", "2:0", "-1:2", "2:2:2", "x:y", "99999999999999999999999:1"] {
        let Err(Error::Invalid(errors)) = map(&list(&[("next_cursor", cursor)])) else { panic!("{cursor}") };
        assert_eq!(errors[0].path, "?next_cursor");
    }
}
