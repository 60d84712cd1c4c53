//! Polyteia: a unified workspace is a workspace.
//!
//! <https://docs.polyteia.com/api-docs/en/workspace>

mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and Polyteia's.
#[derive(Debug)]
pub struct Polyteia;

impl Plugin for Polyteia {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::first(account, request)
    }

    fn map_response(account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        let body = response::success(response)?;
        let workspace = response::workspace(&body)?;
        match state {
            request::READ => Ok(request::update_of(account, request, workspace)?.into()),
            request::AFTER_READ => Ok(response::unified(&body).from_exchange(1).into()),
            _ => Ok(response::unified(&body).into()),
        }
    }
}

patchboard_sdk::export!(Polyteia);

#[cfg(test)]
mod tests;
