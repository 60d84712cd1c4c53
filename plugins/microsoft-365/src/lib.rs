//! Microsoft 365 (Microsoft Graph v1.0): a unified workspace is a `plannerPlan`, as with
//! Microsoft Planner.
//!
//! The mapping is that of [`patchboard_microsoft_plans`]; here is the manifest.

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and the plans of Microsoft 365.
#[derive(Debug)]
pub struct Microsoft365;

impl Plugin for Microsoft365 {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        patchboard_microsoft_plans::map_request(account, request)
    }

    fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        patchboard_microsoft_plans::map_response(request, state, response)
    }
}

patchboard_sdk::export!(Microsoft365);

#[cfg(test)]
mod tests;
