//! What a plugin asks for, in lines that a person can read before they say yes, and what
//! of it is new.

use std::collections::BTreeSet;

use patchboard_gateway::Manifest;
use patchboard_gateway::manifest::{Effect, Resource, Scheme, Setting};
use serde::Serialize;

use crate::text::plain;

/// What a plugin asks for, each a set of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Asks {
    /// Hosts that requests may go to.
    pub hosts: BTreeSet<String>,
    /// Schemes, with the names of the secrets that an account gives.
    pub authentication: BTreeSet<String>,
    /// What an account says beside its secrets.
    pub settings: BTreeSet<String>,
    /// Models, resources and operations.
    pub operations: BTreeSet<String>,
    /// Native calls that write.
    pub writes: BTreeSet<String>,
}

/// What is asked for now and was not before, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The version that is compared with.
    pub since: String,
    /// New lines.
    pub added: Vec<String>,
    /// Lines that are gone.
    pub removed: Vec<String>,
}

impl Asks {
    /// What a manifest asks for.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            hosts: manifest.hosts.iter().map(|host| plain(host.as_str())).collect(),
            authentication: manifest.authentication.iter().map(scheme).collect(),
            settings: manifest.settings.iter().map(setting).collect(),
            operations: manifest.resources.iter().flat_map(operations).collect(),
            writes: manifest.resources.iter().flat_map(writes).collect(),
        }
    }

    /// The sets with their names for people.
    #[must_use]
    pub fn sections(&self) -> [(&'static str, &BTreeSet<String>); 5] {
        [
            ("host", &self.hosts),
            ("authentication", &self.authentication),
            ("setting", &self.settings),
            ("operation", &self.operations),
            ("call that writes", &self.writes),
        ]
    }

    /// What is new against an older version.
    #[must_use]
    pub fn since(&self, version: &str, older: &Self) -> Changes {
        let only = |these: &Self, those: &Self| -> Vec<String> {
            let pairs = these.sections().into_iter().zip(those.sections());
            pairs.flat_map(|((name, these), (_, those))| these.difference(those).map(move |line| format!("{name} {line}"))).collect()
        };
        Changes { since: version.to_owned(), added: only(self, older), removed: only(older, self) }
    }
}

impl Changes {
    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

fn scheme(scheme: &Scheme) -> String {
    plain(&match scheme {
        Scheme::Bearer { token } => format!("bearer ({token})"),
        Scheme::Basic { username, password } => format!("basic ({username}, {password})"),
        Scheme::Header { name, value } => format!("header {name} ({value})"),
        Scheme::Query { name, value } => format!("query parameter {name} ({value})"),
    })
}

fn setting(setting: &Setting) -> String {
    let need = if setting.required { "required" } else { "optional" };
    plain(&format!("{} ({need}): {}", setting.name, setting.help))
}

fn operations(resource: &Resource) -> Vec<String> {
    resource.operations.keys().map(|operation| plain(&format!("{}/{} {operation}", resource.model, resource.resource))).collect()
}

fn writes(resource: &Resource) -> Vec<String> {
    let calls = resource.operations.values().flat_map(|operation| &operation.calls);
    let writes = calls.filter(|call| call.effect == Effect::Write);
    writes.map(|call| plain(&format!("{}: {} {}", call.name, call.method, call.path.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(hosts: &str, operations: &str) -> Asks {
        let manifest = format!(
            r#"{{"name":"acme","title":"Acme","version":"1.0.0","base_url":"https://api.acme.example/","hosts":{hosts},
                "settings":[{{"name":"region","help":"Where\u001b[2J"}}],
                "authentication":[{{"scheme":"bearer","token":"access_token"}}],
                "resources":[{{"model":"ticketing","resource":"workspaces","operations":{operations}}}]}}"#
        );
        Asks::of(&Manifest::parse(&manifest).unwrap())
    }

    const GET: &str = r#""get":{"calls":[{"name":"read","method":"GET","path":"/w/{id}","effect":"read"}]}"#;
    const DELETE: &str = r#""delete":{"calls":[{"name":"remove","method":"DELETE","path":"/w/{id}","effect":"write"}]}"#;

    #[test]
    fn what_is_new_is_told_by_its_kind() {
        let older = asks(r#"["api.acme.example"]"#, &format!("{{{GET}}}"));
        let newer = asks(r#"["api.acme.example","*.acme.example"]"#, &format!("{{{GET},{DELETE}}}"));
        let changes = newer.since("1.0.0", &older);
        let added = ["host *.acme.example", "operation ticketing/workspaces delete", "call that writes remove: DELETE /w/{id}"];
        assert_eq!((changes.added, changes.removed.len()), (added.map(str::to_owned).to_vec(), 0));
        assert_eq!(older.since("1.1.0", &newer).removed.len(), 3);
        assert!(newer.since("1.0.0", &newer).is_empty());
    }

    #[test]
    fn what_a_plugin_says_cannot_act_on_the_terminal() {
        let asks = asks(r#"["api.acme.example"]"#, &format!("{{{GET}}}"));
        assert_eq!(asks.settings.first().unwrap(), "region (optional): Where\\u{1b}[2J");
        assert!(asks.writes.is_empty() && asks.operations.len() == 1);
    }
}
