use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::etag;
use crate::timestamps::Precision;

/// The group that the seed belongs to, and the only one that the user is in.
pub(super) const GROUP: &str = "ebf3b108-5234-4e22-b93d-656d7dae5874";

/// The user of the tokens. The documentation's example uses one id for both.
pub(super) const USER: &str = GROUP;

/// The version that the documentation's etag decodes to.
pub(super) const VERSION: u64 = 4;

const APPLICATION: &str = "95e27074-6c4a-447a-aa24-9d718a0b86fa";

/// The example of <https://learn.microsoft.com/en-us/graph/api/plannerplan-update>.
pub(super) fn plan() -> Value {
    let container = json!({
        "containerId": GROUP,
        "type": "group",
        "url": format!("https://graph.microsoft.com/v1.0/groups/{GROUP}"),
    });
    let id = "xqQg5FS2LkCp935s-FIFm2QAFkHM";
    let created = "2015-03-30T18:36:49.2407981Z";
    whole(id, &etag::write(VERSION), "title-value", created, &container)
}

pub(super) fn new_plan(created: u64, etag: &str, title: &str, container: &Value) -> Value {
    let now = Precision::HundredNanoseconds.now();
    whole(&id(created), etag, title, &now, container)
}

fn whole(id: &str, etag: &str, title: &str, created: &str, container: &Value) -> Value {
    json!({
        "@odata.etag": etag,
        "createdDateTime": created,
        "owner": container.get("containerId"),
        "title": title,
        "id": id,
        "createdBy": {
            "user": { "displayName": null, "id": USER },
            "application": { "displayName": null, "id": APPLICATION },
        },
        "container": container,
    })
}

/// 28 characters: base64url of 21 bytes, the last five the same within a tenant.
fn id(created: u64) -> String {
    // An odd factor spreads the count over all digits without meeting itself again.
    let spread = u128::from(created).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let mut bytes = spread.to_be_bytes().to_vec();
    bytes.extend([0x64, 0x00, 0x16, 0x41, 0xcc]);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_carries_the_etag_of_the_documentation() {
        let etag = "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"";
        assert_eq!(plan()["@odata.etag"], etag);
    }

    #[test]
    fn ids_of_new_plans_have_28_characters_and_the_ending_of_the_seed() {
        assert_eq!(id(1).len(), 28);
        assert!(id(1).ends_with("QAFkHM"));
        assert_ne!(id(1), id(2));
    }
}
