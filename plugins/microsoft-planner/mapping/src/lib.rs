//! Plans of Microsoft Planner (Microsoft Graph v1.0, `plannerPlan`) as unified
//! workspaces. Two plugins share it, `microsoft-planner` and `microsoft-365`: they differ
//! in the connection, not in the mapping.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/plannerplan>

mod cursor;
mod request;
mod response;

use patchboard_sdk::{Account, Answer, Error, Exchange, Operation, Request, Response, Step};

/// The first request to Graph.
///
/// # Errors
/// For an etag that no header can hold, and a cursor that is none.
pub fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
    match request.operation {
        Operation::List => request::list(account, request),
        Operation::Get => Ok(request::get(request)),
        Operation::Create => Ok(request::create(account, request)),
        Operation::Update => request::update(request),
        Operation::Delete => request::delete(request),
        Operation::Upsert => Err(Error::Unsupported("Microsoft Graph cannot create or update a plan in one step".to_owned())),
    }
}

/// What follows from Graph's answer. `state` is what the exchange carried.
///
/// # Errors
/// For an error of Graph's, and for an answer that cannot be read.
pub fn map_response(request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
    if !response.is_success() {
        return Err(response::rejection(response)?.into());
    }
    match (request.operation, state) {
        (Operation::List, _) => response::page(response),
        (Operation::Delete, _) => Ok(Answer::Deleted(None).into()),
        (_, request::READ_BACK) => response::plan(request, response, 1),
        // What Planner answers when it passes over `Prefer`.
        (Operation::Update, _) if response.status == 204 => Ok(request::read_back(request).into()),
        _ => response::plan(request, response, 0),
    }
}

#[cfg(test)]
mod tests;
