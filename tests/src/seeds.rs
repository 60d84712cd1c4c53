//! What stands in a fresh sandbox, one object for each provider and resource.

/// A provider of the sandbox with an object of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed {
    /// The provider's name.
    pub provider: &'static str,
    /// Model and resource of the object, as in a path.
    pub resource: &'static str,
    /// Where the provider's own base URL stands in the sandbox.
    pub base: &'static str,
    /// The object's id.
    pub id: &'static str,
    /// Settings that an account needs besides `base_url`.
    pub settings: &'static [(&'static str, &'static str)],
}

const WORKSPACES: &str = "ticketing/workspaces";
const PROJECTS: &str = "crm/projects";

/// A space.
pub const WRIKE: Seed = Seed { provider: "wrike", resource: WORKSPACES, base: "/wrike/api/v4", id: "MQAAAAEQ_HoD", settings: &[] };

/// A plan, which is changed with an etag.
pub const PLANNER: Seed = Seed {
    provider: "microsoft-planner",
    resource: WORKSPACES,
    base: "/microsoft-planner/v1.0",
    id: "xqQg5FS2LkCp935s-FIFm2QAFkHM",
    settings: &[],
};

/// A plan of another tenant.
pub const MICROSOFT_365: Seed = Seed {
    provider: "microsoft-365",
    resource: WORKSPACES,
    base: "/microsoft-365/v1.0",
    id: "jd8S5gOaFk2S8aWCIAJz42QAAxtD",
    settings: &[],
};

/// A workspace behind one command endpoint.
pub const POLYTEIA: Seed =
    Seed { provider: "polyteia", resource: WORKSPACES, base: "/polyteia", id: "ws_cv33u4n0i6q45p93i930", settings: &[] };

/// A workspace of an organization.
pub const WORKIVA: Seed = Seed {
    provider: "workiva",
    resource: WORKSPACES,
    base: "/workiva",
    id: "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy",
    settings: &[("organization_id", ORGANIZATION)],
};

/// A record of the workspaces object.
pub const ATTIO: Seed =
    Seed { provider: "attio", resource: WORKSPACES, base: "/attio", id: "bf071e1f-6035-429d-b874-d83ea64ea13b", settings: &[] };

/// A workspace of a company.
pub const PLANHAT_WORKSPACE: Seed =
    Seed { provider: "planhat", resource: WORKSPACES, base: "/planhat", id: "609a88660b73992504816060", settings: &[] };

/// A project of a company.
pub const PLANHAT_PROJECT: Seed =
    Seed { provider: "planhat", resource: PROJECTS, base: "/planhat", id: "60a3b5d20b739925048160c1", settings: &[] };

/// A kase.
pub const CAPSULE: Seed = Seed { provider: "capsule", resource: PROJECTS, base: "/capsule/api/v2", id: "5271516", settings: &[] };

/// A project in a pod.
pub const INSIGHTLY: Seed =
    Seed { provider: "insightly", resource: PROJECTS, base: "/insightly/v3.1", id: "1657941", settings: &[("pod", "na1")] };

/// A project of a space.
pub const PIPELINER: Seed = Seed {
    provider: "pipeliner",
    resource: PROJECTS,
    base: "/pipeliner/api/v100/rest/spaces/my_space",
    id: "0190978c-d6d1-de35-3f6d-7cf0a0e264db",
    settings: &[("region", "us-east"), ("space_id", "my_space")],
};

/// A project of the new module.
pub const TEAMLEADER: Seed =
    Seed { provider: "teamleader", resource: PROJECTS, base: "/teamleader", id: "49b403be-a32e-0901-9b1c-25214f9027c6", settings: &[] };

/// All of them.
pub const ALL: [Seed; 12] = [
    WRIKE,
    PLANNER,
    POLYTEIA,
    WORKIVA,
    MICROSOFT_365,
    ATTIO,
    PLANHAT_WORKSPACE,
    PLANHAT_PROJECT,
    CAPSULE,
    INSIGHTLY,
    PIPELINER,
    TEAMLEADER,
];

/// The organization of Workiva's workspace.
pub const ORGANIZATION: &str = "d6e178fd-4dd5-47e5-9457-68dd64b03655";

/// The etag that the plan starts with.
pub const ETAG: &str = "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\"";

/// The same as a query parameter.
pub const ETAG_PARAM: &str = "etag=W%2F%22JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc%3D%22";

impl Seed {
    /// The token, user name or key that the sandbox takes.
    #[must_use]
    pub fn token(&self) -> String {
        format!("sandbox-{}", self.provider)
    }

    /// The credential as a file of the command.
    #[must_use]
    pub fn credential(&self) -> String {
        let token = self.token();
        match self.provider {
            "insightly" => serde_json::json!({ "username": token, "password": "" }).to_string(),
            "pipeliner" => serde_json::json!({ "username": token, "password": token }).to_string(),
            _ => credential(&token),
        }
    }

    /// The path of the collection in the unified API.
    #[must_use]
    pub fn collection(&self) -> String {
        format!("/unified/{}", self.resource)
    }

    /// The path of the object in the unified API.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.collection(), self.id)
    }
}

/// A bearer token as a credential.
#[must_use]
pub fn credential(token: &str) -> String {
    serde_json::json!({ "access_token": token }).to_string()
}
