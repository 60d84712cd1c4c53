use serde_json::{Value, json};

use crate::objects::{Object, object};
use crate::timestamps::Precision;

/// The id of the first seed; the ids of new projects count on from the second.
const LAST_ID: u64 = 5_271_517;

/// The last ids of a tag and of a row of a custom field.
pub(super) const LAST_TAG: u64 = 168_300;
pub(super) const LAST_ROW: u64 = 9_785_121;

const PICTURE: &str = "https://facehub.appspot.com/default/person?size=100";

/// Users of each team: an owner has to be one of them.
pub(super) const MEMBERS: [(u64, &[u64]); 2] = [(5, &[674_197, 674_198]), (6, &[674_198])];

/// The recorded answer of
/// <https://github.com/amp-labs/connectors/tree/main/providers/capsule/test>, with a tag and a custom field.
pub(super) fn projects() -> [Value; 2] {
    [
        json!({
            "id": 5_271_516,
            "owner": user(674_197, "integration.test", "integration.tes1907"),
            "team": null,
            "party": organisation(254_633_973, "Capsule"),
            "status": "OPEN",
            "opportunity": null,
            "stage": { "name": "Project Brief", "id": 104_607 },
            "createdAt": "2025-03-07T23:32:00Z",
            "updatedAt": "2025-03-07T23:32:00Z",
            "description": "Determine the market fit",
            "name": "Research",
            "closedOn": null,
            "lastContactedAt": null,
            "expectedCloseOn": "2015-12-09",
            "startOn": null,
            "tags": [{ "id": 168_298, "name": "Priority", "dataTag": false }],
            "fields": [{
                "id": 9_785_121,
                "definition": { "id": 926_886, "name": "Interests" },
                "value": "Skiing",
                "tagId": null,
            }],
        }),
        json!({
            "id": LAST_ID,
            "owner": user(674_198, "scott.owner", "Scott Owner"),
            "team": { "id": 5, "name": "Delivery" },
            "party": person(11_587, "Scott", "Spacey"),
            "status": "CLOSED",
            "opportunity": { "id": 83_948, "name": "Market study" },
            "stage": { "name": "In Progress", "id": 149 },
            "createdAt": "2024-11-04T09:00:00Z",
            "updatedAt": "2025-01-31T16:20:00Z",
            "description": null,
            "name": "Pilot",
            "closedOn": "2025-01-31",
            "lastContactedAt": "2025-01-30T08:15:00Z",
            "expectedCloseOn": "2025-02-28",
            "startOn": "2024-11-04",
            "tags": [],
            "fields": [],
        }),
    ]
}

/// A project as it begins: what is not given is empty.
pub(super) fn new_project(created: u64) -> Object {
    let now = Precision::Seconds.now();
    object(json!({
        "id": LAST_ID.saturating_add(created),
        "owner": null,
        "team": null,
        "party": null,
        "status": "OPEN",
        "opportunity": null,
        "stage": null,
        "createdAt": now,
        "updatedAt": now,
        "description": null,
        "name": null,
        "closedOn": null,
        "lastContactedAt": null,
        "expectedCloseOn": null,
        "startOn": null,
        "tags": [],
        "fields": [],
    }))
}

pub(super) fn users() -> [Value; 2] {
    [user(674_197, "integration.test", "integration.tes1907"), user(674_198, "scott.owner", "Scott Owner")]
}

pub(super) fn teams() -> [Value; 2] {
    [json!({ "id": 5, "name": "Delivery" }), json!({ "id": 6, "name": "Support" })]
}

pub(super) fn parties() -> [Value; 5] {
    [
        organisation(254_633_973, "Capsule"),
        organisation(254_633_974, "Zestia"),
        person(11_587, "Scott", "Spacey"),
        person(11_588, "Ada", "Northfield"),
        person(11_589, "Ken", "Okafor"),
    ]
}

pub(super) fn opportunities() -> [Value; 2] {
    [json!({ "id": 83_948, "name": "Market study" }), json!({ "id": 91_000, "name": "Second round" })]
}

/// Stages of two boards. Moving a project to the other board is accepted.
pub(super) fn stages() -> [Value; 3] {
    [json!({ "name": "Project Brief", "id": 104_607 }), json!({ "name": "In Progress", "id": 149 }), json!({ "name": "Review", "id": 150 })]
}

pub(super) fn tags() -> [Value; 3] {
    [
        json!({ "id": 168_298, "name": "Priority", "dataTag": false }),
        json!({ "id": 168_299, "name": "VIP", "dataTag": false }),
        json!({ "id": LAST_TAG, "name": "Contract Details", "dataTag": true }),
    ]
}

/// One custom field of each type, the last below a data tag.
pub(super) fn definitions() -> [Value; 5] {
    let definition = |id: u64, kind: &str, name: &str, order: u64, options: Value, tag: Value| {
        json!({
            "id": id, "type": kind, "name": name, "description": null, "important": false, "displayOrder": order,
            "tag": tag, "captureRule": null, "options": options,
        })
    };
    let data_tag = json!({ "id": LAST_TAG, "name": "Contract Details", "dataTag": true });
    [
        definition(926_886, "list", "Interests", 1, json!(["Traveling", "Food", "Skiing", "Golf"]), Value::Null),
        definition(926_887, "text", "Reference", 2, Value::Null, Value::Null),
        definition(926_888, "number", "Budget", 3, Value::Null, Value::Null),
        definition(926_889, "boolean", "Billable", 4, Value::Null, Value::Null),
        definition(926_890, "date", "Signed on", 5, Value::Null, data_tag),
    ]
}

fn user(id: u64, username: &str, name: &str) -> Value {
    json!({ "id": id, "deleted": false, "username": username, "pictureURL": PICTURE, "name": name })
}

fn organisation(id: u64, name: &str) -> Value {
    json!({ "id": id, "type": "organisation", "name": name, "pictureURL": "https://facehub.appspot.com/default/org?size=100" })
}

/// A person has no `name`.
fn person(id: u64, first: &str, last: &str) -> Value {
    json!({ "id": id, "type": "person", "firstName": first, "lastName": last, "pictureURL": PICTURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_projects_are_numbers_that_count_on_from_the_seeds() {
        assert_eq!(projects()[1]["id"], LAST_ID);
        assert_eq!(new_project(1)["id"], 5_271_518);
        assert_eq!(new_project(2)["id"], 5_271_519);
    }

    #[test]
    fn a_new_project_has_every_member_of_a_seed() {
        let seed = object(projects()[0].clone());
        let names = |project: &Object| project.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&new_project(1)), names(&seed));
    }
}
