use serde_json::{Value, json};

/// Which of the two projects modules the account has; the control routes choose.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Switches {
    /// The legacy module in place of the new one.
    pub(crate) legacy: bool,
}

impl Switches {
    /// As `accounts.projects-v2-status` names it.
    pub(super) fn module(self) -> &'static str {
        if self.legacy { "legacy" } else { "projects-v2" }
    }

    pub(crate) fn to_json(self) -> Value {
        json!({ "module": self.module() })
    }
}
