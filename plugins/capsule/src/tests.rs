mod collections;
mod contacts;
mod errors;
mod pages;

use patchboard_sdk::testing::{self, Resource, Tester, json as answer};
use patchboard_sdk::{Error, Exchange, Operation, Rejection, Request, Response, Step};
use serde_json::{Value, json};

use super::Capsule;

const ID: &str = "5271516";
const PROJECTS: Resource = Resource::new("crm", "projects");

fn capsule() -> Tester<Capsule> {
    Tester::new(&[])
}

fn update(fields: &Value) -> Request {
    PROJECTS.update(ID, fields)
}

fn ok(body: &Value) -> Response {
    answer(200, body)
}

/// An answer that has a next page.
fn goes_on(body: &Value) -> Response {
    let link = "<https://api.capsulecrm.com/api/v2/kases?page=2&perPage=100&embed=tags,fields>; rel=\"next\"";
    Response { headers: vec![("link".to_owned(), link.to_owned())], ..ok(body) }
}

fn gone() -> Response {
    answer(204, &Value::Null)
}

/// The exchange without its state, which is nobody's but the plugin's.
fn shown(exchange: &Exchange) -> String {
    format!("{:#?}", exchange.clone().state([])).replace("    state: [],\n", "")
}

/// Every native request of a unified one, and what came of it.
fn play(request: &Request, answers: &[Response]) -> String {
    let (transcript, end) = played(request, answers);
    format!("{transcript}{end:#?}")
}

fn played(request: &Request, answers: &[Response]) -> (String, Result<Step, Error>) {
    let played = capsule().play(request, answers.iter().cloned());
    (played.exchanges.iter().map(|exchange| shown(exchange) + "\n").collect(), played.end)
}

fn first(request: &Request) -> String {
    shown(&capsule().map(request).unwrap())
}

fn refused(request: &Request) -> Vec<String> {
    testing::at_fault(capsule().map(request))
}

fn rejected(request: &Request, answers: &[Response]) -> Rejection {
    testing::rejection(played(request, answers).1)
}

fn kase() -> Value {
    json!({"kase": {
        "id": 5_271_516,
        "owner": {"id": 674_197, "deleted": false, "username": "integration.test", "name": "integration.tes1907"},
        "team": null,
        "party": {"id": 254_633_973, "type": "organisation", "name": "Capsule", "pictureURL": "https://example.com/a"},
        "status": "OPEN", "opportunity": {"id": 83948, "name": "Market study"}, "stage": {"name": "Project Brief", "id": 104_607},
        "createdAt": "2025-03-07T23:32:00Z", "updatedAt": "2025-03-08T23:32:00Z",
        "description": "Second round", "name": "Research", "closedOn": null, "lastContactedAt": "2025-03-07T10:00:00Z",
        "expectedCloseOn": "2025-12-09",
        "tags": [{"id": 168_298, "name": "Priority", "dataTag": false}, {"id": 7, "name": "Old", "dataTag": false}],
        "fields": [{"id": 9_785_121, "definition": {"id": 926_886, "name": "Interests"}, "value": "Skiing", "tagId": 168_298}]
    }})
}

/// The same project with another main contact.
fn kase_of(party: &Value) -> Value {
    let mut body = kase();
    body["kase"]["party"] = party.clone();
    body
}

