use serde_json::{Value, json};

use crate::timestamps::Precision;

/// The organization that the sandbox tokens belong to.
pub(super) const ORGANIZATION: &str = "org_cv33u4n0i6q45p93i930";

/// The digits of the ids.
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// The example of <https://docs.polyteia.com/api-docs/en/workspace>.
pub(super) fn workspace() -> Value {
    json!({
        "id": "ws_cv33u4n0i6q45p93i930",
        "organization_id": ORGANIZATION,
        "created_at": "2025-03-24T15:12:49.186202Z",
        "updated_at": "2025-03-24T20:01:59.408382Z",
        "name": "Finance",
        "description": "Finance department workspace",
        "attributes": { "key": "value" },
    })
}

pub(super) fn new_workspace(created: u32, name: &str) -> Value {
    let now = Precision::Microseconds.now();
    json!({
        "id": id(created),
        "organization_id": ORGANIZATION,
        "created_at": now,
        "updated_at": now,
        "name": name,
    })
}

/// `ws_` and twenty digits of base 32, as in the example; the last one is 0 or g.
fn id(created: u32) -> String {
    let digits = (0..7).rev().map(|place| {
        let digit = (created.checked_shr(place * 5).unwrap_or(0)) & 31;
        char::from(DIGITS.get(digit as usize).copied().unwrap_or(b'0'))
    });
    let digits: String = digits.collect();
    format!("ws_cv33u4n0i6q4{digits}0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_workspaces_have_the_form_of_the_seed() {
        let length = "ws_cv33u4n0i6q45p93i930".len();
        assert_eq!(id(1).len(), length);
        assert_eq!(id(u32::MAX).len(), length);
        assert_ne!(id(1), id(2));
    }
}
