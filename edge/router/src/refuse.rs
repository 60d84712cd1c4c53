//! Refusals that are not decided by the head alone.

use patchboard_edge::{Head, ImportError};
use patchboard_gateway::limits::Limits;
use patchboard_gateway::model::Models;
use patchboard_gateway::{Code, Problem, engine};

/// A refusal after the body was read: what is wrong with the body is told first.
#[must_use]
pub fn after_body(refusal: Problem, models: &Models, limits: &Limits, head: &Head, body: Result<&[u8], Problem>) -> Problem {
    match body {
        Err(problem) => problem,
        Ok(body) => engine::parse(models, limits, &head.method, &head.path, &head.query, &head.headers, body).err().unwrap_or(refusal),
    }
}

/// The provider's component ended without an answer.
#[must_use]
pub fn plugin_failed(what: &str) -> Problem {
    Problem::new(
        Code::PluginFailed,
        format!("the provider's component {what}; which writes it had made by then is not known, and the app's log has more"),
    )
}

/// An import that was not made, or not to its end.
#[must_use]
pub fn import(error: &ImportError) -> Problem {
    match error {
        ImportError::Export(_) => Problem::new(Code::InvalidBody, error.to_string()),
        ImportError::Partial => Problem::new(Code::InvalidParameter, error.to_string()).with_error("?prune", "needs a complete export"),
        ImportError::Store(_) => Problem::new(Code::Internal, error.to_string()).with_status(503),
    }
}
