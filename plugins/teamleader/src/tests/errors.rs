//! What Teamleader refuses, and what it cannot have meant.

use patchboard_sdk::testing::{self, ERRORS};
use patchboard_sdk::{Error, Rejection, Response};
use serde_json::{Value, json};

use super::{PROJECTS, answered, json_answer, teamleader, update};
use crate::flow::Writing;
use crate::module::Module;
use crate::state::{At, State};

/// Every stage but that of names, where an error costs a name alone.
fn stages() -> [At; 7] {
    [At::Module, At::Before, At::Write(Writing::default()), At::Created, At::Project, At::Page, At::Deleted]
}

fn answer(at: At, module: Module, answer: &Response) -> Result<patchboard_sdk::Step, Error> {
    answered(&update(&json!({"name": "x"})), at, module, answer)
}

fn rejected(at: At, status: u16, body: &Value) -> Rejection {
    testing::rejection(answer(at, Module::V2, &json_answer(status, body)))
}

#[test]
fn teamleaders_errors_keep_their_words_at_every_stage() {
    for at in stages() {
        for (status, class) in ERRORS {
            let rejection = rejected(at.clone(), status, &json!({"errors": [{"title": "the words"}, {"title": "more"}]}));
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
        let rejection = rejected(At::Project, 400, &body);
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
        let rejection = rejected(At::Write(Writing::default()), 400, &json!({"errors": [{"title": "no", "meta": {"field": native}}]}));
        assert_eq!(rejection.fields.first().map(|field| field.path.as_str()), path, "{native}");
    }
    let rejection =
        rejected(At::Write(Writing { field: "/contact".to_owned(), next: vec![] }), 404, &json!({"errors": [{"title": "Not found"}]}));
    assert_eq!((rejection.fields[0].path.as_str(), rejection.fields[0].message.as_str()), ("/contact", "Not found"));
}

#[test]
fn what_is_no_answer_of_teamleaders_is_unreadable() {
    for body in ["<html>", "", "{}", "[]", "7", "null", r#"{"data":7}"#, r#"{"data":null}"#, r#"{"data":["x"]}"#, r#"{"data":{"#] {
        for at in [At::Module, At::Before, At::Created, At::Project, At::Page] {
            for module in [Module::V2, Module::Legacy] {
                let step = answer(at.clone(), module, &testing::response(200, body));
                assert!(matches!(step, Err(Error::Unreadable(_))), "{at:?} {body}: {step:?}");
            }
        }
    }
    for at in stages() {
        let step = answer(at.clone(), Module::V2, &testing::response(503, "<html>"));
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
                    assert!(answered(&update(&all), at, module, &json_answer(200, &native)).is_ok(), "{native}");
                }
                let page = json!({"data": [{*member: value}], "meta": value});
                assert!(answered(&PROJECTS.list(&[]), At::Page, module, &json_answer(200, &page)).is_ok());
            }
        }
    }
}

#[test]
fn a_state_of_another_is_refused() {
    let known = r#"{"body":{},"nth":1,"next":["/owner"]}"#;
    let state = |at: &str| format!(r#"{{"at":{at},"module":"projects-v2","made":3}}"#);
    let name = |known: &str| state(&format!(r#"{{"name":{known}}}"#));
    let whole = State::decode(name(known).as_bytes()).unwrap();
    assert_eq!(whole.encode().unwrap(), name(known).into_bytes());
    let refused = ["", "{}", "7", r#"{"at":"page","module":"elsewhere","made":1}"#, r#"{"at":{"name":{"body"#, &state(r#""nowhere""#)];
    let of_its_stage = [r#""name""#, r#"{"name":{}}"#, r#"{"write":{"field":""}}"#].map(state);
    let of_names = [r#"{"body":{},"nth":-1,"next":[]}"#, r#"{"body":7,"nth":1,"next":[]}"#].map(name);
    for state in refused.into_iter().chain(of_its_stage.iter().chain(&of_names).map(String::as_str)) {
        let step = teamleader("auto").answer_to(&update(&json!({})), state.as_bytes(), &json_answer(200, &json!({})));
        assert!(matches!(step, Err(Error::Unsupported(_))), "{state}: {step:?}");
    }
}
