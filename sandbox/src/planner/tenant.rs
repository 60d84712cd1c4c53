//! Whose plans there are. Microsoft Planner and Microsoft 365 are two connections to the same API; each has a tenant of
//! its own here, so that a client which mixes the two up is found out.

/// A tenant with one user, one group and one plan to begin with.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// The group that the seed belongs to, and the only one that the user is in.
    pub(super) group: &'static str,
    /// The user of the tokens.
    pub(super) user: &'static str,
    /// The first plan.
    pub(super) plan: &'static str,
    pub(super) title: &'static str,
    pub(super) created: &'static str,
    /// The last five bytes of every id of the tenant.
    pub(super) ending: [u8; 5],
}

/// The example of <https://learn.microsoft.com/en-us/graph/api/plannerplan-update>, which uses one id for user and group.
pub(crate) const PLANNER: Tenant = Tenant {
    group: "ebf3b108-5234-4e22-b93d-656d7dae5874",
    user: "ebf3b108-5234-4e22-b93d-656d7dae5874",
    plan: "xqQg5FS2LkCp935s-FIFm2QAFkHM",
    title: "title-value",
    created: "2015-03-30T18:36:49.2407981Z",
    ending: [0x64, 0x00, 0x16, 0x41, 0xcc],
};

/// Another one, whose user is not its group.
pub(crate) const MICROSOFT_365: Tenant = Tenant {
    group: "02bd9fd6-8f93-4758-87c3-1fb73740a315",
    user: "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
    plan: "jd8S5gOaFk2S8aWCIAJz42QAAxtD",
    title: "Office move",
    created: "2021-09-14T07:05:21.1839205Z",
    ending: [0x64, 0x00, 0x03, 0x1b, 0x43],
};
