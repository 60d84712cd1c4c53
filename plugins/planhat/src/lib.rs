//! Planhat: a unified workspace is a workspace, a unified project a project.
//!
//! Both are documents of one API: the collection's name stands in the path, a change
//! holds only what changes, and what is answered is the document itself.
//!
//! <https://www.planhat.com/developers/api/workspace>,
//! <https://www.planhat.com/developers/api/project>

mod collection;
mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified workspaces and projects and Planhat's.
#[derive(Debug)]
pub struct Planhat;

impl Plugin for Planhat {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::exchange(account, request)
    }

    fn map_response(account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        response::step(account, request, state, response)
    }
}

patchboard_sdk::export!(Planhat);

#[cfg(test)]
mod tests;
