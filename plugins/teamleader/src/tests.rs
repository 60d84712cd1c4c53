mod errors;
mod pages;

use std::path::Path;

use patchboard_sdk::{Account, Error, Exchange, Operation, Plugin, Request, Response, Step};
use serde_json::{Value, json};

use super::Teamleader;
use crate::module::Module;
use crate::state::{At, State};

const ID: &str = "49b403be-a32e-0901-9b1c-25214f9027c6";

fn account(module: &str) -> Account {
    Account { settings: vec![("module".to_owned(), module.to_owned())] }
}

fn request(operation: Operation, fields: &Value) -> Request {
    let names = !matches!(operation, Operation::List | Operation::Create);
    Request {
        model: "crm".to_owned(),
        resource: "projects".to_owned(),
        operation,
        id: names.then(|| ID.to_owned()),
        params: vec![],
        fields: fields.as_object().unwrap().clone(),
    }
}

fn update(fields: &Value) -> Request {
    request(Operation::Update, fields)
}

fn json_answer(status: u16, body: &Value) -> Response {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Response { status, headers: vec![], body }
}

/// What follows an answer, without what came before it.
fn answered(request: &Request, at: At, module: Module, rest: Value, answer: &Response) -> Result<Step, Error> {
    let state = State::new(at, module, 1).with(rest).encode().unwrap();
    Teamleader::map_response(&Account::default(), request, &state, answer)
}

/// An exchange as a text, its state readable, and that state.
fn shown(exchange: &Exchange) -> (String, Vec<u8>) {
    let text = format!("{exchange:?}");
    let (before, rest) = text.split_once("state: [").unwrap();
    let (bytes, after) = rest.split_once(']').unwrap();
    let state: Vec<u8> = bytes.split(", ").map(|byte| byte.parse().unwrap()).collect();
    (format!("{before}state: {}{after}", String::from_utf8(state.clone()).unwrap()), state)
}

/// Every exchange of a request, and what comes of it.
fn played(module: &str, request: &Request, answers: &[(u16, Value)]) -> String {
    let mut lines = Vec::new();
    let mut next = Teamleader::map_request(&account(module), request).unwrap();
    for (status, body) in answers {
        let (text, state) = shown(&next);
        lines.push(text);
        match Teamleader::map_response(&account(module), request, &state, &json_answer(*status, body)) {
            Ok(Step::Send(exchange)) => next = *exchange,
            other => {
                lines.push(format!("{other:?}"));
                break;
            }
        }
    }
    lines.join("\n")
}

fn info(data: &Value) -> (u16, Value) {
    (200, json!({"data": data}))
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    let manifest: Value = serde_json::from_str(Teamleader::MANIFEST).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().unwrap().to_str().unwrap();
    assert_eq!((&manifest["name"], &manifest["version"]), (&json!(folder), &json!(env!("CARGO_PKG_VERSION"))));
}

#[test]
fn an_update_reads_writes_adds_removes_reads_back_and_looks_up() {
    let fields = json!({"name": "Website", "description": null, "account": {"id": "c1"}, "contact": [{"id": "k1"}], "opportunity": [],
        "owner": {"id": "u1"}, "amount": 12.50});
    let customer = |kind: &str, id: &str| json!({"type": kind, "id": id});
    let before = json!({"id": ID, "title": "Site", "customers": [customer("company", "c2"), customer("contact", "k2")],
        "deals": [{"type": "deal", "id": "d2"}], "owners": [{"type": "user", "id": "u2"}], "external_budget": null});
    let after = json!({"id": ID, "title": "Website", "status": "open", "customers": [customer("company", "c1"), customer("contact", "k1")],
        "owners": [{"type": "user", "id": "u1"}], "external_budget": {"amount": 12.50, "currency": "EUR"}});
    let done = || (204, Value::Null);
    let answers = [
        (200, json!({"data": {"status": "projects-v2"}})),
        info(&before),
        done(),
        done(),
        done(),
        done(),
        done(),
        done(),
        done(),
        done(),
        info(&after),
        info(&json!({"first_name": "Erlich", "last_name": "Bachman"})),
        info(&json!({"name": "Pied Piper"})),
        (404, json!({"errors": [{"title": "Not found"}]})),
    ];
    insta::assert_snapshot!(played("auto", &update(&fields), &answers));
}

