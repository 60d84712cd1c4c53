//! The two projects modules of Teamleader Focus.

use patchboard_sdk::{Error, Exchange, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::response;

/// Which projects module an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Module {
    /// The new one.
    #[serde(rename = "projects-v2")]
    V2,
    /// The one before it.
    #[serde(rename = "legacy")]
    Legacy,
}

impl Module {
    /// By Teamleader's name, which is that of the setting too.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "projects-v2" => Some(Self::V2),
            "legacy" => Some(Self::Legacy),
            _ => None,
        }
    }

    /// The question which module an account has. It has no body.
    pub(crate) fn ask() -> Exchange {
        Exchange::post("projects_v2_status", "/accounts.projects-v2-status")
    }

    /// `{"data":{"status":"projects-v2"}}`
    pub(crate) fn answered(response: &Response) -> Result<Self, Error> {
        let body = response::body(response, "")?;
        let status = body.pointer("/data/status").and_then(Value::as_str);
        status.and_then(Self::named).ok_or_else(|| Error::Unreadable("its `data.status` names no projects module".to_owned()))
    }

    /// `POST …projects.{method}` of this module, as the manifest's call of that name.
    pub(crate) fn call(self, name: &str, method: &str, body: Map<String, Value>) -> Exchange {
        match self {
            Self::V2 => Exchange::post(name, format!("/projects-v2/projects.{method}")),
            Self::Legacy => Exchange::post(&format!("legacy_{name}"), format!("/projects.{method}")),
        }
        .json(body)
    }
}
