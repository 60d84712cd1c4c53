use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Answer, Error, Exchange, Step};
use serde_json::{Value, json};

use super::Wrike;

const SPACES: Resource = Resource::new("ticketing", "workspaces");

fn wrike() -> Tester<Wrike> {
    Tester::new(&[])
}

fn sent(id: &str, fields: &Value) -> Exchange {
    wrike().map(&SPACES.update(id, fields)).unwrap()
}

fn answered(status: u16, body: &str) -> Result<Step, Error> {
    wrike().answer(&SPACES.update("S", &json!({})), status, body)
}

/// A page's items and cursors.
fn page(params: &[(&str, &str)], spaces: usize) -> (Vec<String>, Option<String>, Option<String>) {
    let page = testing::page(listed(params, spaces));
    (page.ids(), page.next_cursor, page.prev_cursor)
}

fn listed(params: &[(&str, &str)], spaces: usize) -> Result<Step, Error> {
    let spaces: Vec<Value> = (0..spaces).map(|nth| json!({"id": format!("S{nth}")})).collect();
    wrike().answer(&SPACES.list(params), 200, json!({"kind": "spaces", "data": spaces}).to_string())
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|nth| format!("S{nth}")).collect()
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Wrike>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
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
    let code = "invalid_parameter";
    for (status, class) in ERRORS {
        let body = json!({"errorDescription": "the words", "error": code}).to_string();
        let rejection = testing::rejection(answered(status, &body));
        assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), (class, Some(code), "the words"));
    }
}

#[test]
fn what_is_no_answer_of_wrikes_is_unreadable() {
    for (status, body) in [(200, "<html>"), (200, "{}"), (200, r#"{"kind":"spaces","data":[]}"#), (500, "<html>"), (200, "")] {
        assert!(matches!(answered(status, body), Err(Error::Unreadable(_))), "{body}");
    }
    for space in ["null", "{}", r#"{"id":null,"title":"T"}"#, r#"{"id":{}}"#] {
        assert!(matches!(answered(200, &format!(r#"{{"data":[{space}]}}"#)), Err(Error::Unreadable(_))), "{space}");
    }
    for body in ["<html>", "{}", r#"{"data":{}}"#, ""] {
        assert!(matches!(wrike().answer(&SPACES.list(&[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
    assert!(matches!(wrike().answer(&SPACES.delete("S"), 200, "<html>"), Err(Error::Unreadable(_))));
}

#[test]
fn a_get_a_delete_and_a_list_have_no_body() {
    insta::assert_debug_snapshot!(wrike().map(&SPACES.get("MQAAAAEQ_HoD")));
    insta::assert_debug_snapshot!(wrike().map(&SPACES.delete("a/b c")));
    insta::assert_debug_snapshot!(wrike().map(&SPACES.list(&[("limit", "2")])));
}

#[test]
fn a_creation_is_a_form_post_with_an_access_type() {
    let fields = json!({"name": "Marketing", "type": "private", "description": "Campaign space"});
    insta::assert_debug_snapshot!(wrike().map(&SPACES.create(&fields)));
    for (kind, access) in [("public", "Public"), ("private", "Private")] {
        let exchange = wrike().map(&SPACES.create(&json!({"name": "N", "type": kind}))).unwrap();
        assert_eq!(format!("{exchange:?}").matches(&format!("(\"accessType\", \"{access}\")")).count(), 1);
    }
}

#[test]
fn every_access_type_is_read_and_those_without_a_unified_one_stay_absent() {
    for (access, kind) in [("Public", Some("public")), ("Private", Some("private")), ("Locked", None), ("Personal", None)] {
        let item = testing::item(answered(200, &json!({"data": [{"id": "S", "accessType": access}]}).to_string()));
        assert_eq!(item.body.get("type").and_then(Value::as_str), kind, "{access}");
    }
}

#[test]
fn a_number_is_a_text_and_what_is_neither_stays_absent() {
    let odd = json!({"data": [{"id": 5, "title": 7, "description": [1], "archived": "no", "accessType": 3}]});
    assert_eq!(Value::Object(testing::item(answered(200, &odd.to_string())).body), json!({"id": "5", "name": "7"}));
}

#[test]
fn a_deletion_stands_whether_the_space_is_shown_or_not() {
    let shown = r#"{"kind":"spaces","data":[{"id":"S","title":"T","archived":false}]}"#;
    insta::assert_debug_snapshot!(wrike().answer(&SPACES.delete("S"), 200, shown));
    for body in ["", " \n", "{}", r#"{"kind":"spaces","data":[]}"#, r#"{"data":[null]}"#] {
        assert_eq!(wrike().answer(&SPACES.delete("S"), 200, body), Ok(Answer::Deleted(None).into()), "{body}");
    }
}

#[test]
fn pages_are_cut_out_of_the_whole_list() {
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
fn a_space_of_a_page_stands_where_it_is_in_the_whole_list() {
    let page = testing::page(listed(&[("next_cursor", "2:2")], 5));
    let places: Vec<_> = page.items.into_iter().map(|item| item.native.unwrap()).collect();
    assert_eq!(places, [(0, "/data/2".to_owned()), (0, "/data/3".to_owned())]);
}

#[test]
fn a_long_list_pages_to_its_end_without_loss_or_repeat() {
    let pages = testing::walk(|cursor| listed(&[("limit", "300"), ("next_cursor", cursor.unwrap_or_default())], 2500));
    assert_eq!((pages.len(), pages.concat()), (9, ids(0..2500)));
}

#[test]
fn a_cursor_of_another_list_is_refused_before_anything_is_sent() {
    for cursor in ["2", ":", "2:", ":2", "2:0", "-1:2", "2:2:2", "x:y", "99999999999999999999999:1"] {
        assert_eq!(testing::at_fault(wrike().map(&SPACES.list(&[("next_cursor", cursor)]))), ["?next_cursor"], "{cursor}");
    }
}
