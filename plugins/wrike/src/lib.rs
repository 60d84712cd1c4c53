//! Wrike (API v4): a unified workspace is a space.
//!
//! <https://developers.wrike.com/reference/putspacessingle>

mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and Wrike's spaces.
#[derive(Debug)]
pub struct Wrike;

impl Plugin for Wrike {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        Ok(request::update(request))
    }

    fn map_response(_account: &Account, _request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        response::space(response)
    }
}

patchboard_sdk::export!(Wrike);

#[cfg(test)]
mod tests;
