use patchboard_sdk::{Account, Answer, Class, Error, Exchange, Operation, Request, Response, Step};
use serde_json::{Value, json};

use super::request::READ_BACK;

const ID: &str = "xqQg5FS2LkCp935s-FIFm2QAFkHM";
const GROUP: &str = "ebf3b108-5234-4e22-b93d-656d7dae5874";
const ETAG: &str = r#"W/"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBAWCc=""#;
const PLAN: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#planner/plans/$entity",
    "@odata.etag":"W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"","createdDateTime":"2015-03-30T18:36:49.2407981Z",
    "owner":"ebf3b108-5234-4e22-b93d-656d7dae5874","title":"title-value","id":"xqQg5FS2LkCp935s-FIFm2QAFkHM",
    "createdBy":{"user":{"displayName":null,"id":"ebf3b108-5234-4e22-b93d-656d7dae5874"}},
    "container":{"containerId":"ebf3b108-5234-4e22-b93d-656d7dae5874","type":"group"}}"#;

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

fn account(group: &str) -> Account {
    Account { settings: [("group_id", group)].iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| ((*n).into(), (*v).into())).collect() }
}

fn update(id: &str, etag: Option<&str>, fields: &Value) -> Result<Exchange, Error> {
    let params: Vec<(&str, &str)> = etag.map(|etag| ("etag", etag)).into_iter().collect();
    super::map_request(&account(""), &request(Operation::Update, Some(id), &params, fields))
}

fn list(group: &str, params: &[(&str, &str)]) -> Result<Exchange, Error> {
    super::map_request(&account(group), &request(Operation::List, None, params, &json!({})))
}

fn answered(operation: Operation, state: &[u8], status: u16, body: &str) -> Result<Step, Error> {
    let id = (!matches!(operation, Operation::List | Operation::Create)).then_some(ID);
    let response = Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    super::map_response(&request(operation, id, &[("etag", ETAG)], &json!({"name": "title-value"})), state, &response)
}

fn page(body: &str) -> (Vec<patchboard_sdk::Item>, Option<String>, Option<String>) {
    match answered(Operation::List, &[], 200, body) {
        Ok(Step::Finish(Answer::Page { items, next_cursor, prev_cursor }, _)) => (items, next_cursor, prev_cursor),
        other => panic!("{other:?}"),
    }
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
            let params: Vec<(&str, &str)> = etag.map(|etag| ("etag", etag)).into_iter().collect();
            let mapped = super::map_request(&account(""), &request(operation, Some(ID), &params, &json!({"name": "x"})));
            let Err(Error::Invalid(errors)) = mapped else { panic!("{etag:?}") };
            assert_eq!(errors[0].path, "/etag");
        }
    }
}

#[test]
fn a_plan_is_got_by_its_id() {
    insta::assert_debug_snapshot!(super::map_request(&account(GROUP), &request(Operation::Get, Some(ID), &[], &json!({}))));
}

#[test]
fn a_new_plan_is_the_groups() {
    insta::assert_debug_snapshot!(super::map_request(&account(GROUP), &request(Operation::Create, None, &[], &json!({"name": "A plan"}))));
}

#[test]
fn without_a_group_the_container_is_left_to_remote_data() {
    let mapped = super::map_request(&account(""), &request(Operation::Create, None, &[], &json!({"name": "A plan"})));
    let wanted = Exchange::post("create_plan", "/planner/plans").json(json!({"title": "A plan"})).answers();
    assert_eq!(mapped, Ok(wanted));
}

#[test]
fn a_plan_is_deleted_at_the_version_that_was_read() {
    let params = [("etag", ETAG)];
    insta::assert_debug_snapshot!(super::map_request(&account(""), &request(Operation::Delete, Some(ID), &params, &json!({}))));
    assert_eq!(answered(Operation::Delete, &[], 204, ""), Ok(Step::Finish(Answer::Deleted(None), vec![])));
}

