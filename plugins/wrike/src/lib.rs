//! Wrike (API v4): a unified workspace is a space.
//!
//! <https://developers.wrike.com/reference/putspacessingle>

mod request;
mod response;

use patchboard_sdk::{Account, EnumTable, Error, Exchange, Plugin, Request, Response, Step};

/// `accessType`. Wrike has `Locked` and `Personal` as well, which no unified type means.
const ACCESS: EnumTable = EnumTable(&[("public", "Public"), ("private", "Private")]);

/// The mapping between unified workspaces and Wrike's spaces.
#[derive(Debug)]
pub struct Wrike;

impl Plugin for Wrike {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::exchange(request)
    }

    fn map_response(_account: &Account, request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        response::step(request, response)
    }
}

patchboard_sdk::export!(Wrike);

#[cfg(test)]
mod tests;
