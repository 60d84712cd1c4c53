use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Answer, Class, Error, Exchange, Operation, Rejection, Request, Step};
use serde_json::{Value, json};

use super::Pipeliner;
use super::page::Page;

const ID: &str = "0190978c-d6d1-de35-3f6d-7cf0a0e264db";
const ACCOUNT: &str = "0a31d4fd-1289-4326-ad1a-7dfa40c3ab48";
const OWNER: &str = "00000000-0000-0000-0000-000000008e97";
const PROJECTS: Resource = Resource::new("crm", "projects");

fn map(request: &Request) -> Result<Exchange, Error> {
    Tester::<Pipeliner>::new(&[]).map(request)
}

fn answered(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    Tester::<Pipeliner>::new(&[]).answer(request, status, body)
}

fn of_update(status: u16, body: &str) -> Result<Step, Error> {
    answered(&PROJECTS.update(ID, &json!({})), status, body)
}

fn rejected(status: u16, body: &Value) -> Rejection {
    testing::rejection(of_update(status, &body.to_string()))
}

fn refused(request: &Request) -> Vec<String> {
    testing::at_fault(map(request))
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Pipeliner>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_operation_is_one_call() {
    let fields = json!({"name": "North roll-out", "description": "Roll-out for the\nnorth region", "close_date": "2025-07-19T23:30:00-05:00",
        "account": {"id": ACCOUNT, "name": "Green Inc."}, "owner": {"id": OWNER}});
    for operation in [Operation::Update, Operation::Create] {
        insta::assert_debug_snapshot!(format!("{operation:?}"), map(&PROJECTS.request(operation, Some(ID), &[], &fields)));
    }
    for operation in [Operation::Get, Operation::Delete, Operation::List] {
        insta::assert_debug_snapshot!(format!("{operation:?}"), map(&PROJECTS.request(operation, Some(ID), &[], &json!({}))));
    }
    assert!(matches!(map(&PROJECTS.upsert(&[], &json!({}))), Err(Error::Unsupported(_))));
}

#[test]
fn only_what_was_given_is_sent() {
    insta::assert_debug_snapshot!(map(&PROJECTS.update(ID, &json!({"close_date": "2025-07-19"}))));
    insta::assert_debug_snapshot!(map(&PROJECTS.update(&ID.to_uppercase(), &json!({}))));
}

#[test]
fn a_close_date_is_a_day_in_utc() {
    for (given, day) in [
        ("2025-07-19", "2025-07-19"),
        ("2025-07-19T23:30:00-05:00", "2025-07-20"),
        ("2025-07-19T00:30:00+02:00", "2025-07-18"),
        ("0001-01-01T00:00:00Z", "0001-01-01"),
    ] {
        let sent = format!("{:?}", map(&PROJECTS.update(ID, &json!({"close_date": given}))));
        assert!(sent.contains(&format!("\"end_date\": String(\"{day}\")")), "{given}: {sent}");
    }
    for given in ["0000-06-30", "0001-01-01T00:30:00+01:00", "9999-12-31T23:30:00-01:00", "2025-02-30", "soon"] {
        assert_eq!(refused(&PROJECTS.update(ID, &json!({"close_date": given}))), ["/close_date"], "{given}");
    }
}

#[test]
fn points_in_time_are_cut_to_milliseconds() {
    for (native, unified) in [
        ("2024-07-09 12:51:48.050973+00:00", "2024-07-09T12:51:48.050Z"),
        ("2024-07-09 12:51:48.050973+02:00", "2024-07-09T12:51:48.050+02:00"),
        ("2024-07-09 12:51:48.05+00:00", "2024-07-09T12:51:48.05Z"),
        ("2024-07-09 12:51:48+00:00", "2024-07-09T12:51:48Z"),
        ("yesterday.1234", "yesterday.1234"),
    ] {
        let body = json!({"success": true, "data": {"id": ID, "created": native}}).to_string();
        assert_eq!(testing::item(of_update(200, &body)).body["created_at"], unified);
    }
}

#[test]
fn an_id_that_is_no_uuid_does_not_leave() {
    for id in
        ["", "7", "a/b", "0190978c-d6d1-de35-3f6d-7cf0a0e264d", "0190978c-d6d1-de35-3f6d-7cf0a0e264dé", "0190978cd6d1de353f6d7cf0a0e264db"]
    {
        for operation in [Operation::Get, Operation::Update, Operation::Delete] {
            assert_eq!(refused(&PROJECTS.request(operation, Some(id), &[], &json!({"name": "x"}))), ["/id"], "{id}");
        }
    }
    let fields = json!({"account": {"id": "7"}, "owner": {"id": "me"}, "name": "x"});
    assert_eq!(refused(&PROJECTS.create(&fields)), ["/account/id", "/owner/id"]);
}

#[test]
fn a_project_is_a_project_whose_relations_are_ids() {
    let body = r#"{"success":true,"data":{"id":"0190978c-d6d1-de35-3f6d-7cf0a0e264db","is_deleted":false,
        "modified":"2024-07-09 12:51:48.050073+00:00","created":"2024-07-09 12:51:48.050108+00:00",
        "account":"https://eu-central.api.pipelinersales.com/api/v100/rest/spaces/my_space/entities/Accounts/0a31d4fd-1289-4326-ad1a-7dfa40c3ab48",
        "owner":"https://eu-central.api.pipelinersales.com/api/v100/rest/spaces/my_space/entities/Clients/00000000-0000-0000-0000-000000008e97",
        "account_id":"0a31d4fd-1289-4326-ad1a-7dfa40c3ab48","owner_id":"00000000-0000-0000-0000-000000008e97",
        "description":"Roll-out for the north region","end_date":"2025-07-19","name":"North roll-out","revision":1791,
        "primary_contact":"https://eu-central.api.pipelinersales.com/api/v100/rest/spaces/my_space/entities/Contacts/0a31d4fd-1289-4326-ad1a-7dfa40c3ab49",
        "contact_relations":["https://eu-central.api.pipelinersales.com/api/v100/rest/spaces/my_space/entities/ProjectContactRelations/0190978c-0000-4000-8000-000000000004"],
        "status":2,"formatted_name":"North roll-out"}}"#;
    insta::assert_debug_snapshot!(of_update(200, body));
}

