//! Capsule (API v2): a unified project is a project, which the API calls `kase`.
//!
//! <https://developer.capsulecrm.com/v2/operations/Project>

mod collections;
mod contacts;
mod paging;
mod request;
mod response;
mod state;
mod write;

use patchboard_sdk::{Account, Error, Exchange, Operation, Plugin, Request, Response, Step};

/// The mapping between unified projects and Capsule's.
#[derive(Debug)]
pub struct Capsule;

impl Plugin for Capsule {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        match request.operation {
            Operation::List => request::list(request),
            Operation::Get => request::get(request),
            Operation::Delete => request::delete(request),
            Operation::Create | Operation::Update => write::first(request),
            Operation::Upsert => Err(Error::Unsupported("Capsule has no upsert of projects".to_owned())),
        }
    }

    fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        match request.operation {
            Operation::List => response::page(request, response),
            Operation::Delete => response::deleted(request, response),
            Operation::Create | Operation::Update => write::next(request, state, response),
            Operation::Get | Operation::Upsert => response::project(request, response),
        }
    }
}

patchboard_sdk::export!(Capsule);

#[cfg(test)]
mod tests;
