use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Answer, Class, Error, Exchange, Rejection, Request, Step};
use serde_json::{Value, json};

use super::Polyteia;
use super::request::PAGES;
use super::update::{AFTER_READ, READ};

const ID: &str = "ws_cv33u4n0i6q45p93i930";
const WORKSPACES: Resource = Resource::new("ticketing", "workspaces");

fn polyteia(envelope_key: &str) -> Tester<Polyteia> {
    Tester::new(&[("envelope_key", envelope_key), ("organization_id", "org_cv33u4n0i6q45p93i930")])
}

fn map(envelope_key: &str, id: &str, fields: &Value) -> Result<Exchange, Error> {
    polyteia(envelope_key).map(&WORKSPACES.update(id, fields))
}

fn answer(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    polyteia("command").answer(request, status, body)
}

fn answered(fields: &Value, state: &[u8], status: u16, body: &str) -> Result<Step, Error> {
    polyteia("command").answer_to(&WORKSPACES.update(ID, fields), state, &testing::response(status, body))
}

/// What follows when the workspace that is read is this one.
fn after_read(fields: &Value, current: &Value) -> Result<Step, Error> {
    answered(fields, READ, 200, &json!({"data": current}).to_string())
}

fn rejected(status: u16, body: &Value) -> Rejection {
    let [first, second, third] =
        [&[], READ, AFTER_READ].map(|state| testing::rejection(answered(&json!({"name": "x"}), state, status, &body.to_string())));
    assert!(first == second && first == third);
    first
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Polyteia>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_update_with_a_name_is_one_command() {
    insta::assert_debug_snapshot!(map("command", ID, &json!({"description": "My Workspace Description", "name": "My Workspace"})));
}

#[test]
fn the_command_can_stand_under_query() {
    insta::assert_debug_snapshot!(map("query", ID, &json!({"name": "My Workspace"})));
}

#[test]
fn without_a_name_the_workspace_is_read_first() {
    for fields in [json!({}), json!({"description": "x"}), json!({"custom_fields": {"a": 1}}), json!({"name": "x", "custom_fields": {}})] {
        for envelope_key in ["command", "query"] {
            insta::allow_duplicates! {
                insta::assert_debug_snapshot!("read_first", map(envelope_key, ID, &fields));
            }
        }
    }
}

#[test]
fn an_id_of_any_characters_stays_in_its_place() {
    insta::assert_debug_snapshot!(map("command", "a\"}/b?c é", &json!({"name": "x"})));
}

#[test]
fn what_is_not_given_is_sent_as_it_was_read() {
    let current = json!({"id": ID, "name": "Finance", "description": "old", "attributes": {"key": "value"}});
    insta::assert_debug_snapshot!(after_read(&json!({}), &current));
    insta::assert_debug_snapshot!(after_read(&json!({"description": ""}), &current));
    let bare = json!({"id": ID, "name": "Finance", "description": null});
    insta::assert_debug_snapshot!(after_read(&json!({"custom_fields": {"a": {"b": 1}}}), &bare));
}

#[test]
fn custom_fields_are_merged_deep_with_those_that_were_read() {
    let current =
        json!({"name": "Finance", "attributes": {"keep": 1.50, "key1": "old", "key3": {"nested": true, "n": [1, 2]}, "none": null}});
    let given = json!({"name": "New", "custom_fields": {"key1": {"a": 1}, "key3": {"n": [3, null], "more": 2}, "new": "x"}});
    insta::assert_debug_snapshot!(after_read(&given, &current));
}

#[test]
fn after_the_read_the_command_can_stand_under_query_too() {
    let response = testing::response(200, r#"{"data":{"name":"Finance"}}"#);
    let step = polyteia("query").answer_to(&WORKSPACES.update(ID, &json!({"description": "x"})), READ, &response);
    insta::assert_debug_snapshot!(step);
}

#[test]
fn a_custom_field_cannot_be_removed() {
    let fields = json!({"name": "x", "custom_fields": {"a/b~c": null, "kept": [null], "key3": {"nested": null, "other": 1}}});
    let Err(Error::Invalid(errors)) = map("command", ID, &fields) else { panic!() };
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["/custom_fields/a~1b~0c", "/custom_fields/key3/nested"]);
    assert!(errors[0].message.starts_with("cannot be removed at Polyteia"));
}

#[test]
fn a_workspace_is_a_workspace() {
    let body = r#"{"data":{"id":"ws_cv33u4n0i6q45p93i930","organization_id":"org_cv33u4n0i6q45p93i930",
        "created_at":"2025-03-24T15:12:49.186202Z","updated_at":"2025-03-24T20:01:59.408382Z",
        "name":"My Workspace","description":"My Workspace Description","attributes":{"key":"new_value"}}}"#;
    insta::assert_debug_snapshot!(answered(&json!({"name": "My Workspace"}), &[], 200, body));
    insta::assert_debug_snapshot!(answered(&json!({}), AFTER_READ, 200, r#"{"data":{"id":"ws_1","name":"N"},"error":null}"#));
}

#[test]
fn an_error_within_a_success_is_an_error() {
    for (code, class) in ERRORS {
        let rejection = rejected(200, &json!({"error": {"code": code, "message": "the words", "details": []}}));
        assert_eq!((rejection.class, rejection.status), (class, Some(code)));
        assert_eq!((rejection.code.as_deref(), rejection.message.as_str()), (Some(code.to_string().as_str()), "the words"));
    }
}

#[test]
fn a_code_that_is_no_status_of_an_error_says_nothing() {
    for code in [json!(200), json!(600), json!(404.5), json!(-404), json!(70000), json!("404"), json!("limit"), json!(null)] {
        let rejection = rejected(200, &json!({"error": {"code": code, "message": "the words"}, "data": {}}));
        assert_eq!((rejection.class, rejection.status), (Class::Other, None), "{code}");
    }
}

#[test]
fn an_error_by_status_keeps_that_status() {
    for (status, body, class, message) in [
        (401, json!({"error": "Unauthorized"}), Class::Unauthorized, "Unauthorized"),
        (403, json!({"error": {"code": 500, "message": "no"}}), Class::Forbidden, "no"),
        (404, json!({"data": {"id": "x"}}), Class::NotFound, ""),
        (429, json!({"error": null}), Class::RateLimited, ""),
        (503, json!({"error": {"code": 503, "message": ""}}), Class::Unavailable, r#"{"code":503,"message":""}"#),
    ] {
        let rejection = rejected(status, &body);
        assert_eq!((rejection.class, rejection.status, rejection.message.as_str()), (class, None, message), "{status}");
    }
    let rejection = rejected(200, &json!({"error": "over quota"}));
    assert_eq!((rejection.class, rejection.status, rejection.message.as_str()), (Class::Other, None, "over quota"));
}

#[test]
fn what_is_no_answer_of_polyteias_is_unreadable() {
    let bodies = ["<html>", "{}", r#"{"data":null}"#, r#"{"data":[]}"#, r#"{"error":null}"#, "[]", "", r#"{"data":{"#];
    for (status, body) in bodies.map(|body| (200, body)).into_iter().chain([(503, "<html>")]) {
        for state in [&[], READ, AFTER_READ] {
            assert!(matches!(answered(&json!({"name": "x"}), state, status, body), Err(Error::Unreadable(_))), "{body}");
        }
    }
    for current in [json!({"id": ID}), json!({"id": ID, "name": null}), json!({"name": 7})] {
        assert!(matches!(after_read(&json!({"description": "x"}), &current), Err(Error::Unreadable(_))), "{current}");
    }
}

#[test]
fn reads_stand_under_query_whatever_the_key_of_changes_is() {
    for envelope_key in ["command", "query"] {
        insta::allow_duplicates! {
            insta::assert_debug_snapshot!("get", polyteia(envelope_key).map(&WORKSPACES.get(ID)));
            insta::assert_debug_snapshot!("list", polyteia(envelope_key).map(&WORKSPACES.list(&[("limit", "10")])));
        }
    }
}

#[test]
fn a_creation_and_a_deletion_stand_under_the_key_of_changes() {
    let fields = json!({"name": "Finance", "custom_fields": {"key1": "value1", "key2": 100, "none": null}, "description": ""});
    for envelope_key in ["command", "query"] {
        insta::assert_debug_snapshot!(polyteia(envelope_key).map(&WORKSPACES.create(&fields)));
        insta::assert_debug_snapshot!(polyteia(envelope_key).map(&WORKSPACES.delete(ID)));
    }
}

#[test]
fn a_creation_in_no_organization_leaves_it_to_remote_data() {
    for envelope_key in ["command", "query"] {
        let account = Tester::<Polyteia>::new(&[("envelope_key", envelope_key)]);
        insta::assert_debug_snapshot!(account.map(&WORKSPACES.create(&json!({"name": "Finance"}))));
    }
}

#[test]
fn members_of_any_type_are_read_as_far_as_they_can_be() {
    let get = |data: &Value| answer(&WORKSPACES.get(ID), 200, &json!({"data": data}).to_string());
    let odd = json!({"id": 5, "name": 7, "description": [1], "attributes": "x", "created_at": 3, "updated_at": "soon"});
    let item = testing::item(get(&odd));
    assert_eq!(Value::Object(item.body), json!({"id": "5", "name": "7", "updated_at": "soon"}));
    for data in [json!({}), json!({"id": null, "name": "N"}), json!({"id": "", "name": "N"}), json!({"id": {}})] {
        for request in [WORKSPACES.get(ID), WORKSPACES.create(&json!({"name": "N"})), WORKSPACES.update(ID, &json!({"name": "N"}))] {
            let step = answer(&request, 200, &json!({"data": data}).to_string());
            assert!(matches!(step, Err(Error::Unreadable(_))), "{data}");
        }
    }
}

#[test]
fn of_a_deleted_workspace_there_is_nothing_more_to_say() {
    let delete = WORKSPACES.delete(ID);
    assert_eq!(answer(&delete, 200, &json!({"data": {"id": ID}}).to_string()), Ok(Answer::Deleted(None).into()));
    assert!(matches!(answer(&delete, 200, "{}"), Err(Error::Unreadable(_))));
    let gone = r#"{"error":{"code":404,"message":"not found","details":[]}}"#;
    assert_eq!(testing::rejection(answer(&delete, 200, gone)).class, Class::NotFound);
}

#[test]
fn a_limit_and_a_cursor_say_the_page() {
    let asked = |params: &[(&str, &str)]| {
        let page = PAGES.asked(&WORKSPACES.list(params)).unwrap();
        (page.place(), page.size())
    };
    assert_eq!(asked(&[]), (1, 100));
    for (limit, size) in [("1", 1), ("100", 100), ("101", 100), ("99999999999999999999999", 100)] {
        assert_eq!(asked(&[("limit", limit)]), (1, size), "{limit}");
    }
    assert_eq!(asked(&[("next_cursor", "3:10"), ("limit", "50")]), (3, 10));
    for cursor in ["2", ":", "0:10", "2:0", "2:101", "-1:10", "2:10:1", "x:y"] {
        let refused = polyteia("command").map(&WORKSPACES.list(&[("next_cursor", cursor)]));
        assert_eq!(testing::at_fault(refused), ["?next_cursor"], "{cursor}");
    }
}

#[test]
fn a_page_points_to_those_beside_it() {
    let body = json!({"data": {"total": 25, "page": 2, "size": 10, "items": [{"id": "ws_1", "name": "One"}, {"id": "ws_2"}]}});
    insta::assert_debug_snapshot!(answer(&WORKSPACES.list(&[("next_cursor", "2:10")]), 200, &body.to_string()));
}

#[test]
fn the_last_page_is_known_by_the_total_or_by_its_length() {
    let cursors = |cursor: &str, total: Value, items: usize| {
        let body = json!({"data": {"total": total, "items": vec![json!({}); items]}}).to_string();
        let page = testing::page(answer(&WORKSPACES.list(&[("next_cursor", cursor)]), 200, &body));
        (page.next_cursor, page.prev_cursor)
    };
    let cursor = |text: &str| Some(text.to_owned());
    for (total, items, next) in
        [(json!(10), 10, None), (json!(11), 10, cursor("2:10")), (json!("11"), 10, cursor("2:10")), (json!(null), 10, cursor("2:10"))]
    {
        assert_eq!(cursors("1:10", total, items), (next, None));
    }
    assert_eq!(cursors("3:10", json!(30), 10), (None, cursor("2:10")));
    assert_eq!(cursors("3:10", json!(null), 9), (None, cursor("2:10")));
    assert_eq!(cursors("1:10", json!(0), 0), (None, None));
}

#[test]
fn a_long_list_pages_to_its_end_without_loss_or_repeat() {
    let pages = testing::walk(|cursor| {
        let asked = WORKSPACES.list(&[("next_cursor", cursor.unwrap_or_default())]);
        let page = PAGES.asked(&asked).unwrap();
        let first = (page.place() - 1) * page.size();
        let items: Vec<Value> = (first..(first + page.size()).min(2500)).map(|nth| json!({"id": nth.to_string()})).collect();
        answer(&asked, 200, &json!({"data": {"total": 2500, "items": items}}).to_string())
    });
    assert_eq!(pages.concat(), (0..2500).map(|nth| nth.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_list_without_items_is_unreadable() {
    for body in ["<html>", "{}", r#"{"data":[]}"#, r#"{"data":{"total":0}}"#, r#"{"data":{"items":{}}}"#] {
        assert!(matches!(answer(&WORKSPACES.list(&[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
}
