mod errors;
mod pages;

use patchboard_sdk::testing::{self, Resource, Tester, json as json_answer};
use patchboard_sdk::{Error, Exchange, Operation, Request, Response, Step};
use serde_json::{Value, json};

use super::Teamleader;
use crate::module::Module;
use crate::state::{At, State};

const ID: &str = "49b403be-a32e-0901-9b1c-25214f9027c6";
const PROJECTS: Resource = Resource::new("crm", "projects");

fn teamleader(module: &str) -> Tester<Teamleader> {
    Tester::new(&[("module", module)])
}

fn update(fields: &Value) -> Request {
    PROJECTS.update(ID, fields)
}

/// What follows an answer, without what came before it.
fn answered(request: &Request, at: At, module: Module, answer: &Response) -> Result<Step, Error> {
    let state = State::after(0, module, at).encode().unwrap();
    teamleader("auto").answer_to(request, &state, answer)
}

/// An exchange as a text, its state readable.
fn shown(exchange: &Exchange) -> String {
    let state = std::str::from_utf8(testing::state(exchange)).unwrap();
    format!("{:?}", exchange.clone().state([])).replace("state: []", &format!("state: {state}"))
}

/// Every exchange of a request, and what comes of it.
fn played(module: &str, request: &Request, answers: &[(u16, Value)]) -> String {
    let played = teamleader(module).play(request, answers.iter().map(|(status, body)| json_answer(*status, body)));
    let lines: Vec<String> = played.exchanges.iter().map(shown).chain([format!("{:?}", played.end)]).collect();
    lines.join("\n")
}

fn info(data: &Value) -> (u16, Value) {
    (200, json!({"data": data}))
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Teamleader>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
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
        let create = played(module, &PROJECTS.create(&fields), &[(201, json!({"data": {"id": ID}})), info(&project)]);
        insta::assert_snapshot!(format!("create_{name}"), create);
        insta::assert_snapshot!(format!("get_{name}"), played(module, &PROJECTS.get(ID), &[info(&project)]));
        insta::assert_snapshot!(format!("delete_{name}"), played(module, &PROJECTS.delete(ID), &[(204, Value::Null)]));
        insta::assert_snapshot!(format!("list_{name}"), played(module, &PROJECTS.list(&[]), &[info(&json!([project]))]));
    }
}

#[test]
fn an_upsert_is_refused() {
    for module in ["projects-v2", "legacy"] {
        let refused = teamleader(module).map(&PROJECTS.request(Operation::Upsert, Some(ID), &[], &json!({"name": "x"})));
        assert!(matches!(refused, Err(Error::Unsupported(_))));
    }
}

#[test]
fn sixty_four_exchanges_are_made_and_one_more_is_refused_before_the_first_write() {
    let contacts =
        |count: usize| update(&json!({"name": "x", "contact": (0..count).map(|n| json!({"id": n.to_string()})).collect::<Vec<_>>()}));
    let before = json_answer(200, &json!({"data": {"id": ID, "customers": [{"type": "contact", "id": "old"}]}}));
    for (count, fits) in [(60, true), (61, false), (5000, false)] {
        let step = answered(&contacts(count), At::Before, Module::V2, &before);
        match step {
            Ok(Step::Send(exchange)) => assert!(fits && format!("{exchange:?}").contains("update_project"), "{count}"),
            Err(Error::Invalid(errors)) => assert!(!fits && errors[0].path == "/contact", "{count}"),
            other => panic!("{other:?}"),
        }
    }
    // With 64 made there is no look-up left.
    let owner = json_answer(200, &json!({"data": {"id": ID, "owners": [{"type": "user", "id": "u"}]}}));
    for (made, look_up) in [(63, true), (64, false)] {
        let state = State { at: At::Project, module: Module::V2, made }.encode().unwrap();
        let step = teamleader("projects-v2").answer_to(&update(&json!({"name": "x"})), &state, &owner).unwrap();
        assert_eq!(matches!(step, Step::Send(_)), look_up, "{made}");
    }
}

#[test]
fn a_project_too_large_for_the_state_is_answered_without_names() {
    let native = json!({"id": ID, "description": "x".repeat(1 << 20), "owners": [{"type": "user", "id": "u"}]});
    let step = answered(&PROJECTS.get(ID), At::Project, Module::V2, &json_answer(200, &json!({"data": native})));
    assert!(matches!(step, Ok(Step::Finish(..))));
}

#[test]
fn an_amount_keeps_its_digits_through_the_look_ups() {
    let native = r#"{"data":{"id":"p","external_budget":{"amount":12345678901234567890.10},"owners":[{"type":"user","id":"u"}]}}"#;
    let answers = [testing::response(200, native), json_answer(200, &json!({"data": {"first_name": "Ada"}}))];
    let item = testing::item(teamleader("projects-v2").play(&PROJECTS.get(ID), answers).end);
    assert_eq!(item.body["amount"].to_string(), "12345678901234567890.10");
    assert_eq!(item.body["owner"], json!({"id": "u", "name": "Ada"}));
}
