use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Answer, Error, Exchange, Operation, Request, Step};
use serde_json::{Value, json};

use super::Workiva;

const ID: &str = "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy";
const WORKSPACES: Resource = Resource::new("ticketing", "workspaces");

fn workiva(api_version: &str) -> Tester<Workiva> {
    Tester::new(&[("organization_id", "d6e178fd-4dd5-47e5-9457-68dd64b03655"), ("region", "us"), ("api_version", api_version)])
}

fn map(request: &Request) -> Result<Exchange, Error> {
    workiva("2026-01-01").map(request)
}

fn answer(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    workiva("2026-01-01").answer(request, status, body)
}

fn sent(api_version: &str, id: &str, fields: &Value) -> Exchange {
    workiva(api_version).map(&WORKSPACES.update(id, fields)).unwrap()
}

fn answered(status: u16, body: &str) -> Result<Step, Error> {
    answer(&WORKSPACES.update(ID, &json!({})), status, body)
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Workiva>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_update_is_a_json_patch_of_the_name() {
    insta::assert_debug_snapshot!(sent("2026-01-01", ID, &json!({"name": "Legal Entity Reporting"})));
}

#[test]
fn the_old_version_has_the_prototype_path() {
    insta::assert_debug_snapshot!(sent("2022-01-01", ID, &json!({"name": "Legal Entity Reporting"})));
}

#[test]
fn without_a_name_the_patch_is_empty_for_remote_data_to_fill() {
    insta::assert_debug_snapshot!(sent("2026-01-01", ID, &json!({})));
}

#[test]
fn an_id_of_any_characters_stays_one_segment() {
    insta::assert_debug_snapshot!(sent("2026-01-01", "a/b?c#d e+é==", &json!({})));
}

#[test]
fn a_workspace_is_a_workspace() {
    let body = r#"{"created":{"dateTime":"2014-12-01T15:03:27Z"},"id":"QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy",
        "modified":{"dateTime":"2021-07-14T08:03:02Z","user":{"id":"VjV"}},"name":"Legal Entity Reporting",
        "organization":{"id":"d6e178fd-4dd5-47e5-9457-68dd64b03655","name":"Workiva Inc."},"solutions":[{"id":"60","name":null}]}"#;
    insta::assert_debug_snapshot!(answered(200, body));
}

#[test]
fn members_that_are_null_stay_absent_and_the_id_is_known() {
    let body = r#"{"created":null,"id":null,"modified":{"dateTime":null},"name":"N","organization":null,"solutions":null}"#;
    insta::assert_debug_snapshot!(answered(200, body));
}

#[test]
fn workivas_errors_keep_their_code_and_words() {
    let code = "400BadRequest";
    for (status, class) in ERRORS {
        let body = json!({"code": code, "message": "the words", "details": [{"code": "x", "message": "y", "target": "z"}]});
        let rejection = testing::rejection(answered(status, &body.to_string()));
        assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), (class, Some(code), "the words"));
    }
}

