use serde_json::{Value, json};

use super::dates;
use crate::objects::{Object, object};

/// The user whom the sandbox's API key belongs to.
pub(super) const USER: u64 = 2_240_727;

/// The id of the last seed; the ids of new projects count on from it.
const LAST_ID: u64 = 1_657_942;

/// The last id of a link.
pub(super) const LAST_LINK: u64 = 51_931_087;

/// Categories of projects.
pub(super) const CATEGORIES: [u64; 2] = [2_733_021, 2_733_022];

/// Pipelines of projects.
pub(super) const PIPELINES: [u64; 2] = [91_234, 91_235];

/// Custom fields of projects, with their types.
pub(super) const FIELDS: [(&str, &str); 4] =
    [("Budget_Code__c", "text"), ("Hours__c", "numeric"), ("Approved__c", "bit"), ("Kick_off__c", "date")];

/// What a project may be linked with.
pub(super) const LINKED: [(&str, u64); 4] =
    [("Organisation", 35_343_476), ("Organisation", 35_343_477), ("Contact", 99_216_523), ("Opportunity", 4_070_113)];

pub(super) fn projects() -> [Value; 2] {
    [
        json!({
            "PROJECT_ID": 1_657_941,
            "PROJECT_NAME": "Website rollout",
            "STATUS": "IN PROGRESS",
            "PROJECT_DETAILS": "Phase one",
            "STARTED_DATE": "2025-01-15 00:00:00",
            "COMPLETED_DATE": null,
            "OPPORTUNITY_ID": 4_070_113,
            "CATEGORY_ID": null,
            "PIPELINE_ID": 91_234,
            "STAGE_ID": 300_101,
            "IMAGE_URL": null,
            "OWNER_USER_ID": USER,
            "DATE_CREATED_UTC": "2025-01-15 09:12:33",
            "DATE_UPDATED_UTC": "2025-04-19 00:49:33",
            "LAST_ACTIVITY_DATE_UTC": "2025-04-18 10:00:00",
            "NEXT_ACTIVITY_DATE_UTC": null,
            "CREATED_USER_ID": USER,
            "RESPONSIBLE_USER_ID": USER,
            "CUSTOMFIELDS": [{ "FIELD_NAME": "Budget_Code__c", "FIELD_VALUE": "BC-17", "CUSTOM_FIELD_ID": "Budget_Code__c" }],
            "TAGS": [{ "TAG_NAME": "vip" }],
            "LINKS": [{
                "LINK_ID": LAST_LINK,
                "OBJECT_NAME": "Project",
                "OBJECT_ID": 1_657_941,
                "LINK_OBJECT_NAME": "Organisation",
                "LINK_OBJECT_ID": 35_343_476,
                "ROLE": null,
                "DETAILS": null,
                "RELATIONSHIP_ID": null,
                "IS_FORWARD": null,
            }],
            "LINKED_EMAIL_ADDRESS": "acme-P1657941-ABC@mailbox.insight.ly",
        }),
        {
            let mut project = whole(LAST_ID, "2024-09-02 08:00:00");
            project.insert("PROJECT_NAME".to_owned(), "Office move".into());
            project.insert("STATUS".to_owned(), "COMPLETED".into());
            project.insert("COMPLETED_DATE".to_owned(), "2024-12-20 00:00:00".into());
            Value::Object(project)
        },
    ]
}

/// A project as it begins: what is not given is empty.
pub(super) fn new_project(created: u64) -> Object {
    whole(LAST_ID.saturating_add(created), &dates::now())
}

fn whole(id: u64, created: &str) -> Object {
    object(json!({
        "PROJECT_ID": id,
        "PROJECT_NAME": null,
        "STATUS": null,
        "PROJECT_DETAILS": null,
        "STARTED_DATE": null,
        "COMPLETED_DATE": null,
        "OPPORTUNITY_ID": null,
        "CATEGORY_ID": null,
        "PIPELINE_ID": null,
        "STAGE_ID": null,
        "IMAGE_URL": null,
        "OWNER_USER_ID": USER,
        "DATE_CREATED_UTC": created,
        "DATE_UPDATED_UTC": created,
        "LAST_ACTIVITY_DATE_UTC": null,
        "NEXT_ACTIVITY_DATE_UTC": null,
        "CREATED_USER_ID": USER,
        "RESPONSIBLE_USER_ID": null,
        "CUSTOMFIELDS": [],
        "TAGS": [],
        "LINKS": [],
        "LINKED_EMAIL_ADDRESS": format!("acme-P{id}-ABC@mailbox.insight.ly"),
    }))
}

pub(super) fn users() -> [Value; 2] {
    let user = |id: u64, first: &str, last: &str, email: &str, administrator: bool| {
        json!({
            "USER_ID": id, "CONTACT_ID": null, "FIRST_NAME": first, "LAST_NAME": last, "TIMEZONE_ID": "Europe/Berlin",
            "EMAIL_ADDRESS": email, "ADMINISTRATOR": administrator, "ACCOUNT_OWNER": administrator, "ACTIVE": true,
            "DATE_CREATED_UTC": "2024-01-08 10:00:00", "DATE_UPDATED_UTC": "2024-01-08 10:00:00", "USER_CURRENCY": "EUR",
            "INSTANCE_ID": 1_045_221,
        })
    };
    [user(USER, "Ada", "Northfield", "ada@example.com", true), user(2_240_728, "Ken", "Okafor", "ken@example.com", false)]
}

pub(super) fn opportunities() -> [Value; 1] {
    [json!({
        "OPPORTUNITY_ID": 4_070_113, "OPPORTUNITY_NAME": "Website of Northfield", "OPPORTUNITY_DETAILS": null,
        "OPPORTUNITY_STATE": "WON", "RESPONSIBLE_USER_ID": USER, "BID_CURRENCY": "EUR", "BID_AMOUNT": 12_000,
        "OWNER_USER_ID": USER, "ORGANISATION_ID": 35_343_476, "DATE_CREATED_UTC": "2024-12-01 09:00:00",
        "DATE_UPDATED_UTC": "2025-01-14 17:30:00", "CUSTOMFIELDS": [], "TAGS": [], "LINKS": [],
    })]
}

pub(super) fn stages() -> [Value; 4] {
    let stage = |id: u64, pipeline: u64, name: &str, order: u64| {
        json!({
            "STAGE_ID": id, "PIPELINE_ID": pipeline, "STAGE_NAME": name, "STAGE_ORDER": order, "ACTIVITYSET_ID": null,
            "OWNER_USER_ID": USER,
        })
    };
    [
        stage(300_101, 91_234, "Kick-off", 1),
        stage(300_102, 91_234, "Delivery", 2),
        stage(300_103, 91_234, "Hand-over", 3),
        stage(300_201, 91_235, "Review", 1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_projects_are_numbers_that_count_on_from_the_seeds() {
        assert_eq!(projects()[1]["PROJECT_ID"], LAST_ID);
        assert_eq!(new_project(1)["PROJECT_ID"], 1_657_943);
    }

    #[test]
    fn a_new_project_has_every_member_of_a_seed() {
        let names = |project: &Object| project.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&new_project(1)), names(&object(projects()[0].clone())));
    }
}
