use patchboard_sdk::testing::{self, ERRORS, Resource, Tester};
use patchboard_sdk::{Error, Exchange, Operation, Rejection, Request, Step};
use serde_json::{Value, json};

use super::Insightly;
use super::request::PAGES;

const ID: &str = "1657941";
const PROJECTS: Resource = Resource::new("crm", "projects");

fn insightly() -> Tester<Insightly> {
    Tester::new(&[])
}

fn update(fields: &Value) -> Request {
    PROJECTS.update(ID, fields)
}

fn sent(request: &Request) -> Exchange {
    insightly().map(request).unwrap()
}

fn refused(request: &Request) -> Vec<String> {
    testing::at_fault(insightly().map(request))
}

fn answered(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    insightly().answer(request, status, body)
}

fn rejected(status: u16, body: &str) -> Rejection {
    testing::rejection(answered(&update(&json!({})), status, body))
}

fn project() -> Value {
    json!({
        "PROJECT_ID": 1_657_941, "PROJECT_NAME": "Website rollout", "STATUS": "IN PROGRESS", "PROJECT_DETAILS": "Phase one",
        "STARTED_DATE": "2025-01-15 00:00:00", "COMPLETED_DATE": "2025-06-30 00:00:00", "OPPORTUNITY_ID": 4_070_113, "CATEGORY_ID": null,
        "PIPELINE_ID": 91234, "STAGE_ID": 300_101, "IMAGE_URL": null, "OWNER_USER_ID": 2_240_727,
        "DATE_CREATED_UTC": "2025-01-15 09:12:33", "DATE_UPDATED_UTC": "2025-04-19 00:49:33",
        "LAST_ACTIVITY_DATE_UTC": "2025-04-18 10:00:00", "NEXT_ACTIVITY_DATE_UTC": null,
        "CUSTOMFIELDS": [{"FIELD_NAME": "Budget_Code__c", "FIELD_VALUE": "BC-17", "CUSTOM_FIELD_ID": "Budget_Code__c"}],
        "TAGS": [{"TAG_NAME": "vip"}], "LINKS": []
    })
}

