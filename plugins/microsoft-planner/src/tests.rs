use std::path::Path;

use patchboard_sdk::{Account, Class, Error, Exchange, Operation, Plugin, Request, Response, Step};
use serde_json::{Value, json};

use super::{MicrosoftPlanner, request::READ_BACK};

const ID: &str = "xqQg5FS2LkCp935s-FIFm2QAFkHM";
const ETAG: &str = r#"W/"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBAWCc=""#;
const PLAN: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#planner/plans/$entity",
    "@odata.etag":"W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"","createdDateTime":"2015-03-30T18:36:49.2407981Z",
    "owner":"ebf3b108-5234-4e22-b93d-656d7dae5874","title":"title-value","id":"xqQg5FS2LkCp935s-FIFm2QAFkHM",
    "createdBy":{"user":{"displayName":null,"id":"ebf3b108-5234-4e22-b93d-656d7dae5874"}},
    "container":{"containerId":"ebf3b108-5234-4e22-b93d-656d7dae5874","type":"group"}}"#;

fn request(id: &str, etag: Option<&str>, fields: &Value) -> Request {
    Request {
        model: "ticketing".to_owned(),
        resource: "workspaces".to_owned(),
        operation: Operation::Update,
        id: Some(id.to_owned()),
        params: etag.map(|etag| ("etag".to_owned(), etag.to_owned())).into_iter().collect(),
        fields: fields.as_object().unwrap().clone(),
    }
}

fn map(id: &str, etag: Option<&str>, fields: &Value) -> Result<Exchange, Error> {
    MicrosoftPlanner::map_request(&Account::default(), &request(id, etag, fields))
}

fn answered(state: &[u8], status: u16, body: &str) -> Result<Step, Error> {
    let response = Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    MicrosoftPlanner::map_response(&Account::default(), &request(ID, Some(ETAG), &json!({"name": "title-value"})), state, &response)
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    let manifest: Value = serde_json::from_str(MicrosoftPlanner::MANIFEST).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().unwrap().to_str().unwrap();
    assert_eq!((&manifest["name"], &manifest["version"]), (&json!(folder), &json!(env!("CARGO_PKG_VERSION"))));
}

#[test]
fn an_update_is_a_patch_that_asks_for_the_plan() {
    insta::assert_debug_snapshot!(map(ID, Some(ETAG), &json!({"name": "title-value"})));
}

#[test]
fn what_was_not_given_is_not_sent() {
    insta::assert_debug_snapshot!(map(ID, Some(ETAG), &json!({})));
}

#[test]
fn an_id_of_any_characters_stays_one_segment() {
    insta::assert_debug_snapshot!(map("a/b?c#d e+é%", Some(ETAG), &json!({})));
}

#[test]
fn an_etag_that_no_header_can_hold_is_the_callers_fault() {
    for etag in [None, Some("W/\"a\"\r\nX-Other: b"), Some("\"é\""), Some("\u{7f}")] {
        let Err(Error::Invalid(errors)) = map(ID, etag, &json!({"name": "x"})) else { panic!("{etag:?}") };
        assert_eq!(errors[0].path, "/etag");
    }
}

#[test]
fn a_plan_is_a_workspace() {
    insta::assert_debug_snapshot!(answered(&[], 200, PLAN));
}

#[test]
fn a_plan_is_active_unless_it_is_archived() {
    for (body, status) in
        [(r#"{"isArchived":true}"#, "inactive"), (r#"{"isArchived":false}"#, "active"), (r#"{"isArchived":null}"#, "active")]
    {
        let Ok(Step::Finish(patchboard_sdk::Answer::Item(item), _)) = answered(&[], 200, body) else { panic!("{body}") };
        assert_eq!((&item.body["status"], &item.body["id"], item.etag), (&json!(status), &json!(ID), None), "{body}");
    }
}

#[test]
fn an_answer_without_a_body_is_read_back() {
    insta::assert_debug_snapshot!(answered(&[], 204, ""));
}

#[test]
fn the_plan_that_was_read_back_is_the_second_answer() {
    insta::assert_debug_snapshot!(answered(READ_BACK, 200, PLAN));
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
        for state in [&[], READ_BACK] {
            let Err(Error::Rejected(rejection)) = answered(state, status, &body) else { panic!("{status}") };
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
        let Err(Error::Rejected(rejection)) = answered(&[], 429, body) else { panic!("{body}") };
        assert_eq!((rejection.class, rejection.message.as_str()), (Class::RateLimited, message), "{body}");
    }
}

#[test]
fn what_is_no_answer_of_planners_is_unreadable() {
    for (status, body) in [(200, "<html>"), (200, "[]"), (200, "null"), (200, ""), (200, r#"{"id":"#), (503, "<html>")] {
        for state in [&[], READ_BACK] {
            assert!(matches!(answered(state, status, body), Err(Error::Unreadable(_))), "{body}");
        }
    }
}
