//! Workiva: a unified workspace is a workspace of an organization.
//!
//! <https://developers.workiva.com/>

mod link;
mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and Workiva's.
#[derive(Debug)]
pub struct Workiva;

impl Plugin for Workiva {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::exchange(account, request)
    }

    fn map_response(_account: &Account, request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        response::step(request, response)
    }
}

patchboard_sdk::export!(Workiva);

#[cfg(test)]
mod tests;
