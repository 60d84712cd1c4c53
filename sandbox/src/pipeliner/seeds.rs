use serde_json::{Value, json};

use crate::objects::{Object, object};
use crate::timestamps::Precision;

/// The space that the credential belongs to.
pub(super) const SPACE: &str = "my_space";

/// The revision of the last change.
pub(super) const REVISION: u64 = 1_791;

/// Fields of this space, at the top level under their API names.
pub(super) const CUSTOM_FIELDS: [&str; 2] = ["cf_region", "cf_risk_score"];

/// The last twelve digits of the second seed's id; the ids of new projects count on from it.
const LAST_ID: u64 = 0x7cf0_a0e2_64dc;

/// The same for relations of contacts.
const LAST_RELATION: u64 = 4;

const ACCOUNT: &str = "0a31d4fd-1289-4326-ad1a-7dfa40c3ab48";
const CONTACT: &str = "0a31d4fd-1289-4326-ad1a-7dfa40c3ab49";
const CLIENT: &str = "00000000-0000-0000-0000-000000008e97";
const PROJECT_TYPE: &str = "0190978c-0000-4000-8000-000000000001";
const UNIT: &str = "0190978c-0000-4000-8000-000000000002";
const CURRENCY: &str = "0190978c-0000-4000-8000-000000000003";
const BEFORE: &str = "2024-07-09 12:51:48.050073+00:00";

pub(super) fn projects() -> [Value; 2] {
    let mut first = whole("0190978c-d6d1-de35-3f6d-7cf0a0e264db", BEFORE);
    first.extend(object(json!({
        "created": "2024-07-09 12:51:48.050108+00:00",
        "account_id": ACCOUNT,
        "description": "Roll-out for the north region",
        "end_date": "2025-07-19",
        "name": "North roll-out",
        "owner_id": CLIENT,
        "start_date": "2025-01-06",
        "revenue_goal": { "base_value": 1000.0, "currency_id": CURRENCY, "value_foreign": 1000.0 },
        "status": 2,
        "completion_rate": 0.25,
        "activities_total": 4.0,
        "activities_completed": 1.0,
    })));
    let mut second = whole(&project_id(0), BEFORE);
    second.extend(object(json!({
        "end_date": "2024-12-20",
        "name": "Office move",
        "owner_id": "00000000-0000-0000-0000-000000008e98",
        "revenue_goal": { "base_value": 0.0, "currency_id": CURRENCY, "value_foreign": 0.0 },
        "status": 4,
        "completion_rate": 1.0,
    })));
    [Value::Object(first), Value::Object(second)]
}

/// A project as it begins: what is not given is empty.
pub(super) fn new_project(created: u64) -> Object {
    whole(&project_id(created), &now())
}

fn project_id(created: u64) -> String {
    format!("0190978c-d6d1-de35-3f6d-{:012x}", LAST_ID.saturating_add(created))
}

fn whole(id: &str, at: &str) -> Object {
    object(json!({
        "is_delete_protected": false,
        "id": id,
        "is_deleted": false,
        "modified": at,
        "created": at,
        "account_id": null,
        "description": null,
        "end_date": null,
        "name": null,
        "owner_id": null,
        "project_type_id": PROJECT_TYPE,
        "share_mode": 0,
        "start_date": null,
        "unit_id": UNIT,
        "revision": REVISION,
        "revenue_goal": null,
        "is_favorite": false,
        "status": 1,
        "completion_rate": 0.0,
        "activities_total": 0.0,
        "activities_completed": 0.0,
        "modified_by_user": at,
        "cf_region": null,
        "cf_risk_score": null,
    }))
}

pub(super) fn contact_relations() -> [Value; 1] {
    let mut relation = whole_relation(LAST_RELATION, BEFORE);
    relation.extend(object(json!({
        "contact_id": CONTACT,
        "is_primary": true,
        "project_id": "0190978c-d6d1-de35-3f6d-7cf0a0e264db",
    })));
    [Value::Object(relation)]
}

/// A contact's relation as it begins.
pub(super) fn new_relation(created: u64) -> Object {
    whole_relation(LAST_RELATION.saturating_add(created), &now())
}

fn whole_relation(number: u64, at: &str) -> Object {
    object(json!({
        "is_delete_protected": false,
        "id": format!("0190978c-0000-4000-8000-{number:012x}"),
        "is_deleted": false,
        "modified": at,
        "created": at,
        "contact_id": null,
        "is_primary": false,
        "project_id": null,
        "revision": REVISION,
    }))
}

/// A tag's relation to a project.
pub(super) fn new_tag_relation(created: u64, project: &str, tag: &str) -> Object {
    let mut relation = base(&format!("0190978c-0000-4000-9000-{created:012x}"));
    relation.extend(object(json!({
        "modified": now(), "created": now(), "account_id": null, "contact_id": null, "lead_id": null, "oppty_id": null,
        "project_id": project, "tag_id": tag,
    })));
    relation
}

