//! What the demo shows of each provider. The objects are those that the sandbox begins
//! with.

/// A provider in the demo.
pub struct Provider {
    /// As an account names it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What is special about it.
    pub what: &'static str,
    /// Behind the sandbox's address: its prefix, and the path of the provider's base URL.
    pub base_path: &'static str,
    /// Further settings of the account.
    pub settings: &'static [&'static str],
    /// An object that the sandbox has.
    pub object: &'static str,
    /// What the request needs beside the account.
    pub query: Option<&'static str>,
}

pub const PROVIDERS: &[Provider] = &[
    Provider {
        name: "wrike",
        title: "Wrike",
        what: "a form",
        base_path: "/wrike/api/v4",
        settings: &[],
        object: "MQAAAAEQ_HoD",
        query: None,
    },
    Provider {
        name: "workiva",
        title: "Workiva",
        what: "a JSON Patch",
        base_path: "/workiva",
        settings: &["organization_id=d6e178fd-4dd5-47e5-9457-68dd64b03655"],
        object: "QWNjb3VudB81NjM5NDQ1NjA0NzI4ODMy",
        query: None,
    },
    Provider {
        name: "microsoft-planner",
        title: "Microsoft Planner",
        what: "a version that must be named",
        base_path: "/microsoft-planner/v1.0",
        settings: &[],
        object: "xqQg5FS2LkCp935s-FIFm2QAFkHM",
        query: Some("etag=W%2F%22JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc%3D%22"),
    },
    Provider {
        name: "polyteia",
        title: "Polyteia",
        what: "a command",
        base_path: "/polyteia",
        settings: &[],
        object: "ws_cv33u4n0i6q45p93i930",
        query: None,
    },
];
