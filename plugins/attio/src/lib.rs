//! Attio (API v2): a unified workspace is a record of the standard object `workspaces`.
//!
//! <https://docs.attio.com/rest-api/endpoint-reference/workspaces/upsert-a-workspace-record>

mod record;
mod request;
mod response;
mod values;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and Attio's records.
#[derive(Debug)]
pub struct Attio;

impl Plugin for Attio {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::first(IdMode::of(account), request)
    }

    fn map_response(account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        response::step(IdMode::of(account), request, state, response)
    }
}

/// What the id of a unified workspace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IdMode {
    /// The id that Attio gives the record.
    RecordId,
    /// The attribute `workspace_id`: the customer's own id.
    WorkspaceId,
}

impl IdMode {
    fn of(account: &Account) -> Self {
        if account.setting("id_mode") == "workspace_id" { Self::WorkspaceId } else { Self::RecordId }
    }
}

patchboard_sdk::export!(Attio);

#[cfg(test)]
mod tests;