#[test]
fn the_manifest_has_this_plugins_name_and_version() {
    testing::check_manifest::<Insightly>(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_update_names_the_project_in_the_body() {
    insta::assert_debug_snapshot!(sent(&update(&json!({
        "name": "Website rollout", "description": "Phase one", "status": "in progress", "close_date": "2025-06-30T02:00:00.5+02:00",
        "owner": {"id": "2240727", "name": "x"}, "custom_fields": {"Budget_Code__c": "BC-17", "Gone__c": null, "Sum__c": 1.50}
    }))));
}

#[test]
fn what_was_not_given_is_not_sent() {
    insta::assert_debug_snapshot!(sent(&update(&json!({}))));
    insta::assert_debug_snapshot!(sent(&update(&json!({"custom_fields": {}}))));
}

#[test]
fn null_clears() {
    insta::assert_debug_snapshot!(sent(&update(&json!({"description": null, "close_date": null}))));
}

#[test]
fn every_status_is_written_in_upper_case_and_read_in_any() {
    for ours in ["not started", "in progress", "deferred", "cancelled", "abandoned", "completed"] {
        let theirs = ours.to_uppercase();
        assert!(format!("{:?}", sent(&update(&json!({"status": ours})))).contains(&format!("\"STATUS\": String(\"{theirs}\")")));
        for written in [theirs.as_str(), ours] {
            let step = answered(&update(&json!({})), 200, &json!({"STATUS": written}).to_string());
            assert!(format!("{step:?}").contains(&format!("\"status\": String(\"{ours}\")")), "{written}");
        }
    }
}

#[test]
fn a_status_that_is_not_documented_is_answered_in_lower_case() {
    for (theirs, ours) in [(json!("Waiting For Parts"), json!("waiting for parts")), (json!(" "), json!(null)), (json!(7), json!(null))] {
        let item = testing::item(answered(&update(&json!({})), 200, &json!({"STATUS": theirs}).to_string()));
        assert_eq!(item.body.get("status").cloned().unwrap_or_default(), ours);
    }
}

#[test]
fn a_close_date_is_written_in_utc() {
    for (given, written) in [
        ("2025-06-30", "2025-06-30 00:00:00"),
        ("2025-06-30T23:30:00-08:00", "2025-07-01 07:30:00"),
        ("2024-12-31t23:59:59z", "2024-12-31 23:59:59"),
        ("0001-01-01T00:00:00Z", "0001-01-01 00:00:00"),
    ] {
        assert!(format!("{:?}", sent(&update(&json!({"close_date": given})))).contains(&format!("String(\"{written}\")")), "{given}");
    }
    for given in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:30:00+02:00", "0001-01-01T00:30:00+01:00", "0000-06-30", "2025-06-31", "soon"]
    {
        assert_eq!(refused(&update(&json!({"close_date": given}))), ["/close_date"], "{given}");
    }
}

#[test]
fn a_new_project_has_a_status() {
    insta::assert_debug_snapshot!(sent(&PROJECTS.create(&json!({"name": "Website rollout"}))));
    insta::assert_debug_snapshot!(sent(&PROJECTS.create(&json!({"name": "Website rollout", "status": "deferred", "owner": {"id": "1"}}))));
}

#[test]
fn a_project_is_read_and_deleted() {
    insta::assert_debug_snapshot!(sent(&PROJECTS.get(ID)));
    let delete = PROJECTS.delete(ID);
    insta::assert_debug_snapshot!(sent(&delete));
    insta::assert_debug_snapshot!(answered(&delete, 202, ""));
    assert!(matches!(answered(&delete, 417, ""), Err(Error::Rejected(_))));
}

#[test]
fn a_project_is_a_project_whatever_the_success() {
    for status in [200, 201] {
        insta::allow_duplicates! {
            insta::assert_debug_snapshot!("project", answered(&update(&json!({})), status, &project().to_string()));
        }
    }
}

#[test]
fn a_list_goes_from_page_to_page() {
    let two = json!([project(), {"PROJECT_ID": 2}]).to_string();
    insta::assert_debug_snapshot!(sent(&PROJECTS.list(&[])));
    let middle = PROJECTS.list(&[("limit", "7"), ("next_cursor", "2:2")]);
    insta::assert_debug_snapshot!(sent(&middle));
    insta::assert_debug_snapshot!(answered(&middle, 200, &two));
    let ends = |request: &Request, body: &str| {
        let page = testing::page(answered(request, 200, body));
        (page.items.len(), page.next_cursor, page.prev_cursor)
    };
    assert_eq!(ends(&PROJECTS.list(&[("limit", "2")]), &two), (2, Some("2:2".to_owned()), None));
    assert_eq!(ends(&PROJECTS.list(&[("limit", "3")]), &two), (2, None, None));
    assert_eq!(ends(&PROJECTS.list(&[("next_cursor", "4:2")]), "[]"), (0, None, Some("2:2".to_owned())));
}

#[test]
fn a_long_list_pages_to_its_end_without_loss_or_repeat() {
    let pages = testing::walk(|cursor| {
        let request = PROJECTS.list(&[("limit", "300"), ("next_cursor", cursor.unwrap_or_default())]);
        let page = PAGES.asked(&request).unwrap();
        let projects: Vec<Value> = (page.place()..(page.place() + page.size()).min(2500)).map(|id| json!({"PROJECT_ID": id})).collect();
        answered(&request, 200, &Value::from(projects).to_string())
    });
    assert_eq!((pages.len(), pages.concat()), (9, (0..2500).map(|id| id.to_string()).collect()));
}

#[test]
fn a_limit_is_at_most_a_page_of_insightlys() {
    for (limit, top) in [("1", "1"), ("500", "500"), ("501", "500"), ("99999999999999999999", "500")] {
        assert!(format!("{:?}", sent(&PROJECTS.list(&[("limit", limit)]))).contains(&format!("(\"top\", \"{top}\")")), "{limit}");
    }
    for cursor in ["x", "2", "2:0", "2:501", "2:50:1", "-1:50", "2:", ":50"] {
        assert_eq!(refused(&PROJECTS.list(&[("next_cursor", cursor)])), ["?next_cursor"], "{cursor}");
    }
}

#[test]
fn an_id_is_a_number() {
    for id in ["Search", "a/b c", "", "+5", "-5", "99999999999999999999"] {
        for operation in [Operation::Get, Operation::Update, Operation::Delete] {
            assert_eq!(refused(&PROJECTS.request(operation, Some(id), &[], &json!({}))), ["/id"], "{id}");
        }
    }
    assert_eq!(refused(&update(&json!({"owner": {"id": "x"}}))), ["/owner/id"]);
}

#[test]
fn insightlys_errors_keep_their_words() {
    for (status, class) in ERRORS {
        let named = rejected(status, r#"{"Name":"InvalidData","Message":"PROJECT_NAME is too long"}"#);
        assert_eq!((named.class, named.code.as_deref(), named.message.as_str()), (class, Some("InvalidData"), "PROJECT_NAME is too long"));
        let empty = rejected(status, "");
        assert_eq!((empty.class, empty.code, empty.message.as_str()), (class, None, ""));
    }
    for (body, message) in [("\"no\"", "no"), (r#"{"Message":"no"}"#, "no"), (r#"{"Name":"no","Message":null}"#, "no"), ("[7]", "[7]")] {
        assert_eq!(rejected(400, body).message, message);
    }
}

#[test]
fn any_json_is_read() {
    let odd = json!({"PROJECT_ID": "7", "PROJECT_NAME": 5, "STATUS": "Waiting", "OWNER_USER_ID": "2", "OPPORTUNITY_ID": null,
        "TAGS": [null, {"TAG_NAME": 5}], "COMPLETED_DATE": 5, "DATE_CREATED_UTC": "soon", "DATE_UPDATED_UTC": "2025-04-19T00:49:33Z"});
    insta::assert_debug_snapshot!(answered(&update(&json!({})), 200, &odd.to_string()));
    insta::assert_debug_snapshot!(answered(&update(&json!({})), 200, "{}"));
}

#[test]
fn what_is_no_answer_of_insightlys_is_unreadable() {
    for (request, body) in [
        (update(&json!({})), "[]"),
        (update(&json!({})), "<html>"),
        (update(&json!({})), ""),
        (PROJECTS.list(&[]), "{}"),
        (PROJECTS.list(&[]), ""),
    ] {
        assert!(matches!(answered(&request, 200, body), Err(Error::Unreadable(_))), "{body}");
        assert!(matches!(answered(&request, 500, "<html>"), Err(Error::Unreadable(_))));
    }
}