#[test]
fn there_is_no_upsert() {
    let mapped = super::map_request(&account(GROUP), &request(Operation::Upsert, None, &[], &json!({"name": "A plan"})));
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
        let Err(Error::Invalid(errors)) = list("", &[("next_cursor", cursor)]) else { panic!("{cursor}") };
        assert_eq!(errors[0].path, "?next_cursor");
    }
}

#[test]
fn a_list_of_any_length_is_paged_to_its_end() {
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let params: Vec<(&str, &str)> = cursor.as_deref().map(|cursor| ("next_cursor", cursor)).into_iter().collect();
        let asked = format!("{:?}", list(GROUP, &params));
        let from = seen.len();
        assert!(from == 0 || asked.contains(&format!("\"at {from}+\"")), "{asked}");
        let plans: Vec<Value> = (from..(from + 100).min(2500)).map(|nth| json!({"id": format!("p{nth}"), "title": "t"})).collect();
        let link = format!("https://graph.microsoft.com/v1.0/groups('g')/planner/plans?$skiptoken=at%20{}%2B", from + plans.len());
        let last = from + plans.len() == 2500;
        let (items, next, prev) = page(&json!({"value": plans, "@odata.nextLink": (!last).then_some(link)}).to_string());
        seen.extend(items.into_iter().map(|item| item.body["id"].clone()));
        assert_eq!(prev, None);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..2500).map(|nth| json!(format!("p{nth}"))).collect::<Vec<_>>());
}

#[test]
fn every_plan_of_a_page_stands_at_its_own_place() {
    let body = format!(r#"{{"@odata.count":2,"value":[{PLAN},{{"id":"b","title":"B","@odata.etag":"W/\"b\"","isArchived":true}}]}}"#);
    insta::assert_debug_snapshot!(answered(Operation::List, &[], 200, &body));
    assert_eq!(page(r#"{"value":[]}"#), (vec![], None, None));
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
        let Ok(Step::Finish(Answer::Item(item), _)) = answered(Operation::Update, &[], 200, body) else { panic!("{body}") };
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
    for (status, code, class) in [
        (400, "", Class::Invalid),
        (401, "InvalidAuthenticationToken", Class::Unauthorized),
        (403, "MaximumPlannerPlans", Class::Forbidden),
        (404, "", Class::NotFound),
        (409, "", Class::Conflict),
        (410, "", Class::NotFound),
        (412, "", Class::Stale),
        (423, "locked", Class::Other),
        (429, "TooManyRequests", Class::RateLimited),
        (500, "generalException", Class::Other),
        (503, "serviceNotAvailable", Class::Unavailable),
        (504, "", Class::Unavailable),
        (509, "", Class::Other),
    ] {
        let body = json!({"error": {"code": code, "message": "the words", "innerError": {"request-id": "r", "date": "d"}}}).to_string();
        for (operation, state) in [
            (Operation::List, &[][..]),
            (Operation::Get, &[]),
            (Operation::Create, &[]),
            (Operation::Update, &[]),
            (Operation::Update, READ_BACK),
            (Operation::Delete, &[]),
        ] {
            let Err(Error::Rejected(rejection)) = answered(operation, state, status, &body) else { panic!("{status}") };
            let expected = (class, Some(code).filter(|code| !code.is_empty()), "the words");
            assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), expected, "{status}");
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
        let Err(Error::Rejected(rejection)) = answered(Operation::Update, &[], 429, body) else { panic!("{body}") };
        assert_eq!((rejection.class, rejection.message.as_str()), (Class::RateLimited, message), "{body}");
    }
}

#[test]
fn what_is_no_answer_of_planners_is_unreadable() {
    for (status, body) in [(200, "<html>"), (200, "[]"), (200, "null"), (200, ""), (200, r#"{"id":"#), (503, "<html>")] {
        for (operation, state) in [
            (Operation::List, &[][..]),
            (Operation::Get, &[]),
            (Operation::Create, &[]),
            (Operation::Update, &[]),
            (Operation::Update, READ_BACK),
        ] {
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
