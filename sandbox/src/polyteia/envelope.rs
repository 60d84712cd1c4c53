use serde_json::Value;

use super::params::Params;
use super::refusal::Refusal;
use super::switches::Switches;
use crate::exchange::NativeRequest;
use crate::objects::Object;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Get,
    List,
    Create,
    Update,
    Delete,
}

impl Operation {
    pub(super) fn changes(self) -> bool {
        !matches!(self, Self::Get | Self::List)
    }

    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "get_workspace" => Self::Get,
            "list_workspaces" => Self::List,
            "create_workspace" => Self::Create,
            "update_workspace" => Self::Update,
            "delete_workspace" => Self::Delete,
            _ => return None,
        })
    }
}

/// An operation with its parameters.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) params: Params,
}

/// Reads `{"command": ..., "params": {...}}` or `{"query": ..., "params": {...}}`.
pub(super) fn read(request: &NativeRequest, switches: Switches) -> Result<Call, Refusal> {
    let mut body = object(request)?;
    let params = match body.shift_remove("params") {
        Some(Value::Object(params)) => Params::new(params),
        _ => return Err(Refusal::bad("params is required and must be an object")),
    };
    let command = body.shift_remove("command");
    let query = body.shift_remove("query");
    if let Some(name) = body.keys().next() {
        return Err(Refusal::bad(format!("unknown member {name}")));
    }
    let (key, name) = match (command, query) {
        (Some(Value::String(name)), None) => ("command", name),
        (None, Some(Value::String(name))) => ("query", name),
        _ => {
            return Err(Refusal::bad("exactly one of command and query is required, as a string"));
        }
    };
    let known = Operation::from_name(&name).filter(|operation| match (key, operation.changes()) {
        ("command", changes) => changes,
        (_, changes) => !changes || switches.changes_under_query,
    });
    match known {
        Some(operation) => Ok(Call { operation, params }),
        None => Err(Refusal::bad(format!("unknown {key} {name}"))),
    }
}

fn object(request: &NativeRequest) -> Result<Object, Refusal> {
    if !request.says_json() {
        return Err(Refusal::bad("content type must be application/json"));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::bad("body must be a JSON object")),
    }
}
