//! What Capsule refuses, and what it cannot have meant.

use patchboard_sdk::testing::response;
use patchboard_sdk::{Class, Error, Response};
use serde_json::{Value, json};

use super::{PROJECTS, answer, goes_on, ok, played, rejected, update};

#[test]
fn capsules_errors_keep_their_words_and_fields() {
    let validation = json!({"message": "Validation Failed", "errors": [
        {"message": "name is required", "resource": "kase", "field": "name"},
        {"message": "party is required", "resource": "kase", "field": "party"},
        {"message": "invalid", "resource": "kase", "field": "expectedCloseOn"},
        {"message": "invalid type for field", "resource": "kase", "field": "field.value"},
        {"message": "owner or team is required", "resource": "kase", "field": "team"}]});
    insta::assert_debug_snapshot!(rejected(&update(&json!({"name": ""})), &[answer(422, &validation)]));
    for (status, body, class, message) in [
        (403, json!({"message": "no"}), Class::Forbidden, "no"),
        (404, json!({"message": "Could not find resource"}), Class::NotFound, "Could not find resource"),
        (405, json!({"message": "Method not allowed"}), Class::Other, "Method not allowed"),
        (429, json!({"error": "rate limit reached"}), Class::RateLimited, "rate limit reached"),
        (500, json!([7]), Class::Other, ""),
        (503, Value::Null, Class::Unavailable, ""),
    ] {
        let rejection = rejected(&update(&json!({"name": "x"})), &[answer(status, &body)]);
        assert_eq!((rejection.class, rejection.message.as_str(), rejection.fields.len()), (class, message, 0), "{status}");
    }
}

#[test]
fn a_wrong_custom_field_is_where_it_was_given() {
    for field in ["value", "definition", "fields", "field.value"] {
        let body = json!({"message": "Validation Failed", "errors": [{"message": "no", "resource": "customField", "field": field}]});
        let path = |fields: &Value| rejected(&update(fields), &[answer(422, &body)]).fields[0].path.clone();
        assert_eq!(path(&json!({"custom_fields": {"926886": 7}})), "/custom_fields", "{field}");
    }
    let body = json!({"message": "Validation Failed", "errors": [{"message": "no", "resource": "customField", "field": "value"}]});
    assert_eq!(rejected(&update(&json!({"name": "N"})), &[answer(422, &body)]).fields[0].path, "/remote_data/value");
}

#[test]
fn the_words_of_a_refused_token_stand_in_a_header() {
    let headers = vec![("www-authenticate".to_owned(), "Bearer error=\"invalid_token\", error_description=\"It expired\"".to_owned())];
    let rejection = rejected(&update(&json!({"name": "x"})), &[Response { headers, ..answer(401, &Value::Null) }]);
    assert_eq!(
        (rejection.class, rejection.code.as_deref(), rejection.message.as_str()),
        (Class::Unauthorized, Some("invalid_token"), "It expired")
    );
}

#[test]
fn a_wrong_main_contact_is_where_it_was_given() {
    let body = json!({"message": "Validation Failed", "errors": [{"message": "party not found", "resource": "kase", "field": "party"}]});
    let fields = |given: Value| rejected(&PROJECTS.create(&given), &[answer(422, &body)]).fields[0].path.clone();
    assert_eq!(fields(json!({"contact": {"id": "1"}})), "/contact");
    assert_eq!(fields(json!({"contact": {"id": "1"}, "account": {"id": "2"}})), "/account");
}

#[test]
fn what_is_no_answer_of_capsules_is_unreadable() {
    for body in ["<html>", "{}", "", r#"{"kase":[]}"#, r#"{"kases":{}}"#, "null"] {
        for request in [update(&json!({"name": "x"})), PROJECTS.list(&[]), update(&json!({"tags": []}))] {
            let (_, end) = played(&request, &[response(200, body)]);
            assert!(matches!(end, Err(Error::Unreadable(_))), "{body}");
        }
    }
    let (_, end) = played(&update(&json!({"name": "x"})), &[response(502, "<html>")]);
    assert!(matches!(end, Err(Error::Unreadable(_))));
    // Without the tags there is no telling what to remove.
    let (_, end) = played(&update(&json!({"tags": []})), &[ok(&json!({"kase": {"id": 1}}))]);
    assert!(matches!(end, Err(Error::Unreadable(_))));
    for id in [".", "..", "a/b", ""] {
        let parties = json!({"parties": [{"id": id}]});
        let (_, end) = played(&update(&json!({"account": {"id": "1"}, "contact": []})), &[ok(&parties)]);
        assert!(matches!(end, Err(Error::Unreadable(_))), "{id}");
    }
    let many = || goes_on(&json!({"definitions": []}));
    let (_, end) = played(&update(&json!({"custom_fields": {"x": 1}})), &[(); 20].map(|()| many()));
    assert!(matches!(end, Err(Error::Unsupported(_))));
}
