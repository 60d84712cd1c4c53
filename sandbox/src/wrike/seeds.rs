use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::objects::{Object, object};

/// The user whom the sandbox tokens belong to.
pub(super) const USER: &str = "KUAAAAEP";

pub(super) const ACCESS_ROLE: &str = "IEAG5DAKND777776";
pub(super) const GUEST_ROLE: &str = "IEAG5DAKND777777";
pub(super) const PROJECT_WORKFLOW: &str = "IEAG5DAKK77ZC47W";
pub(super) const TASK_WORKFLOW: &str = "IEAG5DAKK4HVMQV4";
pub(super) const AVATAR: &str = "https://www.wrike.com/static/spaceicons2/v3/6/6-planet.png";

/// The last part of the first seed's id; the ids of new spaces count on from it.
const LAST_ID: u32 = 0x10fc_7a03;

pub(super) fn spaces() -> [Value; 2] {
    [
        json!({
            "id": "MQAAAAEQ_HoD",
            "title": "Marketing",
            "avatarUrl": AVATAR,
            "accessType": "Public",
            "archived": false,
            "description": "Campaign space",
            "guestRoleId": GUEST_ROLE,
            "defaultProjectWorkflowId": PROJECT_WORKFLOW,
            "defaultTaskWorkflowId": TASK_WORKFLOW,
            "suggestedProjectWorkflowIds": [PROJECT_WORKFLOW],
            "suggestedTaskWorkflowIds": [TASK_WORKFLOW],
            "members": [{ "id": USER, "accessRoleId": ACCESS_ROLE, "isManager": true }],
        }),
        json!({
            "id": "MQAAAAEQ_HoE",
            "title": "Events of last year",
            "avatarUrl": AVATAR,
            "accessType": "Private",
            "archived": true,
            "description": "Kept for reference",
            "defaultProjectWorkflowId": PROJECT_WORKFLOW,
            "defaultTaskWorkflowId": TASK_WORKFLOW,
            "suggestedProjectWorkflowIds": [],
            "suggestedTaskWorkflowIds": [],
            "members": [],
        }),
    ]
}

/// A public space with nothing in it, without its id.
pub(super) fn plain_space(title: &str) -> Object {
    object(json!({
        "title": title,
        "avatarUrl": AVATAR,
        "accessType": "Public",
        "archived": false,
        "guestRoleId": GUEST_ROLE,
        "defaultProjectWorkflowId": PROJECT_WORKFLOW,
        "defaultTaskWorkflowId": TASK_WORKFLOW,
        "suggestedProjectWorkflowIds": [],
        "suggestedTaskWorkflowIds": [],
        "members": [],
    }))
}

/// Gives a new space its id: nine bytes in base64url, as in the seeds.
pub(super) fn space_with_id(created: u32, members: Object) -> Object {
    // The archived seed has the number after the first.
    let number = LAST_ID.wrapping_add(1).wrapping_add(created);
    let mut bytes = vec![0x31, 0, 0, 0, 1];
    bytes.extend(number.to_be_bytes());
    let mut space = Object::new();
    space.insert("id".to_owned(), URL_SAFE_NO_PAD.encode(bytes).into());
    space.extend(members);
    space
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_spaces_look_like_the_seeds_and_differ() {
        let first = space_with_id(1, Object::new());
        let second = space_with_id(2, Object::new());
        assert_eq!(first["id"], "MQAAAAEQ_HoF");
        assert_eq!(second["id"], "MQAAAAEQ_HoG");
    }
}
