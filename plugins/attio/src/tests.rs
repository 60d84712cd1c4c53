use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Answer, Class, Error, Exchange, Operation, Request, Step};
use serde_json::{Map, Value, json};

use super::{
    Attio,
    request::{FIND, FOUND},
};

const ID: &str = "bf071e1f-6035-429d-b874-d83ea64ea13b";
const BY_RECORD: &str = "record_id";
const BY_WORKSPACE: &str = "workspace_id";
/// The example of <https://docs.attio.com/rest-api/endpoint-reference/workspaces/upsert-a-workspace-record>.
const RECORD: &str = include_str!("tests/record.json");
const WORKSPACES: Resource = Resource::new("ticketing", "workspaces");

fn attio(id_mode: &str) -> Tester<Attio> {
    Tester::new(&[("id_mode", id_mode)])
}

fn update(fields: &Value) -> Result<Exchange, Error> {
    attio(BY_RECORD).map(&WORKSPACES.update(ID, fields))
}

fn upsert(params: &[(&str, &str)], fields: &Value) -> Result<Exchange, Error> {
    attio(BY_RECORD).map(&WORKSPACES.upsert(params, fields))
}

fn list(params: &[(&str, &str)]) -> Result<Exchange, Error> {
    attio(BY_RECORD).map(&WORKSPACES.list(params))
}

/// A request without fields, whatever the operation.
fn bare(operation: Operation, id: Option<&str>) -> Request {
    WORKSPACES.request(operation, id, &[], &json!({}))
}

fn answered(id_mode: &str, request: &Request, state: &[u8], status: u16, body: &str) -> Result<Step, Error> {
    attio(id_mode).answer_to(request, state, &testing::response(status, body))
}

fn got(body: &str) -> Map<String, Value> {
    testing::item(attio(BY_RECORD).answer(&WORKSPACES.get("r"), 200, body)).body
}

