//! Polyteia: a unified workspace is a workspace.
//!
//! <https://docs.polyteia.com/api-docs/en/workspace>

mod request;
mod response;
mod update;

use patchboard_sdk::{Account, Answer, Error, Exchange, Operation, Plugin, Request, Response, Step};

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
        if request.operation == Operation::List {
            return response::list(request::PAGES.asked(request)?, &body);
        }
        let workspace = response::workspace(&body)?;
        match state {
            update::READ => Ok(update::after(account, request, workspace)?.into()),
            update::AFTER_READ => Ok(response::item(&body)?.from_exchange(1).into()),
            // Of a deleted workspace there is the id alone.
            _ if request.operation == Operation::Delete => Ok(Answer::Deleted(None).into()),
            _ => Ok(response::item(&body)?.into()),
        }
    }
}

patchboard_sdk::export!(Polyteia);

#[cfg(test)]
mod tests;