#[test]
fn an_error_without_words_says_its_code() {
    for (body, code, message) in [
        (r#"{"code":"409Conflict","message":" "}"#, Some("409Conflict"), "409Conflict"),
        (r#"{"code":"","message":"m"}"#, None, "m"),
        ("{}", None, ""),
    ] {
        let rejection = testing::rejection(answered(409, body));
        assert_eq!((rejection.code.as_deref(), rejection.message.as_str()), (code, message), "{body}");
    }
}

#[test]
fn what_is_no_answer_of_workivas_is_unreadable() {
    for (status, body) in [(200, "<html>"), (200, "[]"), (200, "null"), (200, ""), (200, r#"{"id":"#), (503, "<html>")] {
        assert!(matches!(answered(status, body), Err(Error::Unreadable(_))), "{body}");
    }
}

#[test]
fn a_get_a_creation_and_a_list_say_the_version_too() {
    insta::assert_debug_snapshot!(map(&WORKSPACES.get(ID)));
    insta::assert_debug_snapshot!(map(&WORKSPACES.create(&json!({"name": "Quarterly Planning"}))));
    insta::assert_debug_snapshot!(map(&WORKSPACES.list(&[])));
}

#[test]
fn a_limit_goes_with_the_first_page_and_the_cursor_with_the_others() {
    let query = |params: &[(&str, &str)]| {
        let exchange = format!("{:?}", map(&WORKSPACES.list(params)).unwrap());
        let (_, rest) = exchange.split_once("query: ").unwrap();
        rest.split_once(", headers").unwrap().0.to_owned()
    };
    for (limit, sent) in [("1", "1"), ("1000", "1000"), ("1001", "1000"), ("99999999999999999999999", "1000")] {
        assert_eq!(query(&[("limit", limit)]), format!(r#"[("$maxpagesize", "{sent}")]"#));
    }
    assert_eq!(query(&[("limit", "7"), ("next_cursor", "JTI0bGltaXQ9MTAw+/=")]), r#"[("$next", "JTI0bGltaXQ9MTAw+/=")]"#);
}

#[test]
fn what_workiva_does_not_do_is_refused() {
    for operation in [Operation::Delete, Operation::Upsert] {
        assert!(matches!(map(&WORKSPACES.request(operation, Some(ID), &[], &json!({}))), Err(Error::Unsupported(_))));
    }
}

#[test]
fn a_page_keeps_the_cursor_of_its_link_alone() {
    let body = json!({
        "data": [{"id": "A", "name": "One", "created": {"dateTime": "2014-12-01T15:03:27Z"}}, {"id": null, "name": "Two"}],
        "@nextLink": "https://elsewhere.example/organizations/o/workspaces?%24next=JTI0bGltaXQ9Mg%3D%3D",
    });
    insta::assert_debug_snapshot!(answer(&WORKSPACES.list(&[]), 200, &body.to_string()));
}

#[test]
fn without_a_link_it_is_the_last_page() {
    for body in [r#"{"data":[]}"#, r#"{"data":[],"@nextLink":null}"#, r#"{"data":[],"@nextLink":""}"#] {
        let page = Answer::Page { items: vec![], next_cursor: None, prev_cursor: None };
        assert_eq!(answer(&WORKSPACES.list(&[]), 200, body), Ok(page.into()), "{body}");
    }
}

#[test]
fn a_long_list_pages_to_its_end_without_loss_or_repeat() {
    let pages = testing::walk(|cursor| {
        let first = cursor.map_or(0, |cursor| cursor.strip_prefix("from-").unwrap().parse().unwrap());
        let last = (first + 700).min(2500);
        let data: Vec<Value> = (first..last).map(|nth: usize| json!({"id": nth.to_string()})).collect();
        let link = (last < 2500).then(|| format!("https://api.app.wdesk.com/x?$next=from-{last}"));
        let asked = WORKSPACES.list(&[("limit", "700"), ("next_cursor", cursor.unwrap_or_default())]);
        answer(&asked, 200, &json!({"data": data, "@nextLink": link}).to_string())
    });
    assert_eq!(pages.concat(), (0..2500).map(|nth| nth.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_list_that_cannot_be_followed_is_unreadable() {
    for body in [
        "<html>",
        "[]",
        "{}",
        r#"{"data":null}"#,
        r#"{"data":[],"@nextLink":"https://api.app.wdesk.com/x"}"#,
        r#"{"data":[],"@nextLink":7}"#,
    ] {
        assert!(matches!(answer(&WORKSPACES.list(&[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
}

#[test]
fn a_created_workspace_is_a_workspace() {
    let create = WORKSPACES.create(&json!({"name": "N"}));
    insta::assert_debug_snapshot!(answer(&create, 201, r#"{"id":"QWNj","name":"N","created":{"dateTime":"2014-12-01T15:03:27Z"}}"#));
}
