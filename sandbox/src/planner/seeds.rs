use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::tenant::Tenant;
use super::{body, etag};
use crate::timestamps::Precision;

/// The version that the documentation's etag decodes to.
pub(super) const VERSION: u64 = 4;

const APPLICATION: &str = "95e27074-6c4a-447a-aa24-9d718a0b86fa";

/// The plan of a tenant.
pub(super) fn plan(tenant: &Tenant) -> Value {
    let container = body::of_group(tenant.group);
    whole(tenant, tenant.plan, &etag::write(VERSION), tenant.title, tenant.created, &container)
}

pub(super) fn new_plan(tenant: &Tenant, created: u64, etag: &str, title: &str, container: &Value) -> Value {
    let now = Precision::HundredNanoseconds.now();
    whole(tenant, &id(tenant, created), etag, title, &now, container)
}

fn whole(tenant: &Tenant, id: &str, etag: &str, title: &str, created: &str, container: &Value) -> Value {
    json!({
        "@odata.etag": etag,
        "createdDateTime": created,
        "owner": container.get("containerId"),
        "title": title,
        "id": id,
        "createdBy": {
            "user": { "displayName": null, "id": tenant.user },
            "application": { "displayName": null, "id": APPLICATION },
        },
        "container": container,
    })
}

/// 28 characters: base64url of 21 bytes, the last five the same within a tenant.
fn id(tenant: &Tenant, created: u64) -> String {
    // An odd factor spreads the count over all digits without meeting itself again.
    let spread = u128::from(created).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let mut bytes = spread.to_be_bytes().to_vec();
    bytes.extend(tenant.ending);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planner::tenant::{MICROSOFT_365, PLANNER};

    #[test]
    fn the_seed_carries_the_etag_of_the_documentation() {
        let etag = "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"";
        assert_eq!(plan(&PLANNER)["@odata.etag"], etag);
    }

    #[test]
    fn ids_of_new_plans_have_28_characters_and_the_ending_of_their_tenants_seed() {
        for tenant in [&PLANNER, &MICROSOFT_365] {
            let first = id(tenant, 1);
            assert_eq!((first.len(), tenant.plan.len()), (28, 28));
            assert_eq!(first.get(22..), tenant.plan.get(22..));
            assert_ne!(first, id(tenant, 2));
        }
    }
}
