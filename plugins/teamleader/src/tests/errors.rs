//! What Teamleader refuses, and what it cannot have meant.

use patchboard_sdk::{Account, Class, Error, Operation, Plugin, Response};
use serde_json::{Value, json};

use super::{answered, json_answer, request, update};
use crate::Teamleader;
use crate::module::Module;
use crate::state::{At, State};

/// Every stage but that of names, where an error costs a name alone.
const STAGES: [At; 7] = [At::Module, At::Before, At::Write, At::Created, At::Project, At::Page, At::Deleted];

/// What the update itself leaves behind.
fn no_writes() -> Value {
    json!({"field": "", "next": []})
}

fn rejected(at: At, rest: Value, status: u16, body: &Value) -> patchboard_sdk::Rejection {
    let step = answered(&update(&json!({"name": "x"})), at, Module::V2, rest, &json_answer(status, body));
    let Err(Error::Rejected(rejection)) = step else { panic!("{at:?} {body}: {step:?}") };
    rejection
}

#[test]
fn teamleaders_errors_keep_their_words_at_every_stage() {
    for at in STAGES {
        for (status, class) in [
            (400, Class::Invalid),
            (401, Class::Unauthorized),
            (403, Class::Forbidden),
            (404, Class::NotFound),
            (429, Class::RateLimited),
            (500, Class::Other),
            (503, Class::Unavailable),
        ] {
            let rejection = rejected(at, no_writes(), status, &json!({"errors": [{"title": "the words"}, {"title": "more"}]}));
            assert_eq!((rejection.class, rejection.message.as_str(), rejection.code), (class, "the words; more", None));
        }
    }
}

#[test]
fn an_error_of_any_form_is_an_error() {
    for (body, code, message) in [
        (json!({"errors": [{"title": "no", "code": 17, "status": 400}]}), Some("17"), "no"),
        (json!({"errors": [{"title": "no"}, {"code": "x"}]}), Some("x"), "no"),
        (json!({"errors": ["no"]}), None, "no"),
        (json!({"errors": [{"title": null, "meta": {"field": 7}}, 7, null]}), None, ""),
        (json!({"errors": "no"}), None, ""),
        (json!({"errors": []}), None, ""),
        (json!({}), None, ""),
        (json!([1]), None, ""),
        (json!("no"), None, ""),
    ] {
        let rejection = rejected(At::Project, Value::Null, 400, &body);
        assert_eq!((rejection.code.as_deref(), rejection.message.as_str(), rejection.fields.len()), (code, message, 0), "{body}");
    }
}

#[test]
fn a_field_that_teamleader_names_is_the_unified_one() {
    for (native, path) in [
        ("title", Some("/name")),
        ("description", Some("/description")),
        ("external_budget", Some("/amount")),
        ("external_budget.amount", Some("/amount")),
        ("/external_budget/currency", Some("/currency")),
        ("budget.currency", Some("/currency")),
        ("deal_ids[0]", Some("/opportunity")),
        ("owner_ids.0", Some("/owner")),
        ("titles", None),
        ("end_date", None),
        ("", None),
    ] {
        let rejection = rejected(At::Write, no_writes(), 400, &json!({"errors": [{"title": "no", "meta": {"field": native}}]}));
        assert_eq!(rejection.fields.first().map(|field| field.path.as_str()), path, "{native}");
    }
    let rejection = rejected(At::Write, json!({"field": "/contact", "next": []}), 404, &json!({"errors": [{"title": "Not found"}]}));
    assert_eq!((rejection.fields[0].path.as_str(), rejection.fields[0].message.as_str()), ("/contact", "Not found"));
}

#[test]
fn what_is_no_answer_of_teamleaders_is_unreadable() {
    for body in ["<html>", "", "{}", "[]", "7", "null", r#"{"data":7}"#, r#"{"data":null}"#, r#"{"data":["x"]}"#, r#"{"data":{"#] {
        for at in [At::Module, At::Before, At::Created, At::Project, At::Page] {
            for module in [Module::V2, Module::Legacy] {
                let response = Response { status: 200, headers: vec![], body: body.as_bytes().to_vec() };
                let step = answered(&update(&json!({"name": "x"})), at, module, Value::Null, &response);
                assert!(matches!(step, Err(Error::Unreadable(_))), "{at:?} {body}: {step:?}");
            }
        }
    }
    for at in STAGES {
        let response = Response { status: 503, headers: vec![], body: b"<html>".to_vec() };
        let step = answered(&update(&json!({"name": "x"})), at, Module::V2, no_writes(), &response);
        assert!(matches!(step, Err(Error::Unreadable(_))), "{at:?}");
    }
}

#[test]
fn values_of_any_type_are_read_without_a_panic() {
    let values =
        [json!(null), json!(7), json!("x"), json!(true), json!([]), json!([null, 7, [[]]]), json!({}), json!({"id": {}, "type": []})];
    let members =
        ["id", "title", "description", "status", "customers", "customer", "deals", "owners", "source", "participants", "external_budget"];
    let all = json!({"name": "x", "account": null, "contact": [], "opportunity": null, "owner": {"id": "u"}, "amount": 1});
    for value in &values {
        for member in members.iter().chain(&["budget", "end_date", "due_on", "created_at"]) {
            for module in [Module::V2, Module::Legacy] {
                let native = json!({"data": {*member: value}});
                for at in [At::Before, At::Project] {
                    assert!(answered(&update(&all), at, module, Value::Null, &json_answer(200, &native)).is_ok(), "{native}");
                }
                let page = json!({"data": [{*member: value}], "meta": value});
                assert!(answered(&request(Operation::List, &json!({})), At::Page, module, Value::Null, &json_answer(200, &page)).is_ok());
            }
        }
    }
}

#[test]
fn a_state_of_another_is_refused() {
    let whole = State::new(At::Name, Module::V2, 3).with(json!({"body": {}, "nth": 1, "next": ["/owner"]})).encode().unwrap();
    assert!(Teamleader::map_response(&Account::default(), &update(&json!({})), &whole, &json_answer(200, &json!({}))).is_ok());
    for state in [&b""[..], b"{}", b"7", br#"{"at":"nowhere","module":"legacy","made":1,"rest":null}"#, &whole[..20]] {
        let step = Teamleader::map_response(&Account::default(), &update(&json!({})), state, &json_answer(200, &json!({})));
        assert!(matches!(step, Err(Error::Unsupported(_))));
    }
    for rest in [Value::Null, json!({}), json!({"body": {}, "nth": -1, "next": []}), json!({"body": 7, "nth": 1, "next": []})] {
        let step = answered(&update(&json!({})), At::Name, Module::V2, rest, &json_answer(200, &json!({})));
        assert!(matches!(step, Err(Error::Unsupported(_))));
    }
}
