use serde_json::{Value, json};

/// Where the documentation says two things, or none; the control routes choose.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Switches {
    /// The examples of the workspace page put changes under `query`, everything else says `command`. True accepts
    /// both.
    pub(crate) changes_under_query: bool,
    /// Whether an update replaces `attributes` and clears what is omitted, or adds and keeps.
    pub(crate) update_replaces: bool,
}

impl Switches {
    pub(crate) fn to_json(self) -> Value {
        let envelope = if self.changes_under_query { "query" } else { "command" };
        let update = if self.update_replaces { "replace" } else { "merge" };
        json!({ "envelope": envelope, "update": update })
    }
}
