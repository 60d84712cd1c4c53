//! Teamleader Focus: a unified project is a project of the account's projects module,
//! which is either the new one (`projects-v2`) or the legacy one.
//!
//! <https://developer.focus.teamleader.eu>
//!
//! Every native call is a `POST` that does one thing, and an update answers 204. So one
//! unified request is a chain of calls: which module, what the project has now, the
//! update, its relations one by one, the project read back, the names of what it refers
//! to. `flow` goes along that chain; the state between two calls says how far it is.

mod budget;
mod flow;
mod legacy;
mod module;
mod names;
mod page;
mod project;
mod relations;
mod request;
mod response;
mod state;

use patchboard_sdk::{Account, Error, Exchange, Plugin, Request, Response, Step};

/// The mapping between unified projects and Teamleader's.
#[derive(Debug)]
pub struct Teamleader;

impl Plugin for Teamleader {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
        flow::first(account, request)
    }

    fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        flow::next(request, state, response)
    }
}

patchboard_sdk::export!(Teamleader);

#[cfg(test)]
mod tests;