#[test]
fn relations_that_were_expanded_have_names() {
    let body = json!({"success": true, "data": {"id": ID, "owner_id": OWNER, "owner": {"id": OWNER, "name": "jan", "formatted_name": "Jan Novak"},
        "account": {"id": ACCOUNT, "name": "Green Inc."}, "primary_contact": "https://x/entities/Contacts/c1",
        "contact_relations": [{"contact_id": "c1", "contact": {"id": "c1", "formatted_name": "Ann"}}, {"contact": "https://x/entities/Contacts/c2"}]}});
    insta::assert_debug_snapshot!(of_update(200, &body.to_string()));
}

#[test]
fn members_of_any_type_are_read_as_far_as_they_can_be() {
    let body = json!({"success": true, "data": {"name": 7, "description": null, "status": "4", "owner": null, "owner_id": null, "account": "",
        "primary_contact": null, "contact_relations": {}, "end_date": null, "created": "yesterday", "modified": 5}});
    insta::assert_debug_snapshot!(of_update(200, &body.to_string()));
}

#[test]
fn every_status_has_its_word() {
    for (native, unified) in [
        (json!(1), Some("not started")),
        (json!(2), Some("in progress")),
        (json!(4), Some("completed")),
        (json!(3), None),
        (json!(null), None),
    ] {
        let body = json!({"success": true, "data": {"id": ID, "status": native}}).to_string();
        assert_eq!(testing::item(of_update(200, &body)).body.get("status").and_then(Value::as_str), unified, "{native}");
    }
}

fn page(start: &str, end: &str, previous: bool, next: bool) -> String {
    let info = json!({"start_cursor": start, "end_cursor": end, "has_previous_page": previous, "has_next_page": next});
    json!({"success": true, "page_info": info, "data": [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]}).to_string()
}

