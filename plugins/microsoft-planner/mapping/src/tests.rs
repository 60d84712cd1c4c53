use patchboard_sdk::testing::{self, ERRORS, Listed, Resource, account};
use patchboard_sdk::{Answer, Class, Error, Exchange, Operation, Step};
use serde_json::{Value, json};

use super::map_request;
use super::request::READ_BACK;

const PLANS: Resource = Resource::new("ticketing", "workspaces");
const ID: &str = "xqQg5FS2LkCp935s-FIFm2QAFkHM";
const GROUP: &str = "ebf3b108-5234-4e22-b93d-656d7dae5874";
const ETAG: &str = r#"W/"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBAWCc=""#;
const PLAN: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#planner/plans/$entity",
    "@odata.etag":"W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"","createdDateTime":"2015-03-30T18:36:49.2407981Z",
    "owner":"ebf3b108-5234-4e22-b93d-656d7dae5874","title":"title-value","id":"xqQg5FS2LkCp935s-FIFm2QAFkHM",
    "createdBy":{"user":{"displayName":null,"id":"ebf3b108-5234-4e22-b93d-656d7dae5874"}},
    "container":{"containerId":"ebf3b108-5234-4e22-b93d-656d7dae5874","type":"group"}}"#;

/// Every stage at which Graph can answer.
const STAGES: [(Operation, &[u8]); 6] = [
    (Operation::List, &[]),
    (Operation::Get, &[]),
    (Operation::Create, &[]),
    (Operation::Update, &[]),
    (Operation::Update, READ_BACK),
    (Operation::Delete, &[]),
];

fn update(id: &str, etag: Option<&str>, fields: &Value) -> Result<Exchange, Error> {
    changed(Operation::Update, id, etag, fields)
}

fn changed(operation: Operation, id: &str, etag: Option<&str>, fields: &Value) -> Result<Exchange, Error> {
    let params: Vec<(&str, &str)> = etag.map(|etag| ("etag", etag)).into_iter().collect();
    map_request(&account(&[]), &PLANS.request(operation, Some(id), &params, fields))
}

fn list(group: &str, params: &[(&str, &str)]) -> Result<Exchange, Error> {
    map_request(&account(&[("group_id", group)]), &PLANS.list(params))
}

fn answered(operation: Operation, state: &[u8], status: u16, body: &str) -> Result<Step, Error> {
    let id = (!matches!(operation, Operation::List | Operation::Create)).then_some(ID);
    let request = PLANS.request(operation, id, &[("etag", ETAG)], &json!({"name": "title-value"}));
    super::map_response(&request, state, &testing::response(status, body))
}

fn page(body: &str) -> Listed {
    testing::page(answered(Operation::List, &[], 200, body))
}

#[test]
fn an_update_is_a_patch_that_asks_for_the_plan() {
    insta::assert_debug_snapshot!(update(ID, Some(ETAG), &json!({"name": "title-value"})));
}

#[test]
fn what_was_not_given_is_not_sent() {
    insta::assert_debug_snapshot!(update(ID, Some(ETAG), &json!({})));
}

#[test]
fn an_id_of_any_characters_stays_one_segment() {
    insta::assert_debug_snapshot!(update("a/b?c#d e+é%", Some(ETAG), &json!({})));
}

#[test]
fn an_etag_that_no_header_can_hold_is_the_callers_fault() {
    for operation in [Operation::Update, Operation::Delete] {
        for etag in [None, Some("W/\"a\"\r\nX-Other: b"), Some("\"é\""), Some("\u{7f}")] {
            let mapped = changed(operation, ID, etag, &json!({"name": "x"}));
            assert_eq!(testing::at_fault(mapped), ["/etag"], "{etag:?}");
        }
    }
}

#[test]
fn a_plan_is_got_by_its_id() {
    insta::assert_debug_snapshot!(map_request(&account(&[("group_id", GROUP)]), &PLANS.get(ID)));
}

#[test]
fn a_new_plan_is_the_groups() {
    insta::assert_debug_snapshot!(map_request(&account(&[("group_id", GROUP)]), &PLANS.create(&json!({"name": "A plan"}))));
}

#[test]
fn without_a_group_the_container_is_left_to_remote_data() {
    let mapped = map_request(&account(&[]), &PLANS.create(&json!({"name": "A plan"})));
    let wanted = Exchange::post("create_plan", "/planner/plans").json(json!({"title": "A plan"})).answers();
    assert_eq!(mapped, Ok(wanted));
}

#[test]
fn a_plan_is_deleted_at_the_version_that_was_read() {
    insta::assert_debug_snapshot!(changed(Operation::Delete, ID, Some(ETAG), &json!({})));
    assert_eq!(answered(Operation::Delete, &[], 204, ""), Ok(Answer::Deleted(None).into()));
}

#[test]
fn there_is_no_upsert() {
    let mapped = map_request(&account(&[("group_id", GROUP)]), &PLANS.upsert(&[], &json!({"name": "A plan"})));
    assert!(matches!(mapped, Err(Error::Unsupported(_))));
}

#[test]
fn a_list_is_the_groups_or_the_users() {
    insta::assert_debug_snapshot!(list(GROUP, &[]));
    insta::assert_debug_snapshot!(list("", &[("limit", "20")]));
}

#[test]
fn a_limit_is_a_page_size_up_to_the_largest() {
    for (limit, top) in [("1", "1"), ("100", "100"), ("101", "100"), ("99999999999999999999", "100")] {
        let wanted = Exchange::get("list_my_plans", "/me/planner/plans").query("$top", top).answers();
        assert_eq!(list("", &[("limit", limit)]), Ok(wanted), "{limit}");
    }
}

