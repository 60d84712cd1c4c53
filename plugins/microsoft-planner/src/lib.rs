//! Microsoft Planner (Microsoft Graph v1.0): a unified workspace is a `plannerPlan`.
//!
//! <https://learn.microsoft.com/en-us/graph/api/plannerplan-update>

mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and Planner's plans.
#[derive(Debug)]
pub struct MicrosoftPlanner;

impl Plugin for MicrosoftPlanner {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::update(request)
    }

    fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        match state {
            request::READ_BACK => response::plan(request, response, 1),
            // What Planner answers when it passes over `Prefer`.
            _ if response.status == 204 => Ok(request::read_back(request).into()),
            _ => response::plan(request, response, 0),
        }
    }
}

patchboard_sdk::export!(MicrosoftPlanner);

#[cfg(test)]
mod tests;