#[test]
fn a_page_says_where_its_neighbours_are() {
    insta::assert_debug_snapshot!(answered(&PROJECTS.list(&[("limit", "2")]), 200, &page("s:1", "e==", false, true)));
    let middle = PROJECTS.list(&[("next_cursor", "after:2:e=="), ("limit", "50")]);
    insta::assert_debug_snapshot!((map(&middle), answered(&middle, 200, &page("s2", "e2", true, true))));
    let back = PROJECTS.list(&[("next_cursor", "before:2:s:2")]);
    insta::assert_debug_snapshot!((map(&back), answered(&back, 200, &page("s1", "e1", false, true))));
    insta::assert_debug_snapshot!(answered(
        &PROJECTS.list(&[]),
        200,
        r#"{"success":true,"data":[],"page_info":{"start_cursor":null,"end_cursor":null}}"#
    ));
    insta::assert_debug_snapshot!(answered(&PROJECTS.list(&[]), 200, r#"{"success":true,"data":[]}"#));
}

#[test]
fn a_list_pages_to_its_end_without_loss_or_repeat() {
    for (limit, pages) in [("30", 84), ("100", 25), ("2500", 25), ("7", 358)] {
        let walked = testing::walk(|cursor| {
            let request = PROJECTS.list(&[("limit", limit), ("next_cursor", cursor.unwrap_or_default())]);
            // The cursor of this stand-in is the number of the last project, or of the first.
            let sent = format!("{:?}", Page::of(&request).unwrap());
            let number = |before: &str| -> Option<usize> {
                let rest = sent.split(before).nth(1)?;
                Some(rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap())
            };
            let size = number("size: ").unwrap();
            let before = number("Before(\"").map(|first| first - size);
            let from = before.or_else(|| Some(number("After(\"")? + 1)).unwrap_or_default();
            let data: Vec<Value> = (from..2500).take(size).map(|n| json!({"id": n.to_string()})).collect();
            let last = from + data.len() - 1;
            let info = json!({"start_cursor": from.to_string(), "end_cursor": last.to_string(), "has_previous_page": from > 0, "has_next_page": last < 2499});
            answered(&request, 200, &json!({"success": true, "page_info": info, "data": data}).to_string())
        });
        assert_eq!((walked.len(), walked.concat()), (pages, (0..2500).map(|n| n.to_string()).collect()), "{limit}");
    }
}

#[test]
fn a_limit_is_clamped_and_a_strange_cursor_refused() {
    for (limit, size) in [("1", 1), ("101", 100), ("99999999999999999999", 100)] {
        assert_eq!(
            Page::of(&PROJECTS.list(&[("limit", limit), ("next_cursor", "")])),
            Page::of(&PROJECTS.list(&[("limit", &size.to_string())]))
        );
    }
    for cursor in ["x", "after", "after:30", "after:30:", "after:0:x", "after:101:x", "after:x:x", "since:30:x"] {
        assert_eq!(refused(&PROJECTS.list(&[("next_cursor", cursor)])), ["?next_cursor"], "{cursor}");
    }
}

#[test]
fn more_without_a_cursor_is_not_taken_for_the_end() {
    for cursor in [json!(null), json!(""), json!(7)] {
        let body = json!({"success": true, "data": [], "page_info": {"has_next_page": true, "end_cursor": cursor}}).to_string();
        assert!(matches!(answered(&PROJECTS.list(&[]), 200, &body), Err(Error::Unreadable(_))), "{body}");
    }
}

#[test]
fn a_deletion_is_a_success_with_or_without_a_body() {
    let request = PROJECTS.delete(ID);
    for (status, body) in [(200, json!({"success": true, "data": ID}).to_string()), (200, "{}".to_owned()), (204, String::new())] {
        assert_eq!(answered(&request, status, &body), Ok(Answer::Deleted(None).into()), "{body}");
    }
    assert!(matches!(answered(&request, 200, "<html>"), Err(Error::Unreadable(_))));
}

#[test]
fn an_error_keeps_its_code_and_words() {
    for (status, class) in ERRORS {
        let body =
            json!({"code": 117, "name": "ERROR_PARAMETER_INVALID", "message": "\nthe words", "http_status": status, "success": false});
        let rejection = rejected(status, &body);
        assert_eq!((rejection.class, rejection.code.as_deref(), rejection.message.as_str()), (class, Some("117"), "the words"));
    }
    let rejection = rejected(404, &json!({"status": 404, "message": "no such path", "errorcode": null, "traceback": null}));
    assert_eq!((rejection.class, rejection.code, rejection.message.as_str()), (Class::NotFound, None, "no such path"));
    assert_eq!(rejected(500, &json!({"name": "ERROR_X", "message": ""})).message, "ERROR_X");
}

#[test]
fn an_error_without_json_is_one_of_its_status() {
    for (status, body, words) in
        [(401, "", ""), (401, " Unauthorized\n", "Unauthorized"), (401, "\"no\"", ""), (502, "<html>Bad Gateway</html>", "")]
    {
        let rejection = testing::rejection(of_update(status, body));
        assert_eq!((rejection.class, rejection.message.as_str()), (Rejection::of_status(status).class, words));
    }
}

#[test]
fn the_fields_at_fault_are_named() {
    let invalid = |field: &str, messages: &[&str]| {
        let errors: Vec<Value> = messages.iter().map(|message| json!({"code": 119, "message": message})).collect();
        json!({"field_name": field, "name": "ERROR_FIELD_VALIDATION", "code": 40002, "errors": errors})
    };
    let body = json!({"code": 40000, "name": "ERROR_ENTITY_VALIDATION", "message": "\nNon-null field 'name' is null or empty.", "http_status": 422,
        "success": false, "entity_errors": [], "field_errors": [invalid("owner_id", &["One.", "Two."]), invalid("end_date", &[]),
        invalid("name", &["Empty."]), invalid("account", &["No."]), invalid("revenue_goal", &["Needed."]), invalid("cf_a/b", &["No."]), 7]});
    insta::assert_debug_snapshot!(rejected(422, &body));
}

#[test]
fn an_error_within_a_success_is_an_error() {
    let rejection = rejected(200, &json!({"success": false, "http_status": 404, "code": 2006, "message": "Entity not found."}));
    assert_eq!((rejection.class, rejection.status), (Class::NotFound, Some(404)));
    for status in [json!(null), json!(200), json!("x"), json!(70000)] {
        let rejection = rejected(200, &json!({"success": false, "http_status": status}));
        assert_eq!((rejection.class, rejection.status), (Class::Other, None));
    }
}

#[test]
fn what_is_no_answer_of_pipeliners_is_unreadable() {
    for body in ["<html>", "{}", r#"{"success":true,"data":[]}"#, r#"{"success":true,"data":null}"#, ""] {
        assert!(matches!(of_update(200, body), Err(Error::Unreadable(_))), "{body}");
    }
    for body in ["{}", r#"{"success":true,"data":{}}"#, r#"{"success":true,"data":[{},7]}"#] {
        assert!(matches!(answered(&PROJECTS.list(&[]), 200, body), Err(Error::Unreadable(_))), "{body}");
    }
}
