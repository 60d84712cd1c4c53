//! The way of a request through the engine, seen from a home: parse it, then run it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::access::Access;
use crate::body::{self, Change};
use crate::check::check;
use crate::contract::Provider;
use crate::cursor::Cursors;
use crate::kept::KeptAnswers;
use crate::limits::Limits;
use crate::model::{Model, Models};
use crate::params::{self, Params};
use crate::problem::{Code, Problem};
use crate::redact::StreamRedactor;
use crate::route::{self, Route};
use crate::run::Run;
use crate::upstream::Upstream;

/// The engine, and the limits that it keeps.
#[derive(Debug)]
pub struct Gateway {
    /// The limits in force.
    pub limits: Limits,
    /// Seals the cursors of lists.
    pub cursors: Cursors,
    /// Answers that may be used again.
    pub kept: KeptAnswers,
}

/// A request that has been read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Where it goes.
    pub route: Route,
    /// What stands there: the request keeps it to its end, whatever is loaded meanwhile.
    pub model: Arc<Model>,
    /// How it wants to be handled.
    pub params: Params,
    /// What it changes.
    pub change: Change,
    /// Bytes of its body.
    pub size: usize,
}

/// The body of an answer.
#[derive(Debug)]
pub enum ReplyBody<S> {
    /// Complete.
    Bytes(Bytes),
    /// The provider's, handed through as it comes.
    Stream(S, StreamRedactor),
}

/// An answer.
#[derive(Debug)]
pub struct Reply<S> {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers; those of the connection are the home's.
    pub headers: HeaderMap,
    /// Body.
    pub body: ReplyBody<S>,
}

/// How a request ended.
#[derive(Debug)]
pub struct Outcome<S> {
    /// What the caller gets.
    pub reply: Result<Reply<S>, Problem>,
    /// The provider has refused the credential, in its own words: the home marks the
    /// account `needs_reauth`.
    pub refused_credential: Option<String>,
}

impl Gateway {
    /// Reads a request.
    ///
    /// # Errors
    /// The first problem of route, parameters or body.
    pub fn parse(
        &self,
        models: &Models,
        method: &Method,
        path: &str,
        query: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Parsed, Problem> {
        parse(models, &self.limits, method, path, query, headers, body)
    }

    /// Does what a request asks for.
    pub async fn run<P: Provider, U: Upstream>(
        &self,
        mut parsed: Parsed,
        access: &Access,
        provider: &P,
        upstream: &U,
    ) -> Outcome<U::Stream> {
        let refused = |problem| Outcome { reply: Err(problem), refused_credential: None };
        if let Err(problem) = self.open_cursor(&mut parsed, access) {
            return refused(problem);
        }
        let checked = match check(&mut parsed, provider.manifest(), &access.settings) {
            Ok(checked) => checked,
            Err(problem) => return refused(problem),
        };
        let Parsed { model, params, change, size, .. } = parsed;
        let mut run = Run::new(self, &model, params, change.remote_data, size, checked, access, provider, upstream);
        let reply = run.make_all().await;
        run.close(reply)
    }

    /// The caller's cursor as the plugin's; an empty one is an absent one.
    fn open_cursor(&self, parsed: &mut Parsed, access: &Access) -> Result<(), Problem> {
        parsed.params.others.retain(|(name, value)| name != NEXT_CURSOR || !value.is_empty());
        for (_, value) in parsed.params.others.iter_mut().filter(|(name, _)| name == NEXT_CURSOR) {
            let bound_to = bound_to(&access.account_id, &parsed.route.model, &parsed.route.resource);
            let opened = self.cursors.open(value, &bound_to);
            *value = opened.ok_or_else(|| {
                let why = "is not a cursor of this list: take it from the last answer, unchanged";
                Problem::new(Code::InvalidParameter, format!("{NEXT_CURSOR} {why}")).with_error(format!("?{NEXT_CURSOR}"), why)
            })?;
        }
        Ok(())
    }
}

/// Reads a request as far as it can be read without its body.
///
/// # Errors
/// The first problem of route or parameters.
pub fn head(models: &Models, method: &Method, path: &str, query: &str, headers: &HeaderMap) -> Result<(Route, Params), Problem> {
    let route = route::parse(method, path)?;
    models.find(&route.model, &route.resource)?;
    Ok((route, params::parse(query, headers)?))
}

/// Reads a request.
///
/// # Errors
/// The first problem of route, parameters or body.
pub fn parse(
    models: &Models,
    limits: &Limits,
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Parsed, Problem> {
    let (route, params) = head(models, method, path, query, headers)?;
    let model = models.find(&route.model, &route.resource)?.clone();
    let change = body::parse(route.operation, headers, body, &model, limits)?;
    Ok(Parsed { route, model, params, change, size: body.len() })
}

const NEXT_CURSOR: &str = "next_cursor";

/// What a cursor belongs to.
#[must_use]
pub fn bound_to(account_id: &str, model: &str, resource: &str) -> String {
    format!("{account_id}/{model}/{resource}")
}
