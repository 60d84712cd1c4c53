//! Teamleader Focus, projects: the new module (`projects-v2`) and the legacy one. What is modelled is in the OpenAPI
//! document of <https://developer.focus.teamleader.eu> and in <https://github.com/teamleadercrm/api>.
//!
//! Every call is a POST with the ids in a JSON body. An account has one of the two modules, which a control route
//! chooses.

mod body;
mod custom_fields;
mod legacy;
mod legacy_write;
mod list;
mod money;
mod refusal;
mod related;
mod seeds;
mod switches;
mod v2;
mod v2_filter;
mod v2_write;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use time::Duration;

use self::body::Body;
use self::legacy::LegacyProjects;
use self::refusal::Refusal;
use self::related::{Related, data};
use self::switches::Switches;
use self::v2::Projects;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::Change;
use crate::provider::Provider;
use crate::quota::{Left, Quota};
use crate::timestamps::Precision;
use crate::world::StandIn;

/// Requests of an integration at an account in a minute.
const LIMIT: u32 = 200;

/// The newest version of the API that is known, and the one of a request that names none.
const VERSION: &str = "2023-09-26";

/// The stand-in for Teamleader.
pub(crate) struct Teamleader {
    projects: Projects,
    legacy: LegacyProjects,
    related: Related,
    pub(crate) switches: Switches,
    quota: Quota,
}

impl Teamleader {
    pub(crate) fn seeded() -> Self {
        Self {
            projects: Projects::seeded(),
            legacy: LegacyProjects::seeded(),
            related: Related::seeded(),
            switches: Switches::default(),
            quota: Quota::new(LIMIT, Duration::MINUTE),
        }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let access = access(Provider::Teamleader, bearer(&request.headers));
        if access == Access::Refused {
            return Err(Refusal::Unauthorized);
        }
        let call = request.path.strip_prefix('/').unwrap_or_default();
        let (name, legacy) = match (call.strip_prefix("projects-v2/projects."), call.strip_prefix("projects.")) {
            (Some(name), _) => (name, false),
            (_, Some(name)) => (name, true),
            _ => return self.other(call, request),
        };
        check_method(request)?;
        if legacy != self.switches.legacy {
            return Err(Refusal::OtherModule);
        }
        if access == Access::ReadOnly && !["info", "list"].contains(&name) {
            return Err(Refusal::Forbidden);
        }
        let body = Body::read(request)?;
        match legacy {
            false => self.projects.call(name, body, &self.related),
            true => self.legacy.call(name, body, access, &self.related),
        }
    }

    /// What is read besides projects.
    fn other(&self, call: &str, request: &NativeRequest) -> Result<Answer, Refusal> {
        let kind = match call {
            "accounts.projects-v2-status" | "users.me" | "customFieldDefinitions.list" => None,
            "users.info" => Some("user"),
            "companies.info" => Some("company"),
            "contacts.info" => Some("contact"),
            "deals.info" => Some("deal"),
            _ => return Err(Refusal::NotFound),
        };
        check_method(request)?;
        let body = Body::read(request)?;
        match (kind, call) {
            (Some(kind), _) => self.related.info(kind, body),
            (None, "users.me") => self.related.me(),
            (None, "customFieldDefinitions.list") => self.related.list_definitions(body),
            (None, _) => {
                let status = json!({ "status": self.switches.module(), "will_be_automatically_switched_on": "2024-12-31" });
                Ok(data(status))
            }
        }
    }
}

fn check_method(request: &NativeRequest) -> Result<(), Refusal> {
    if request.method == Method::POST { Ok(()) } else { Err(Refusal::MethodNotAllowed) }
}

/// The quota's headers, of which the last is a time: `2021-06-15T10:51:23.035+0000`.
fn with_quota(answer: Answer, left: Left) -> Answer {
    let reset = Precision::Seconds.write(left.ends);
    let reset = format!("{}.{:03}+0000", reset.trim_end_matches('Z'), left.ends.millisecond());
    answer
        .with_header("x-ratelimit-limit", &left.limit.to_string())
        .with_header("x-ratelimit-remaining", &left.remaining.to_string())
        .with_header("x-ratelimit-reset", &reset)
}

impl StandIn for Teamleader {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        let left = self.quota.spend();
        let answer = self.route(request).unwrap_or_else(Refusal::answer);
        with_quota(answer, left).with_header("x-api-version", request.header("x-api-version").unwrap_or(VERSION))
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        let left = if status == StatusCode::TOO_MANY_REQUESTS { self.quota.exhausted() } else { self.quota.left() };
        with_quota(refusal::any(status, message), left).with_header("x-api-version", VERSION)
    }

    /// Those of the module that the account has.
    fn objects(&self) -> Vec<Value> {
        if self.switches.legacy { self.legacy.projects.to_values() } else { self.projects.projects.to_values() }
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        let projects = if self.switches.legacy { &mut self.legacy.projects } else { &mut self.projects.projects };
        let Some(project) = projects.get_mut(id) else {
            return false;
        };
        if self.switches.legacy {
            change.apply(project, legacy::UPDATED, legacy::touch);
        } else {
            // A project of the new module has neither date nor version.
            change.apply(project, "", |_| {});
        }
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["projects"]
    }

    /// To the module that the account has.
    fn add(&mut self, _kind: &str) {
        if self.switches.legacy { self.legacy.add() } else { self.projects.add() }
    }
}
