use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::timestamps::Precision;

/// The organization that the sandbox tokens belong to.
pub(super) const ORGANIZATION: &str = "d6e178fd-4dd5-47e5-9457-68dd64b03655";

/// The number in the first seed's id; the ids of new workspaces count on from it.
const LAST_ID: u64 = 5_639_445_604_728_832;

/// The example of the documentation.
pub(super) fn workspace() -> Value {
    json!({
        "created": { "dateTime": "2014-12-01T15:03:27Z" },
        "id": "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy",
        "modified": { "dateTime": "2021-07-14T08:03:02Z" },
        "name": "Quarterly Planning",
        "organization": { "id": ORGANIZATION, "name": "Workiva Inc." },
        "solutions": [{
            "id": "60",
            "name": "Connected Global Statutory Reporting (with Entity Management)",
        }],
    })
}

pub(super) fn new_workspace(created: u64, name: &str, solutions: &Value) -> Value {
    let now = Precision::Seconds.now();
    json!({
        "created": { "dateTime": now },
        "id": id(LAST_ID.saturating_add(created)),
        "modified": { "dateTime": now },
        "name": name,
        "organization": { "id": ORGANIZATION, "name": "Workiva Inc." },
        "solutions": solutions,
    })
}

/// The form that the documentation's example has when decoded.
fn id(number: u64) -> String {
    STANDARD.encode(format!("Account\u{1f}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_workspaces_have_the_form_of_the_seed() {
        assert_eq!(workspace()["id"], id(LAST_ID));
        assert_ne!(id(LAST_ID), id(LAST_ID + 1));
    }
}