fn scott() -> Value {
    json!({"id": 11587, "type": "person", "firstName": "Scott", "lastName": "Spacey"})
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Capsule>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_update_without_contacts_and_tags_is_one_call() {
    let fields = json!({
        "name": "Research phase 2", "description": "Second round", "status": "closed", "close_date": "2025-12-09T23:30:00-08:00",
        "account": {"id": "254633973", "name": "Capsule"}, "opportunity": [{"id": "83948"}],
        "custom_fields": {"926886": "Skiing", "926887": null, "926888": 1.50, "926889": true}
    });
    insta::assert_snapshot!(play(&update(&fields), &[ok(&kase())]));
}

#[test]
fn what_was_not_given_is_not_sent() {
    insta::assert_snapshot!(first(&update(&json!({}))));
    insta::assert_snapshot!(first(&update(&json!({"close_date": "2025-12-09", "status": "open", "custom_fields": {}}))));
}

#[test]
fn null_clears_where_capsule_can() {
    insta::assert_snapshot!(first(&update(&json!({"description": null, "close_date": null, "opportunity": null}))));
    insta::assert_snapshot!(first(&update(&json!({"opportunity": []}))));
}

#[test]
fn a_close_date_is_a_day_in_utc() {
    for (given, day) in [
        ("2025-12-09", "2025-12-09"),
        ("2025-12-09T23:30:00-08:00", "2025-12-10"),
        ("2025-12-09T00:30:00+02:00", "2025-12-08"),
        ("0001-01-01T00:00:00Z", "0001-01-01"),
    ] {
        let sent = first(&update(&json!({"close_date": given})));
        assert!(sent.contains(&format!("\"expectedCloseOn\": String(\"{day}\")")), "{given}: {sent}");
    }
    for given in ["0000-06-30", "0001-01-01T00:30:00+01:00", "9999-12-31T23:30:00-01:00", "2025-02-30", "soon"] {
        for fields in [json!({"close_date": given}), json!({"close_date": given, "tags": []})] {
            assert_eq!(refused(&update(&fields)), ["/close_date"], "{given}");
        }
    }
}

#[test]
fn an_owner_is_set_by_a_create_alone() {
    assert!(!first(&update(&json!({"owner": {"id": "1"}}))).contains("owner"));
}

#[test]
fn a_project_is_read_and_deleted() {
    insta::assert_snapshot!(play(&PROJECTS.get(ID), &[ok(&kase_of(&scott()))]));
    insta::assert_snapshot!(play(&PROJECTS.delete(ID), &[gone()]));
}

#[test]
fn an_id_is_a_number() {
    for id in ["1,2", "deleted", "a/b c", "", "+5", "-5", "99999999999999999999"] {
        for operation in [Operation::Get, Operation::Update, Operation::Delete] {
            assert_eq!(refused(&PROJECTS.request(operation, Some(id), &[], &json!({}))), ["/id"], "{id}");
        }
    }
    for (fields, path) in [
        (json!({"account": {"id": "x"}}), "/account/id"),
        (json!({"contact": [{"id": "1"}, {"id": "x"}]}), "/contact/1/id"),
        (json!({"contact": {"id": "x"}}), "/contact/id"),
        (json!({"opportunity": [{"id": "x"}]}), "/opportunity/0/id"),
        (json!({"opportunity": {"id": "x"}}), "/opportunity/id"),
        (json!({"opportunity": [{"id": "1"}, {"id": "2"}]}), "/opportunity"),
        (json!({"tags": [{"id": "x"}]}), "/tags/0/id"),
        (json!({"tags": [{"name": " "}]}), "/tags/0"),
        (json!({"custom_fields": {"99999999999999999999": 1}}), "/custom_fields/99999999999999999999"),
    ] {
        assert_eq!(refused(&update(&fields)), [path]);
    }
    assert_eq!(refused(&PROJECTS.create(&json!({"owner": {"id": "x"}}))), ["/owner/id"]);
}

#[test]
fn any_json_is_read() {
    let odd = json!({"kase": {"id": "7", "name": 5, "party": "x", "owner": [], "opportunity": {}, "stage": 1, "tags": [null, {"id": "t"}],
        "status": "paused", "expectedCloseOn": null, "closedOn": "2025-01-02", "createdAt": 3, "updatedAt": "soon"}});
    insta::assert_debug_snapshot!(played(&update(&json!({"name": "x"})), &[ok(&odd)]).1);
    let nameless = json!({"kase": {"party": {"id": 1, "name": "Acme"}, "opportunity": null, "status": "closed"}});
    insta::assert_debug_snapshot!(played(&update(&json!({"name": "x"})), &[ok(&nameless)]).1);
}