pub(super) fn tag_relations() -> [Value; 1] {
    [Value::Object(new_tag_relation(0, "0190978c-d6d1-de35-3f6d-7cf0a0e264dc", "0190978c-0000-4000-8000-000000000011"))]
}

pub(super) fn clients() -> [Value; 2] {
    [client(CLIENT, "Johanna", "Berg"), client("00000000-0000-0000-0000-000000008e98", "Ken", "Okafor")]
}

fn client(id: &str, first: &str, last: &str) -> Value {
    with(
        id,
        json!({
            "default_unit_id": UNIT, "email": format!("{}@example.com", first.to_lowercase()), "first_name": first, "last_name": last,
            "name": format!("{first} {last}"), "formatted_name": format!("{first} {last}"), "type": 0, "unit_manager_ids": [],
            "unit_member_ids": [UNIT],
        }),
    )
}

pub(super) fn accounts() -> [Value; 2] {
    let account = |id: &str, name: &str| {
        with(
            id,
            json!({ "name": name, "formatted_name": name, "owner_id": CLIENT, "unit_id": UNIT, "account_class": 1, "is_favorite": false }),
        )
    };
    [account(ACCOUNT, "Nordwind AG"), account("0a31d4fd-1289-4326-ad1a-7dfa40c3ab50", "Zestia Ltd")]
}

pub(super) fn contacts() -> [Value; 2] {
    let contact = |id: &str, first: &str, last: &str| {
        with(
            id,
            json!({
                "first_name": first, "last_name": last, "formatted_name": format!("{first} {last}"), "owner_id": CLIENT, "unit_id": UNIT,
                "is_favorite": false,
            }),
        )
    };
    [contact(CONTACT, "Scott", "Spacey"), contact("0a31d4fd-1289-4326-ad1a-7dfa40c3ab51", "Ada", "Northfield")]
}

pub(super) fn currencies() -> [Value; 2] {
    [
        with(CURRENCY, json!({ "code": "EUR", "is_base": true, "symbol": "€" })),
        with("0190978c-0000-4000-8000-000000000013", json!({ "code": "USD", "is_base": false, "symbol": "$" })),
    ]
}

pub(super) fn project_types() -> [Value; 1] {
    [with(PROJECT_TYPE, json!({ "name": "Standard", "has_draft": false, "form_edit_api": {}, "is_readonly": false }))]
}

pub(super) fn sales_units() -> [Value; 1] {
    [with(UNIT, json!({ "name": "Europe", "formatted_name": "Europe" }))]
}

pub(super) fn tags() -> [Value; 2] {
    let tag = |id: &str, name: &str| with(id, json!({ "name": name, "color": 1, "creator_id": CLIENT }));
    [tag("0190978c-0000-4000-8000-000000000010", "Priority"), tag("0190978c-0000-4000-8000-000000000011", "Archive")]
}

fn with(id: &str, members: Value) -> Value {
    let mut entity = base(id);
    entity.extend(object(members));
    Value::Object(entity)
}

/// What every entity has.
fn base(id: &str) -> Object {
    object(json!({
        "is_delete_protected": false, "id": id, "is_deleted": false, "modified": BEFORE, "created": BEFORE, "revision": 1,
    }))
}

/// The present, as Pipeliner writes it: `2024-07-09 12:51:48.050073+00:00`.
pub(super) fn now() -> String {
    native(&Precision::Microseconds.now())
}

/// The present, or the microsecond after `previous`.
pub(super) fn after(previous: Option<&Value>) -> String {
    let previous = previous.and_then(Value::as_str).map(|text| Value::from(text.replace(' ', "T")));
    native(&Precision::Microseconds.after(previous.as_ref()))
}

fn native(text: &str) -> String {
    text.replace('T', " ").replace('Z', "+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_projects_are_greater_than_those_before() {
        let seeds = projects();
        assert!(seeds[1]["id"].as_str().unwrap() > seeds[0]["id"].as_str().unwrap());
        assert!(new_project(1)["id"].as_str().unwrap() > seeds[1]["id"].as_str().unwrap());
        assert!(new_project(2)["id"].as_str().unwrap() > new_project(1)["id"].as_str().unwrap());
        assert_eq!(new_project(2)["id"].as_str().unwrap().len(), 36);
    }

    #[test]
    fn times_have_six_decimals_and_an_offset() {
        assert_eq!(now().len(), BEFORE.len());
        assert!(now().as_str() > BEFORE && now().ends_with("+00:00"));
        let last = now();
        assert!(after(Some(&last.clone().into())) > last);
    }
}
