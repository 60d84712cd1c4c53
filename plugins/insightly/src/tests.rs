use std::path::Path;

use patchboard_sdk::{Account, Class, Error, Exchange, Operation, Plugin, Rejection, Request, Response, Step};
use serde_json::{Value, json};

use super::Insightly;

fn request(operation: Operation, id: Option<&str>, fields: &Value) -> Request {
    Request {
        model: "crm".to_owned(),
        resource: "projects".to_owned(),
        operation,
        id: id.map(str::to_owned),
        params: vec![],
        fields: fields.as_object().unwrap().clone(),
    }
}

fn update(fields: &Value) -> Request {
    request(Operation::Update, Some("1657941"), fields)
}

fn create(fields: &Value) -> Request {
    request(Operation::Create, None, fields)
}

fn list(params: &[(&str, &str)]) -> Request {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { params, ..request(Operation::List, None, &json!({})) }
}

fn sent(request: &Request) -> Exchange {
    Insightly::map_request(&Account::default(), request).unwrap()
}

fn refused_path(request: &Request) -> String {
    match Insightly::map_request(&Account::default(), request) {
        Err(Error::Invalid(errors)) => errors[0].path.clone(),
        other => panic!("{other:?}"),
    }
}

fn answered(request: &Request, status: u16, body: &str) -> Result<Step, Error> {
    let response = Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    Insightly::map_response(&Account::default(), request, &[], &response)
}

fn rejected(status: u16, body: &str) -> Rejection {
    match answered(&update(&json!({})), status, body) {
        Err(Error::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
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
    let manifest: Value = serde_json::from_str(Insightly::MANIFEST).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().unwrap().to_str().unwrap();
    assert_eq!((&manifest["name"], &manifest["version"]), (&json!(folder), &json!(env!("CARGO_PKG_VERSION"))));
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
    for (ours, theirs) in [
        ("not started", "NOT STARTED"),
        ("in progress", "IN PROGRESS"),
        ("deferred", "DEFERRED"),
        ("cancelled", "CANCELLED"),
        ("abandoned", "ABANDONED"),
        ("completed", "COMPLETED"),
    ] {
        assert!(format!("{:?}", sent(&update(&json!({"status": ours})))).contains(&format!("\"STATUS\": String(\"{theirs}\")")));
        for written in [theirs, ours] {
            let step = answered(&update(&json!({})), 200, &json!({"STATUS": written}).to_string());
            assert!(format!("{step:?}").contains(&format!("\"status\": String(\"{ours}\")")), "{written}");
        }
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
    for given in ["9999-12-31T23:59:59-01:00", "2025-06-31", "soon"] {
        assert_eq!(refused_path(&update(&json!({"close_date": given}))), "/close_date", "{given}");
    }
}

#[test]
fn a_new_project_has_a_status() {
    insta::assert_debug_snapshot!(sent(&create(&json!({"name": "Website rollout"}))));
    insta::assert_debug_snapshot!(sent(&create(&json!({"name": "Website rollout", "status": "deferred", "owner": {"id": "1"}}))));
}

#[test]
fn a_project_is_read_and_deleted() {
    insta::assert_debug_snapshot!(sent(&request(Operation::Get, Some("1657941"), &json!({}))));
    let delete = request(Operation::Delete, Some("1657941"), &json!({}));
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
    insta::assert_debug_snapshot!(sent(&list(&[])));
    let middle = list(&[("limit", "7"), ("next_cursor", "2:2")]);
    insta::assert_debug_snapshot!(sent(&middle));
    insta::assert_debug_snapshot!(answered(&middle, 200, &two));
    let ends = |request: &Request, body: &str| match answered(request, 200, body) {
        Ok(Step::Finish(patchboard_sdk::Answer::Page { items, next_cursor, prev_cursor }, _)) => (items.len(), next_cursor, prev_cursor),
        other => panic!("{other:?}"),
    };
    assert_eq!(ends(&list(&[("limit", "2")]), &two), (2, Some("2:2".to_owned()), None));
    assert_eq!(ends(&list(&[("limit", "3")]), &two), (2, None, None));
    assert_eq!(ends(&list(&[("next_cursor", "4:2")]), "[]"), (0, None, Some("2:2".to_owned())));
}

#[test]
fn a_limit_is_at_most_a_page_of_insightlys() {
    for (limit, top) in [("1", "1"), ("500", "500"), ("501", "500"), ("99999999999999999999", "500")] {
        assert!(format!("{:?}", sent(&list(&[("limit", limit)]))).contains(&format!("(\"top\", \"{top}\")")), "{limit}");
    }
    for cursor in ["x", "2", "2:0", "2:501", "2:50:1", "-1:50", "2:", ":50"] {
        assert_eq!(refused_path(&list(&[("next_cursor", cursor)])), "?next_cursor", "{cursor}");
    }
}

#[test]
fn an_id_is_a_number() {
    for id in ["Search", "a/b c", "", "+5", "-5", "99999999999999999999"] {
        for operation in [Operation::Get, Operation::Update, Operation::Delete] {
            assert_eq!(refused_path(&request(operation, Some(id), &json!({}))), "/id", "{id}");
        }
    }
    assert_eq!(refused_path(&update(&json!({"owner": {"id": "x"}}))), "/owner/id");
}

#[test]
fn insightlys_errors_keep_their_words() {
    for (status, class) in [
        (400, Class::Invalid),
        (401, Class::Unauthorized),
        (402, Class::Other),
        (403, Class::Forbidden),
        (404, Class::NotFound),
        (417, Class::Other),
        (429, Class::RateLimited),
    ] {
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
    for (request, body) in
        [(update(&json!({})), "[]"), (update(&json!({})), "<html>"), (update(&json!({})), ""), (list(&[]), "{}"), (list(&[]), "")]
    {
        assert!(matches!(answered(&request, 200, body), Err(Error::Unreadable(_))), "{body}");
        assert!(matches!(answered(&request, 500, "<html>"), Err(Error::Unreadable(_))));
    }
}
