//! Pipeliner (REST API v100): a unified project is a project of a space.
//!
//! <https://developers.pipelinersales.com/api-docs>

mod page;
mod project;
mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified projects and Pipeliner's.
#[derive(Debug)]
pub struct Pipeliner;

impl Plugin for Pipeliner {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        request::exchange(request)
    }

    fn map_response(_account: &Account, request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        response::step(request, response)
    }
}

patchboard_sdk::export!(Pipeliner);

#[cfg(test)]
mod tests;
