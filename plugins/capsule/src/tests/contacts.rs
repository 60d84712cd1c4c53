//! The account and the contacts of a project.

use patchboard_sdk::{Error, Step, testing};
use serde_json::json;

use super::{PROJECTS, answer, first, goes_on, gone, kase, kase_of, ok, play, played, refused, rejected, scott, update};

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
        assert_eq!(testing::at_fault(end), ["/contact"]);
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
    insta::assert_debug_snapshot!(rejected(&PROJECTS.create(&fields), &[answer(201, &kase()), no()]));
}

#[test]
fn too_many_contacts_are_refused_before_the_first_write() {
    let contacts = |count: u32| json!({"account": {"id": "5"}, "contact": (100..100 + count).map(|id| json!({"id": id.to_string()})).collect::<Vec<_>>()});
    assert_eq!(refused(&PROJECTS.create(&contacts(63))), ["/contact"]);
    assert!(first(&PROJECTS.create(&contacts(62))).contains("create_project"));
    let (transcript, end) = played(&update(&contacts(62)), &[ok(&json!({"parties": []}))]);
    assert!(!transcript.contains("PUT") && matches!(end, Err(Error::Invalid(_))));
}

#[test]
fn a_project_is_created_with_its_first_contact() {
    let fields =
        json!({"name": "Research", "contact": [{"id": "11587"}], "tags": [{"name": "VIP"}, {"name": "vip"}], "owner": {"id": "674197"}});
    insta::assert_snapshot!(play(&PROJECTS.create(&fields), &[answer(201, &kase_of(&scott()))]));
}

#[test]
fn a_project_is_created_and_then_its_contacts_are_added() {
    let fields = json!({"name": "Research", "account": {"id": "254633973"}, "contact": [{"id": "1"}, {"id": "2"}]});
    insta::assert_snapshot!(play(&PROJECTS.create(&fields), &[answer(201, &kase()), gone(), gone(), ok(&kase())]));
}