#[test]
fn an_update_in_the_legacy_module_sets_one_customer_and_one_decision_maker() {
    let fields = json!({"name": "Website", "contact": {"id": "k1"}, "owner": {"id": "u1"}, "amount": 5, "currency": "EUR"});
    let role = |id: &str, role: &str| json!({"participant": {"type": "user", "id": id}, "role": role});
    let before = json!({"id": ID, "participants": [role("u2", "decision_maker"), role("u3", "member")]});
    let after = json!({"id": ID, "title": "Website", "status": "on_hold", "customer": {"type": "contact", "id": "k1"},
        "participants": [role("u2", "member"), role("u1", "decision_maker")], "due_on": "2016-10-14"});
    let done = || (204, Value::Null);
    let answers = [info(&before), done(), done(), done(), info(&after), info(&json!({"first_name": " Erlich "})), info(&json!({}))];
    insta::assert_snapshot!(played("legacy", &update(&fields), &answers));
}

#[test]
fn every_other_operation_is_one_call_of_either_module_and_what_follows() {
    let fields = json!({"name": "Website", "account": {"id": "c1"}, "owner": {"id": "u1"}});
    let project = json!({"id": ID, "title": "Website"});
    for (module, name) in [("projects-v2", "v2"), ("legacy", "legacy")] {
        let create = played(module, &request(Operation::Create, &fields), &[(201, json!({"data": {"id": ID}})), info(&project)]);
        insta::assert_snapshot!(format!("create_{name}"), create);
        insta::assert_snapshot!(format!("get_{name}"), played(module, &request(Operation::Get, &json!({})), &[info(&project)]));
        insta::assert_snapshot!(format!("delete_{name}"), played(module, &request(Operation::Delete, &json!({})), &[(204, Value::Null)]));
        insta::assert_snapshot!(format!("list_{name}"), played(module, &request(Operation::List, &json!({})), &[info(&json!([project]))]));
    }
}

#[test]
fn an_upsert_is_refused() {
    for module in ["projects-v2", "legacy"] {
        let refused = Teamleader::map_request(&account(module), &request(Operation::Upsert, &json!({"name": "x"})));
        assert!(matches!(refused, Err(Error::Unsupported(_))));
    }
}

#[test]
fn sixty_four_exchanges_are_made_and_one_more_is_refused_before_the_first_write() {
    let contacts =
        |count: usize| update(&json!({"name": "x", "contact": (0..count).map(|n| json!({"id": n.to_string()})).collect::<Vec<_>>()}));
    let before = json_answer(200, &json!({"data": {"id": ID, "customers": [{"type": "contact", "id": "old"}]}}));
    for (count, fits) in [(60, true), (61, false), (5000, false)] {
        let step = answered(&contacts(count), At::Before, Module::V2, Value::Null, &before);
        match step {
            Ok(Step::Send(exchange)) => assert!(fits && format!("{exchange:?}").contains("update_project"), "{count}"),
            Err(Error::Invalid(errors)) => assert!(!fits && errors[0].path == "/contact", "{count}"),
            other => panic!("{other:?}"),
        }
    }
    // With 64 made there is no look-up left.
    let owner = json_answer(200, &json!({"data": {"id": ID, "owners": [{"type": "user", "id": "u"}]}}));
    for (made, look_up) in [(63, true), (64, false)] {
        let state = State::new(At::Project, Module::V2, made).encode().unwrap();
        let step = Teamleader::map_response(&account("projects-v2"), &update(&json!({"name": "x"})), &state, &owner).unwrap();
        assert_eq!(matches!(step, Step::Send(_)), look_up, "{made}");
    }
}

#[test]
fn a_project_too_large_for_the_state_is_answered_without_names() {
    let native = json!({"id": ID, "description": "x".repeat(1 << 20), "owners": [{"type": "user", "id": "u"}]});
    let step =
        answered(&request(Operation::Get, &json!({})), At::Project, Module::V2, Value::Null, &json_answer(200, &json!({"data": native})));
    assert!(matches!(step, Ok(Step::Finish(..))));
}
