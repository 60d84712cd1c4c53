use serde_json::{Value, json};
use uuid::Builder;

use super::attribute::{ATTRIBUTES, Attribute};
use super::value;
use crate::auth::Access;
use crate::objects::{Object, object, seeded};
use crate::timestamps::Precision;

/// The Attio workspace that the tokens belong to; not a record of the object `workspaces`.
pub(super) const TENANT: &str = "14beef7a-99f7-4534-a87e-70b564330a4c";

/// The object, by slug and by id.
pub(super) const OBJECT: &str = "workspaces";
pub(super) const OBJECT_ID: &str = "97052eb9-e65e-443f-a297-f2d9a4a7f795";

const CLIENT: &str = "9a7c1e52-64b0-4d0d-8f1e-3b5a2c7d6e4f";
const MEMBER: &str = "50cf242c-7fa3-4cad-87d0-75b1af71c57b";

/// The example of <https://docs.attio.com/rest-api/endpoint-reference/workspaces/upsert-a-workspace-record>.
pub(super) fn record() -> Value {
    let mut record = whole("bf071e1f-6035-429d-b874-d83ea64ea13b", "2022-11-21T13:22:49.061281000Z");
    let user = json!({ "target_object": "users", "target_record_id": "5e3fb280-007b-495a-a530-9354bde01de1" });
    let company = json!({ "target_object": "companies", "target_record_id": "99a03ff3-0435-47da-95cc-76b2caeb4dab" });
    let held = [
        ("workspace_id", json!({ "value": "123" })),
        ("name", json!({ "value": "Fundstack" })),
        ("users", user),
        ("company", company),
        ("avatar_url", json!({ "value": "https://example.com/avatar.png" })),
    ];
    let system = json!({ "type": "system", "id": null });
    for (slug, payload) in held {
        set(&mut record, slug, payload, &system, "2023-01-01T15:00:00.000000000Z");
    }
    Value::Object(record)
}

/// A record for a long list.
pub(super) fn plain_record(number: u64) -> Object {
    let mut record = new_record(number);
    let now = Precision::Nanoseconds.now();
    set(&mut record, "workspace_id", json!({ "value": format!("seeded-{number}") }), &actor(), &now);
    set(&mut record, "name", json!({ "value": seeded::<Value>(number) }), &actor(), &now);
    record
}

/// A record without values.
pub(super) fn new_record(number: u64) -> Object {
    whole(&id(number), &Precision::Nanoseconds.now())
}

/// An attribute without a value is an empty list.
fn whole(id: &str, created_at: &str) -> Object {
    let values: Object = ATTRIBUTES.iter().map(|attribute| (attribute.slug.to_owned(), json!([]))).collect();
    object(json!({
        "id": { "workspace_id": TENANT, "object_id": OBJECT_ID, "record_id": id },
        "created_at": created_at,
        "web_url": format!("https://app.attio.com/sandbox/workspaces/{id}"),
        "values": values,
    }))
}

/// Gives an attribute its one value.
fn set(record: &mut Object, slug: &str, payload: Value, actor: &Value, active_from: &str) {
    if let (Some(Value::Object(values)), Some(attribute)) = (record.get_mut("values"), Attribute::named(slug)) {
        let value = value::whole(attribute, payload, actor.clone(), active_from);
        values.insert(slug.to_owned(), json!([value]));
    }
}

/// Who writes through the API.
pub(super) fn actor() -> Value {
    json!({ "type": "api-token", "id": CLIENT })
}

/// A UUID of version 4, the same in every run.
fn id(number: u64) -> String {
    // An odd factor spreads the count over all digits; the bits that the version takes are not all of them.
    let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Builder::from_random_bytes(spread.to_be_bytes()).into_uuid().to_string()
}

/// What `GET /v2/self` says of a token: <https://docs.attio.com/rest-api/endpoint-reference/meta/identify>.
pub(super) fn token(access: Access) -> Value {
    let permission = match access {
        Access::Refused => return json!({ "active": false }),
        Access::ReadOnly => "read",
        Access::Full => "read-write",
    };
    json!({
        "active": true,
        "scope": format!("record_permission:{permission} object_configuration:read"),
        "client_id": CLIENT,
        "token_type": "Bearer",
        "exp": null,
        "iat": 1_669_037_000,
        "sub": TENANT,
        "aud": CLIENT,
        "iss": "attio.com",
        "authorized_by_workspace_member_id": MEMBER,
        "workspace_id": TENANT,
        "workspace_name": "Sandbox",
        "workspace_slug": "sandbox",
        "workspace_logo_url": null,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_of_new_records_are_uuids_and_differ() {
        let ids: HashSet<String> = (1..=5_000).map(id).collect();
        assert_eq!(ids.len(), 5_000);
        assert!(ids.iter().all(|id| Uuid::try_parse(id).unwrap().get_version_num() == 4));
    }

    #[test]
    fn the_seed_has_its_values_at_their_attributes() {
        let record = record();
        assert_eq!(record["values"]["company"][0]["target_object"], "companies");
        assert_eq!(record["values"]["avatar_url"][0]["attribute_type"], "text");
        assert_eq!(record["values"]["tags"], json!([]));
    }
}
