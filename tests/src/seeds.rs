//! What stands in a fresh sandbox, one object for each provider.

/// A provider of the sandbox with an object of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed {
    /// The provider's name.
    pub provider: &'static str,
    /// Where the provider's own base URL stands in the sandbox.
    pub base: &'static str,
    /// The object's id.
    pub id: &'static str,
    /// Settings that an account needs besides `base_url`.
    pub settings: &'static [(&'static str, &'static str)],
}

/// A space.
pub const WRIKE: Seed = Seed { provider: "wrike", base: "/wrike/api/v4", id: "MQAAAAEQ_HoD", settings: &[] };

/// A plan, which is changed with an etag.
pub const PLANNER: Seed =
    Seed { provider: "microsoft-planner", base: "/microsoft-planner/v1.0", id: "xqQg5FS2LkCp935s-FIFm2QAFkHM", settings: &[] };

/// A workspace behind one command endpoint.
pub const POLYTEIA: Seed = Seed { provider: "polyteia", base: "/polyteia", id: "ws_cv33u4n0i6q45p93i930", settings: &[] };

/// A workspace of an organization.
pub const WORKIVA: Seed =
    Seed { provider: "workiva", base: "/workiva", id: "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy", settings: &[("organization_id", ORGANIZATION)] };

/// All of them.
pub const ALL: [Seed; 4] = [WRIKE, PLANNER, POLYTEIA, WORKIVA];

/// The organization of Workiva's workspace.
pub const ORGANIZATION: &str = "d6e178fd-4dd5-47e5-9457-68dd64b03655";

/// The etag that the plan starts with.
pub const ETAG: &str = "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"";

/// The same as a query parameter.
pub const ETAG_PARAM: &str = "etag=W%2F%22JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc%3D%22";

impl Seed {
    /// The token that the sandbox takes.
    #[must_use]
    pub fn token(&self) -> String {
        format!("sandbox-{}", self.provider)
    }

    /// The credential as a file of the command.
    #[must_use]
    pub fn credential(&self) -> String {
        credential(&self.token())
    }

    /// The path of the object in the unified API.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/unified/ticketing/workspaces/{}", self.id)
    }
}

/// A bearer token as a credential.
#[must_use]
pub fn credential(token: &str) -> String {
    serde_json::json!({ "access_token": token }).to_string()
}
