//! Microsoft Planner (Microsoft Graph v1.0): a unified workspace is a `plannerPlan`.
//!
//! The mapping is that of [`patchboard_microsoft_plans`]; here is the manifest.

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and Planner's plans.
#[derive(Debug)]
pub struct MicrosoftPlanner;

impl Plugin for MicrosoftPlanner {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        patchboard_microsoft_plans::map_request(account, request)
    }

    fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        patchboard_microsoft_plans::map_response(request, state, response)
    }
}

patchboard_sdk::export!(MicrosoftPlanner);

#[cfg(test)]
mod tests;
