//! Insightly (API v3.1): a unified project is a project.
//!
//! <https://api.na1.insightly.com/v3.1/>

mod request;
mod response;

use patchboard_sdk::{Account, Error, Exchange, Operation, Plugin, Request, Response, Step};

/// The mapping between unified projects and Insightly's.
#[derive(Debug)]
pub struct Insightly;

impl Plugin for Insightly {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        match request.operation {
            Operation::List => request::list(request),
            Operation::Get => request::get(request),
            Operation::Create => request::create(request),
            Operation::Update => request::update(request),
            Operation::Delete => request::delete(request),
            Operation::Upsert => Err(Error::Unsupported("Insightly has no upsert of projects".to_owned())),
        }
    }

    fn map_response(_account: &Account, request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        response::success(response)?;
        match request.operation {
            Operation::List => response::page(request, response),
            Operation::Delete => Ok(response::deleted()),
            Operation::Get | Operation::Create | Operation::Update | Operation::Upsert => response::project(request, response),
        }
    }
}

patchboard_sdk::export!(Insightly);

#[cfg(test)]
mod tests;
