use std::fmt::Write;
use std::path::Path;

use patchboard_sdk::{Account, Class, Error, Exchange, FieldError, Operation, Plugin, Rejection, Request, Response, Step};
use serde_json::{Value, json};

use super::Capsule;

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
    request(Operation::Update, Some("5271516"), fields)
}

fn create(fields: &Value) -> Request {
    request(Operation::Create, None, fields)
}

fn list(params: &[(&str, &str)]) -> Request {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { params, ..request(Operation::List, None, &json!({})) }
}

fn answer(status: u16, body: &Value) -> Response {
    let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
    Response { status, headers: vec![], body }
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

fn state_of(exchange: &Exchange) -> Vec<u8> {
    let debug = format!("{exchange:?}");
    let bytes = debug.split_once("state: [").unwrap().1.split_once(']').unwrap().0;
    bytes.split(", ").filter(|byte| !byte.is_empty()).map(|byte| byte.parse().unwrap()).collect()
}

/// The exchange without its state, which is nobody's but the plugin's.
fn shown(exchange: &Exchange) -> String {
    let debug = format!("{exchange:#?}");
    let (before, rest) = debug.split_once("    state: [").unwrap();
    format!("{before}{}", rest.split_once("],\n").unwrap().1)
}

/// Every native request of a unified one, and what came of it.
fn play(request: &Request, answers: &[Response]) -> String {
    let (transcript, end) = played(request, answers);
    format!("{transcript}{end:#?}")
}

fn played(request: &Request, answers: &[Response]) -> (String, Result<Step, Error>) {
    let mut transcript = String::new();
    let mut exchange = Capsule::map_request(&Account::default(), request).unwrap();
    for (nth, answer) in answers.iter().enumerate() {
        writeln!(transcript, "{}", shown(&exchange)).unwrap();
        match Capsule::map_response(&Account::default(), request, &state_of(&exchange), answer) {
            Ok(Step::Send(next)) => exchange = *next,
            end => {
                assert_eq!(nth + 1, answers.len(), "it ended early");
                return (transcript, end);
            }
        }
    }
    panic!("it goes on with {exchange:?}");
}

fn first(request: &Request) -> String {
    match Capsule::map_request(&Account::default(), request) {
        Ok(exchange) => shown(&exchange),
        Err(error) => panic!("{error:?}"),
    }
}

fn refused(request: &Request) -> Vec<FieldError> {
    match Capsule::map_request(&Account::default(), request) {
        Err(Error::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

fn refused_path(request: &Request) -> String {
    refused(request)[0].path.clone()
}

fn rejected(request: &Request, answers: &[Response]) -> Rejection {
    match played(request, answers).1 {
        Err(Error::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
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
    let manifest: Value = serde_json::from_str(Capsule::MANIFEST).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().unwrap().to_str().unwrap();
    assert_eq!((&manifest["name"], &manifest["version"]), (&json!(folder), &json!(env!("CARGO_PKG_VERSION"))));
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
fn tags_replace_those_that_are_attached() {
    let fields = json!({"tags": [{"name": "priority"}, {"name": "VIP"}, {"id": "9", "name": "x"}, {"name": "vip"}]});
    insta::assert_snapshot!(play(&update(&fields), &[ok(&kase()), ok(&kase())]));
    for none in [json!({"tags": []}), json!({"tags": null})] {
        insta::allow_duplicates! {
            insta::assert_snapshot!("no_tags", played(&update(&none), &[ok(&kase()), ok(&kase())]).0);
        }
    }
}

#[test]
fn custom_fields_are_found_by_their_names() {
    let fields = json!({"custom_fields": {"Interests": "Golf", "51": 3}});
    let one = json!({"definitions": [{"id": 45, "name": "Other", "type": "text"}]});
    let two = json!({"definitions": [{"id": 926_886, "name": "Interests", "type": "list"}]});
    insta::assert_snapshot!(played(&update(&fields), &[goes_on(&one), ok(&two), ok(&kase())]).0);
    let (_, unknown) = played(&update(&json!({"custom_fields": {"a/b": 1}})), &[ok(&one)]);
    let (_, twice) = played(&update(&json!({"custom_fields": {"Other": 1}})), &[goes_on(&one), ok(&one)]);
    insta::assert_debug_snapshot!((unknown, twice));
}

#[test]
fn contacts_replace_those_of_a_project_whose_main_contact_is_a_person() {
    let fields = json!({"contact": [{"id": "12"}, {"id": "11587"}, {"id": "13"}, {"id": "12"}]});
    let parties = json!({"parties": [
        {"id": 13, "type": "person", "firstName": "Ada", "lastName": "L"}, {"id": 14, "type": "organisation", "name": "Acme"}]});
    let back = kase_of(&json!({"id": 12, "type": "person", "firstName": "Bo", "lastName": null}));
    let answers = [ok(&kase_of(&scott())), ok(&parties), ok(&back), gone(), gone(), ok(&back)];
    insta::assert_snapshot!(play(&update(&fields), &answers));
}

#[test]
fn an_organisation_stays_the_main_contact() {
    let fields = json!({"contact": {"id": "11587"}, "tags": [{"name": "Priority"}, {"name": "Old"}]});
    let answers = [ok(&kase()), ok(&json!({"parties": []})), ok(&kase()), gone(), ok(&kase())];
    insta::assert_snapshot!(play(&update(&fields), &answers));
}

#[test]
fn with_an_account_all_contacts_are_additional() {
    let fields = json!({"account": {"id": "254633973"}, "contact": [{"id": "11587"}]});
    let answers = [ok(&json!({"parties": [scott()]})), ok(&kase())];
    insta::assert_snapshot!(play(&update(&fields), &answers));
}

#[test]
fn contacts_can_be_removed_but_for_a_person_that_is_the_main_one() {
    let none = [json!({"contact": []}), json!({"contact": null})];
    for fields in none {
        let answers = [goes_on(&json!({"parties": [scott()]})), ok(&json!({"parties": [{"id": "1"}]}))];
        let [one, two] = answers;
        let (_, end) =
            played(&update(&fields), &[ok(&kase()), one, two, ok(&kase()), gone(), answer(404, &json!({"message": "no"})), ok(&kase())]);
        insta::allow_duplicates! { insta::assert_debug_snapshot!("no_contacts", end); }
        let (_, end) = played(&update(&fields), &[ok(&kase_of(&scott())), ok(&json!({"parties": []}))]);
        let Err(Error::Invalid(errors)) = end else { panic!("{end:?}") };
        assert_eq!(errors[0].path, "/contact");
    }
}

#[test]
fn a_contact_that_is_there_already_is_as_good_as_added() {
    let fields = json!({"contact": [{"id": "11587"}]});
    let already =
        answer(422, &json!({"message": "Validation Failed", "errors": [{"message": "party is already a contact for this case"}]}));
    let (_, end) = played(&update(&fields), &[ok(&kase()), ok(&json!({"parties": []})), ok(&kase()), already, ok(&kase())]);
    assert!(matches!(end, Ok(Step::Finish(..))));
}

#[test]
fn a_contact_that_is_not_added_is_named() {
    let no = || answer(404, &json!({"message": "Could not find resource"}));
    let fields = json!({"contact": [{"id": "1"}]});
    insta::assert_debug_snapshot!(rejected(&update(&fields), &[ok(&kase()), ok(&json!({"parties": []})), ok(&kase()), no()]));
    let fields = json!({"name": "x", "account": {"id": "5"}, "contact": [{"id": "1"}]});
    insta::assert_debug_snapshot!(rejected(&create(&fields), &[answer(201, &kase()), no()]));
}

#[test]
fn too_many_contacts_are_refused_before_the_first_write() {
    let contacts = |count: u32| json!({"account": {"id": "5"}, "contact": (100..100 + count).map(|id| json!({"id": id.to_string()})).collect::<Vec<_>>()});
    assert_eq!(refused_path(&create(&contacts(63))), "/contact");
    assert!(first(&create(&contacts(62))).contains("create_project"));
    let (transcript, end) = played(&update(&contacts(62)), &[ok(&json!({"parties": []}))]);
    assert!(!transcript.contains("PUT") && matches!(end, Err(Error::Invalid(_))));
}

#[test]
fn a_project_is_created_with_its_first_contact() {
    let fields =
        json!({"name": "Research", "contact": [{"id": "11587"}], "tags": [{"name": "VIP"}, {"name": "vip"}], "owner": {"id": "674197"}});
    insta::assert_snapshot!(play(&create(&fields), &[answer(201, &kase_of(&scott()))]));
}

#[test]
fn a_project_is_created_and_then_its_contacts_are_added() {
    let fields = json!({"name": "Research", "account": {"id": "254633973"}, "contact": [{"id": "1"}, {"id": "2"}]});
    insta::assert_snapshot!(play(&create(&fields), &[answer(201, &kase()), gone(), gone(), ok(&kase())]));
}

#[test]
fn an_owner_is_set_by_a_create_alone() {
    assert!(!first(&update(&json!({"owner": {"id": "1"}}))).contains("owner"));
}

#[test]
fn a_project_is_read_and_deleted() {
    insta::assert_snapshot!(play(&request(Operation::Get, Some("5271516"), &json!({})), &[ok(&kase_of(&scott()))]));
    insta::assert_snapshot!(play(&request(Operation::Delete, Some("5271516"), &json!({})), &[gone()]));
}

#[test]
fn a_list_goes_from_page_to_page() {
    let kases = json!({"kases": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]});
    insta::assert_snapshot!(play(&list(&[]), &[goes_on(&kases)]));
    insta::assert_snapshot!(play(&list(&[("limit", "7"), ("next_cursor", "2:100")]), &[goes_on(&kases)]));
    insta::assert_snapshot!(play(&list(&[("next_cursor", "3:100")]), &[ok(&json!({"kases": []}))]));
}

#[test]
fn a_limit_is_at_most_a_page_of_capsules() {
    for (limit, size) in [("1", "1"), ("100", "100"), ("101", "100"), ("99999999999999999999", "100")] {
        assert!(first(&list(&[("limit", limit)])).contains(&format!("\"perPage\",\n            \"{size}\"")), "{limit}");
    }
    for cursor in ["x", "2", "0:50", "2:0", "2:101", "2:50:1", "-1:50", "2:", ":50"] {
        assert_eq!(refused_path(&list(&[("next_cursor", cursor)])), "?next_cursor", "{cursor}");
    }
}

#[test]
fn a_link_is_no_next_page_by_its_url() {
    for (link, next) in [
        ("<https://x/kases?page=2>; rel=\"next\"", true),
        ("<https://x/kases?page=1>; rel=\"prev\", <https://x/kases?page=3,4>; rel=next", true),
        ("<https://x/kases?rel=next>; rel=\"prev\"", false),
        ("", false),
    ] {
        let response = Response { headers: vec![("link".to_owned(), link.to_owned())], ..ok(&json!({})) };
        assert_eq!(super::paging::has_next(&response), next, "{link}");
    }
}

#[test]
fn an_id_is_a_number() {
    for id in ["1,2", "deleted", "a/b c", "", "+5", "-5", "99999999999999999999"] {
        for operation in [Operation::Get, Operation::Update, Operation::Delete] {
            assert_eq!(refused_path(&request(operation, Some(id), &json!({}))), "/id", "{id}");
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
        assert_eq!(refused_path(&update(&fields)), path);
    }
    assert_eq!(refused_path(&create(&json!({"owner": {"id": "x"}}))), "/owner/id");
}

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
    let fields = |given: Value| rejected(&create(&given), &[answer(422, &body)]).fields[0].path.clone();
    assert_eq!(fields(json!({"contact": {"id": "1"}})), "/contact");
    assert_eq!(fields(json!({"contact": {"id": "1"}, "account": {"id": "2"}})), "/account");
}

#[test]
fn any_json_is_read() {
    let odd = json!({"kase": {"id": "7", "name": 5, "party": "x", "owner": [], "opportunity": {}, "stage": 1, "tags": [null, {"id": "t"}],
        "status": "paused", "expectedCloseOn": null, "closedOn": "2025-01-02", "createdAt": 3, "updatedAt": "soon"}});
    insta::assert_debug_snapshot!(played(&update(&json!({"name": "x"})), &[ok(&odd)]).1);
    let nameless = json!({"kase": {"party": {"id": 1, "name": "Acme"}, "opportunity": null, "status": "closed"}});
    insta::assert_debug_snapshot!(played(&update(&json!({"name": "x"})), &[ok(&nameless)]).1);
}

#[test]
fn what_is_no_answer_of_capsules_is_unreadable() {
    let text = |status: u16, body: &str| Response { status, headers: vec![], body: body.as_bytes().to_vec() };
    for body in ["<html>", "{}", "", r#"{"kase":[]}"#, r#"{"kases":{}}"#, "null"] {
        for request in [update(&json!({"name": "x"})), list(&[]), update(&json!({"tags": []}))] {
            let (_, end) = played(&request, &[text(200, body)]);
            assert!(matches!(end, Err(Error::Unreadable(_))), "{body}");
        }
    }
    let (_, end) = played(&update(&json!({"name": "x"})), &[text(502, "<html>")]);
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