#[test]
fn a_cursor_is_the_whole_query_of_the_next_page() {
    let wanted = Exchange::get("list_my_plans", "/me/planner/plans").query("$top", "20").query("$skiptoken", "X'4+5'").answers();
    assert_eq!(list("", &[("limit", "50"), ("next_cursor", "%24top=20&%24skiptoken=X%274%2B5%27")]), Ok(wanted));
    assert_eq!(list("", &[("next_cursor", "")]), list("", &[]));
    for cursor in ["&", "=x", "%zz=1", "a=%ff"] {
        assert_eq!(testing::at_fault(list("", &[("next_cursor", cursor)])), ["?next_cursor"], "{cursor}");
    }
}

#[test]
fn a_list_of_any_length_is_paged_to_its_end() {
    let pages = testing::walk(|cursor| {
        // The link of this stand-in says how many plans are before its page.
        let asked = format!("{:?}", list(GROUP, &[("next_cursor", cursor.unwrap_or_default())]).unwrap());
        let from: usize = asked.split_once("\"at ").map_or(0, |(_, rest)| rest.split_once('+').unwrap().0.parse().unwrap());
        let to = (from + 100).min(2500);
        let plans: Vec<Value> = (from..to).map(|nth| json!({"id": format!("p{nth}"), "title": "t"})).collect();
        let link = format!("https://graph.microsoft.com/v1.0/groups('g')/planner/plans?$skiptoken=at%20{to}%2B");
        answered(Operation::List, &[], 200, &json!({"value": plans, "@odata.nextLink": (to < 2500).then_some(link)}).to_string())
    });
    assert_eq!((pages.len(), pages.concat()), (25, (0..2500).map(|nth| format!("p{nth}")).collect()));
}

#[test]
fn every_plan_of_a_page_stands_at_its_own_place() {
    let body = format!(r#"{{"@odata.count":2,"value":[{PLAN},{{"id":"b","title":"B","@odata.etag":"W/\"b\"","isArchived":true}}]}}"#);
    insta::assert_debug_snapshot!(answered(Operation::List, &[], 200, &body));
    let empty = page(r#"{"value":[]}"#);
    assert_eq!((empty.ids().len(), empty.next_cursor, empty.prev_cursor), (0, None, None));
}

#[test]
fn a_plan_is_a_workspace() {
    insta::assert_debug_snapshot!(answered(Operation::Update, &[], 200, PLAN));
    for (operation, status) in [(Operation::Get, 200), (Operation::Create, 201), (Operation::Create, 200)] {
        assert_eq!(answered(operation, &[], status, PLAN), answered(Operation::Update, &[], 200, PLAN));
    }
}

#[test]
fn a_plan_is_active_unless_it_is_archived() {
    for (body, status) in
        [(r#"{"isArchived":true}"#, "inactive"), (r#"{"isArchived":false}"#, "active"), (r#"{"isArchived":null,"id":7}"#, "active")]
    {
        let item = testing::item(answered(Operation::Update, &[], 200, body));
        assert_eq!((&item.body["status"], &item.body["id"], item.etag), (&json!(status), &json!(ID), None), "{body}");
    }
}

#[test]
fn an_answer_without_a_body_is_read_back() {
    insta::assert_debug_snapshot!(answered(Operation::Update, &[], 204, ""));
}

#[test]
fn the_plan_that_was_read_back_is_the_second_answer() {
    insta::assert_debug_snapshot!(answered(Operation::Update, READ_BACK, 200, PLAN));
}

#[test]
fn planners_errors_keep_their_code_and_words() {
    for (status, class) in ERRORS {
        for code in ["MaximumPlannerPlans", ""] {
            let body = json!({"error": {"code": code, "message": "the words", "innerError": {"request-id": "r", "date": "d"}}}).to_string();
            for (operation, state) in STAGES {
                let rejection = testing::rejection(answered(operation, state, status, &body));
                let expected = (class, Some(code).filter(|code| !code.is_empty()), "the words");
                assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), expected, "{status}");
            }
        }
    }
}

#[test]
fn an_error_without_words_says_its_code_if_it_has_one() {
    for (body, message) in [
        (r#"{"error":{"code":"UnknownError","message":""}}"#, "UnknownError"),
        (r#"{"error":{"code":"","message":" "}}"#, ""),
        (r#"{"error":{}}"#, ""),
        ("{}", ""),
    ] {
        let rejection = testing::rejection(answered(Operation::Update, &[], 429, body));
        assert_eq!((rejection.class, rejection.message.as_str()), (Class::RateLimited, message), "{body}");
    }
}

#[test]
fn what_is_no_answer_of_planners_is_unreadable() {
    for (status, body) in [(200, "<html>"), (200, "[]"), (200, "null"), (200, ""), (200, r#"{"id":"#), (503, "<html>")] {
        // A deletion is answered without a body.
        for (operation, state) in STAGES.into_iter().filter(|(operation, _)| *operation != Operation::Delete) {
            assert!(matches!(answered(operation, state, status, body), Err(Error::Unreadable(_))), "{body}");
        }
    }
    for body in [
        "{}",
        r#"{"value":{}}"#,
        r#"{"value":[7]}"#,
        r#"{"value":[],"@odata.nextLink":7}"#,
        r#"{"value":[],"@odata.nextLink":"https://x/"}"#,
    ] {
        assert!(matches!(answered(Operation::List, &[], 200, body), Err(Error::Unreadable(_))), "{body}");
    }
}