fn refused(mapped: Result<Exchange, Error>) -> String {
    testing::at_fault(mapped).remove(0)
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Attio>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_update_of_single_values_is_a_patch() {
    insta::assert_debug_snapshot!(update(&json!({"name": "Customer.com"})));
    insta::assert_debug_snapshot!(update(&json!({"custom_fields": {"avatar_url": "https://example.com/a.png"}})));
    insta::assert_debug_snapshot!(update(&json!({})));
}

#[test]
fn an_update_of_what_may_hold_several_values_is_a_put() {
    let users = json!([{"target_object": "users", "target_record_id": "5e3fb280-007b-495a-a530-9354bde01de1"}]);
    insta::assert_debug_snapshot!(update(&json!({"name": "Customer.com", "custom_fields": {"users": users}})));
    for fields in [
        json!({"tags": ["a", "b"]}),
        json!({"tags": ["a"]}),
        json!({"tags": "a"}),
        json!({"tags": []}),
        json!({"tags": null}),
        json!({"company": null}),
    ] {
        let sent = format!("{:?}", update(&json!({"custom_fields": fields})));
        assert!(sent.contains("overwrite_record") && sent.contains("\"PUT\""), "{fields}");
    }
}

#[test]
fn null_is_an_empty_list_of_values() {
    insta::assert_debug_snapshot!(update(&json!({"custom_fields": {"company": null, "tags": []}})));
}

#[test]
fn an_update_does_not_change_the_workspaces_own_id() {
    assert_eq!(refused(update(&json!({"name": "x", "custom_fields": {"workspace_id": "124"}}))), "/custom_fields/workspace_id");
    assert_eq!(refused(update(&json!({"custom_fields": {"name": "x"}}))), "/custom_fields/name");
    let searched = WORKSPACES.update("123", &json!({"custom_fields": {"workspace_id": "124"}}));
    assert_eq!(refused(attio(BY_WORKSPACE).map(&searched)), "/custom_fields/workspace_id");
}

#[test]
fn an_upsert_asserts_by_the_matching_attribute() {
    let fields = json!({"name": "Customer.com", "custom_fields": {"workspace_id": "123", "avatar_url": "https://example.com/avatar.png"}});
    insta::assert_debug_snapshot!(upsert(&[], &fields));
    insta::assert_debug_snapshot!(upsert(
        &[("matching_attribute", "domain")],
        &json!({"custom_fields": {"domain": ["a.example", "b.example"]}})
    ));
    assert!(upsert(&[("matching_attribute", "name")], &json!({"name": "x"})).is_ok());
}

#[test]
fn an_upsert_needs_the_matching_attributes_value() {
    for (params, fields, path) in [
        (&[][..], json!({"name": "x"}), "/custom_fields/workspace_id"),
        (&[], json!({"custom_fields": {"workspace_id": null}}), "/custom_fields/workspace_id"),
        (&[], json!({"custom_fields": {"workspace_id": ""}}), "/custom_fields/workspace_id"),
        (&[], json!({"custom_fields": {"workspace_id": [null]}}), "/custom_fields/workspace_id"),
        (&[("matching_attribute", "a/b~c")], json!({"custom_fields": {"workspace_id": "1"}}), "/custom_fields/a~1b~0c"),
        (&[("matching_attribute", "name")], json!({"custom_fields": {"workspace_id": "1"}}), "/name"),
        (&[("matching_attribute", "")], json!({"custom_fields": {"workspace_id": "1"}}), "?matching_attribute"),
    ] {
        assert_eq!(refused(upsert(params, &fields)), path, "{fields}");
    }
}

#[test]
fn a_new_record_has_its_values_as_arrays() {
    let fields = json!({"name": "Customer.com", "custom_fields": {"workspace_id": "123", "company": null, "tags": []}});
    insta::assert_debug_snapshot!(attio(BY_RECORD).map(&WORKSPACES.create(&fields)));
}

#[test]
fn a_record_is_got_and_deleted_by_its_id() {
    for operation in [Operation::Get, Operation::Delete] {
        insta::assert_debug_snapshot!(attio(BY_RECORD).map(&bare(operation, Some("a/b?c#d e+é%"))));
    }
    assert_eq!(attio(BY_RECORD).answer(&WORKSPACES.delete(ID), 200, "{}"), Ok(Answer::Deleted(None).into()));
}

#[test]
fn the_customers_own_id_is_searched_for_first() {
    for operation in [Operation::Get, Operation::Update, Operation::Delete] {
        let wanted = Exchange::post("find_record", "/v2/objects/workspaces/records/query")
            .json(json!({"filter": {"workspace_id": "123"}, "limit": 1}))
            .state(FIND);
        let asked = WORKSPACES.request(operation, Some("123"), &[], &json!({"name": "x"}));
        assert_eq!(attio(BY_WORKSPACE).map(&asked), Ok(wanted));
        let record: Value = serde_json::from_str(RECORD).unwrap();
        let found = json!({"data": [record["data"]]}).to_string();
        insta::assert_debug_snapshot!(answered(BY_WORKSPACE, &asked, FIND, 200, &found));
    }
}

#[test]
fn what_is_searched_for_and_not_found_is_a_404() {
    let other = r#"{"data":[{"id":{"record_id":"r"},"values":{"workspace_id":[{"value":"124"}]}}]}"#;
    for body in [r#"{"data":[]}"#, other, r#"{"data":[7]}"#] {
        for operation in [Operation::Get, Operation::Update, Operation::Delete] {
            let rejection = testing::rejection(answered(BY_WORKSPACE, &bare(operation, Some("123")), FIND, 200, body));
            assert_eq!((rejection.class, rejection.code.as_deref()), (Class::NotFound, Some("not_found")));
        }
    }
}

#[test]
fn a_record_is_a_workspace() {
    let by_id = attio(BY_RECORD).answer(&WORKSPACES.get(ID), 200, RECORD);
    insta::assert_debug_snapshot!(by_id);
    insta::assert_debug_snapshot!(answered(BY_WORKSPACE, &WORKSPACES.get("123"), FOUND, 200, RECORD));
    for operation in [Operation::Create, Operation::Upsert] {
        assert_eq!(attio(BY_RECORD).answer(&bare(operation, None), 200, RECORD), by_id);
    }
}

#[test]
fn the_value_that_is_not_over_is_the_value() {
    let body = json!({"data": {"id": {"record_id": "r"}, "values": {
        "name": [{"value": "old", "active_until": "2024-01-01T00:00:00.000000000Z"}, {"value": "new", "active_until": null}],
        "former": [{"value": 1, "active_until": "2024-01-01T00:00:00.000000000Z"}],
        "none": []
    }}});
    let body = got(&body.to_string());
    assert_eq!(Value::Object(body), json!({"id": "r", "name": "new", "custom_fields": {"former": 1}}));
}

#[test]
fn custom_fields_are_what_would_be_written() {
    let value = |kind: &str, value: Value| {
        let mut members = json!({"active_from": "2023-01-01T15:00:00.000000000Z", "active_until": null,
            "created_by_actor": {"type": "system", "id": null}, "attribute_type": kind});
        members.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        json!([members])
    };
    let values = json!({
        "seats": value("number", json!({"value": 17})),
        "arr": value("currency", json!({"currency_value": 99, "currency_code": "USD"})),
        "tags": value("select", json!({"option": {"id": {"option_id": "o"}, "title": "Gold", "is_archived": false}})),
        "stage": value("status", json!({"status": {"id": {"status_id": "s"}, "title": "Trial"}})),
        "domains": value("domain", json!({"domain": "app.attio.com", "root_domain": "attio.com"})),
        "mails": value("email-address", json!({"email_address": "a@attio.com", "email_domain": "attio.com"})),
        "owner": value("actor-reference", json!({"referenced_actor_type": "workspace-member", "referenced_actor_id": "m"})),
        "odd": 7,
        "nothing": null
    });
    let body = got(&json!({"data": {"values": values}}).to_string());
    insta::assert_debug_snapshot!(body);
}

#[test]
fn dates_keep_their_nanoseconds() {
    let created = |date: &str| got(&json!({"data": {"created_at": date}}).to_string())["created_at"].clone();
    assert_eq!(created("2022-11-21T13:22:49.061281123Z"), "2022-11-21T13:22:49.061281123Z");
    assert_eq!(created("2022-11-21T13:22:49.061281000Z"), "2022-11-21T13:22:49.061281Z");
}

#[test]
fn what_was_not_cleared_is_a_warning() {
    let asked = WORKSPACES.update(ID, &json!({"custom_fields": {"company": null, "tags": [], "avatar_url": "x"}}));
    let Ok(Step::Finish(_, warnings)) = attio(BY_RECORD).answer(&asked, 200, RECORD) else { panic!() };
    assert_eq!(
        warnings.iter().map(|w| (w.path.as_str(), w.reason.as_str())).collect::<Vec<_>>(),
        [("/custom_fields/company", "not_cleared")]
    );
}

#[test]
fn a_list_is_a_query() {
    insta::assert_debug_snapshot!(list(&[]));
    insta::assert_debug_snapshot!(list(&[("limit", "20")]));
}

#[test]
fn a_cursor_keeps_its_page_size() {
    let page = |offset: usize, limit: usize| {
        Exchange::post("list_records", "/v2/objects/workspaces/records/query").json(json!({"limit": limit, "offset": offset})).answers()
    };
    assert_eq!(list(&[("limit", "50"), ("next_cursor", "40:20")]), Ok(page(40, 20)));
    assert_eq!(list(&[("limit", "501"), ("next_cursor", "")]), Ok(page(0, 500)));
    assert_eq!(list(&[("limit", "99999999999999999999999")]), Ok(page(0, 500)));
    for cursor in ["x", "1", ":", "1:0", "-1:5", "1:501", "1:2:3", "99999999999999999999999:5"] {
        assert_eq!(refused(list(&[("next_cursor", cursor)])), "?next_cursor", "{cursor}");
    }
}

#[test]
fn a_list_of_any_length_is_paged_to_its_end_and_back() {
    let pages = testing::walk(|cursor| {
        let offset: usize = cursor.map_or(0, |cursor| cursor.split_once(':').unwrap().0.parse().unwrap());
        let records: Vec<Value> = (offset..(offset + 500).min(2500)).map(|nth| json!({"id": {"record_id": format!("r{nth}")}})).collect();
        let asked = WORKSPACES.list(&[("next_cursor", cursor.unwrap_or_default())]);
        attio(BY_RECORD).answer(&asked, 200, json!({"data": records}).to_string())
    });
    assert_eq!(pages.concat(), (0..2500).map(|nth| format!("r{nth}")).collect::<Vec<_>>());
    // Of 2500 the last page of 500 is full: only an empty one says that it was the last.
    assert_eq!(pages.len(), 6);
}

#[test]
fn every_record_of_a_page_stands_at_its_own_place() {
    let record: Value = serde_json::from_str(RECORD).unwrap();
    let body = json!({"data": [record["data"], {"id": {"record_id": "r"}}]}).to_string();
    insta::assert_debug_snapshot!(attio(BY_RECORD).answer(&WORKSPACES.list(&[]), 200, body));
}

#[test]
fn attios_errors_keep_their_code_and_words() {
    let code = "missing_value";
    for (status, class) in ERRORS {
        let body = json!({"status_code": status, "type": "invalid_request_error", "code": code, "message": "the words"}).to_string();
        for operation in [Operation::List, Operation::Get, Operation::Create, Operation::Update, Operation::Upsert, Operation::Delete] {
            for state in [&[], FIND, FOUND] {
                let rejection = testing::rejection(answered(BY_RECORD, &bare(operation, Some(ID)), state, status, &body));
                assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), (class, Some(code), "the words"));
            }
        }
    }
    let wordless = testing::rejection(attio(BY_RECORD).answer(&WORKSPACES.get(ID), 404, "{}"));
    assert_eq!((wordless.class, wordless.code, wordless.message.as_str()), (Class::NotFound, None, ""));
}

#[test]
fn what_is_no_answer_of_attios_is_unreadable() {
    for (operation, state, status, body) in [
        (Operation::Get, &[][..], 200, "<html>"),
        (Operation::Get, &[], 200, ""),
        (Operation::Update, &[], 200, "{}"),
        (Operation::Update, &[], 200, r#"{"data":[]}"#),
        (Operation::Create, &[], 200, r#"{"data":{}}"#),
        (Operation::List, &[], 200, r#"{"data":{}}"#),
        (Operation::List, &[], 200, r#"{"data":[7]}"#),
        (Operation::Get, FIND, 200, "{}"),
        (Operation::Get, FIND, 200, r#"{"data":[{"id":{"record_id":".."},"values":{"workspace_id":[{"value":"123"}]}}]}"#),
        (Operation::Get, FIND, 200, r#"{"data":[{"values":{"workspace_id":[{"value":"123"}]}}]}"#),
        (Operation::Delete, &[], 502, "<html>"),
    ] {
        let id = (operation != Operation::Create).then_some("123");
        let step = answered(BY_RECORD, &bare(operation, id), state, status, body);
        assert!(matches!(step, Err(Error::Unreadable(_))), "{operation:?} {body}");
    }
}
