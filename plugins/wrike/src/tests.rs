use std::path::Path;

use patchboard_sdk::{Account, Class, Error, Exchange, Operation, Plugin, Request, Response, Step};
use serde_json::{Value, json};

use super::Wrike;

fn request(id: &str, fields: &Value) -> Request {
    Request {
        model: "ticketing".to_owned(),
        resource: "workspaces".to_owned(),
        operation: Operation::Update,
        id: Some(id.to_owned()),
        params: vec![],
        fields: fields.as_object().unwrap().clone(),
    }
}

fn sent(id: &str, fields: &Value) -> Exchange {
    Wrike::map_request(&Account::default(), &request(id, fields)).unwrap()
}

fn answered(status: u16, body: &str) -> Result<Step, Error> {
    let response = Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    Wrike::map_response(&Account::default(), &request("S", &json!({})), &[], &response)
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
}
