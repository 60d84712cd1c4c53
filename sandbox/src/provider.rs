use std::fmt;

/// A provider that the sandbox stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Wrike API v4, spaces.
    Wrike,
    /// Workiva, workspaces of an organization.
    Workiva,
    /// Microsoft Graph v1.0, Planner plans.
    MicrosoftPlanner,
    /// Polyteia, workspaces.
    Polyteia,
    /// Attio API v2, records of the standard object `workspaces`.
    Attio,
    /// Planhat, workspaces and projects.
    Planhat,
    /// Microsoft Graph v1.0, Planner plans by another connection than Planner's.
    Microsoft365,
    /// Capsule API v2, projects (`kases`).
    Capsule,
    /// Insightly API v3.1, projects.
    Insightly,
    /// Pipeliner REST API v100, projects of a space.
    Pipeliner,
    /// Teamleader Focus, projects of both modules.
    Teamleader,
}

impl Provider {
    /// Every provider, in the order in which documentation lists them.
    pub const ALL: [Self; 11] = [
        Self::Wrike,
        Self::Workiva,
        Self::MicrosoftPlanner,
        Self::Polyteia,
        Self::Attio,
        Self::Planhat,
        Self::Microsoft365,
        Self::Capsule,
        Self::Insightly,
        Self::Pipeliner,
        Self::Teamleader,
    ];

    /// The provider's name: its path prefix is `/<name>`, its token, or its user name, `sandbox-<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrike => "wrike",
            Self::Workiva => "workiva",
            Self::MicrosoftPlanner => "microsoft-planner",
            Self::Polyteia => "polyteia",
            Self::Attio => "attio",
            Self::Planhat => "planhat",
            Self::Microsoft365 => "microsoft-365",
            Self::Capsule => "capsule",
            Self::Insightly => "insightly",
            Self::Pipeliner => "pipeliner",
            Self::Teamleader => "teamleader",
        }
    }

    /// The provider of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
