//! What becomes of a request, as far as its head says it.
//!
//! The native host reads a body before it looks for the account, so a bad body is told
//! before an unknown account. Here a body is read only when nobody else will read it:
//! [`Verdict::Refuse`] holds a refusal that a bad body comes before.

use http::{HeaderMap, HeaderValue, Method};
use patchboard_edge::store::{Caller, Refused};
use patchboard_edge::{AccountRecord, Answer, Head, KeyValue, Records};
use patchboard_edge_manifest as manifest;
use patchboard_gateway::door::{self, Place};
use patchboard_gateway::model::Models;
use patchboard_gateway::trace::{REQUEST_ID, Trace};
use patchboard_gateway::{Code, Problem, engine, params, proxy, route};

use crate::admin::{self, Admin};

/// What becomes of a request.
#[derive(Debug)]
pub enum Verdict {
    /// It is answered; its body does not matter.
    Answer(Answer),
    /// It is refused, unless its body is refused first.
    Refuse(Problem),
    /// A provider's component serves it.
    Forward(Forward),
    /// It carries an export to be imported.
    Import {
        /// Remove what the export does not hold.
        prune: bool,
    },
}

/// Where a request goes on.
#[derive(Debug)]
pub struct Forward {
    /// The account's provider.
    pub provider: String,
    /// The host of its component.
    pub authority: String,
    /// The headers that go with it.
    pub headers: HeaderMap,
    /// The manifest is said to have the component. Where it is not, the body is read before
    /// the request goes on, so that a refusal can still look at it.
    pub known: bool,
    /// A bad body is told before a component that is not there.
    pub unified: bool,
}

/// What the router knows of its app.
#[derive(Debug)]
pub struct Router<S> {
    /// Tokens and accounts.
    pub records: Records<S>,
    /// The unified models, for what their names refuse.
    pub models: Models,
    /// The providers of the app, in the words of the manifest: `attio, wrike`.
    pub providers: String,
    /// The token of the import route; without it the route is closed.
    pub admin_token: Option<String>,
}

impl<S: KeyValue> Router<S> {
    /// Decides.
    ///
    /// # Errors
    /// A problem that needs no body to be told, or a store that does not answer.
    pub fn decide(&self, head: &Head, trace: &Trace) -> Result<Verdict, Refused> {
        door::not_built(&head.method, &head.headers)?;
        if head.path == admin::IMPORT {
            let prune = Admin { token: self.admin_token.as_deref() }.check(head)?;
            return Ok(Verdict::Import { prune });
        }
        match Place::of(&head.path) {
            Place::Ping => fixed(head, || Ok(door::pong())),
            Place::Healthz => fixed(head, || Ok(door::healthy())),
            Place::Readyz => fixed(head, || self.records.ping().map(|()| door::ready(self.names().count(), 0))),
            Place::Accounts => Err(no_accounts().into()),
            Place::Proxy => self.proxy(head, trace),
            Place::Unified => self.unified(head, trace),
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.providers.split(',').map(str::trim).filter(|name| !name.is_empty())
    }

    fn proxy(&self, head: &Head, trace: &Trace) -> Result<Verdict, Refused> {
        let caller = self.records.caller(&head.headers)?;
        let forward = proxy::parse(&head.path, &head.query)?;
        let account = self.account(&caller, &forward.account_id)?;
        self.forward(head, account, trace, false)
    }

    fn unified(&self, head: &Head, trace: &Trace) -> Result<Verdict, Refused> {
        // What no token could make right is said first.
        if let Err(problem) = route::parse(&head.method, &head.path)
            && problem.code == Code::UnknownRoute
        {
            return Err(problem.into());
        }
        let caller = self.records.caller(&head.headers)?;
        if route::meta(&head.method, &head.path).is_some() {
            let params = params::parse(&head.query, &HeaderMap::new())?;
            let account = self.account(&caller, &params.account_id)?;
            return self.forward(head, account, trace, false);
        }
        let (_, params) = match engine::head(&self.models, &head.method, &head.path, &head.query, &head.headers) {
            Ok(read) => read,
            Err(problem) => return Ok(Verdict::Refuse(problem)),
        };
        match self.account(&caller, &params.account_id) {
            Err(Refused::Problem(problem)) => Ok(Verdict::Refuse(problem)),
            Err(error) => Err(error),
            Ok(account) => self.forward(head, account, trace, true),
        }
    }

    fn account(&self, caller: &Caller, id: &str) -> Result<AccountRecord, Refused> {
        let account = self.records.account(id)?;
        door::allow(caller.tenant.as_deref(), &account.tenant_id)?;
        Ok(account)
    }

    fn forward(&self, head: &Head, account: AccountRecord, trace: &Trace, unified: bool) -> Result<Verdict, Refused> {
        let provider = account.provider;
        let Some(id) = manifest::id(&provider) else {
            let problem = self.not_loaded(&provider);
            return if unified { Ok(Verdict::Refuse(problem)) } else { Err(problem.into()) };
        };
        let known = self.names().any(|name| name == provider);
        let headers = passed_on(&head.headers, trace);
        Ok(Verdict::Forward(Forward { provider, authority: manifest::authority(&id), headers, known, unified }))
    }

    /// The app has no component for a provider.
    #[must_use]
    pub fn not_loaded(&self, provider: &str) -> Problem {
        door::not_loaded(provider, &self.names().collect::<Vec<_>>().join(", "))
    }
}

/// What the provider's component gets: nothing of the connection, not the caller's token,
/// and the id that the request has from here on.
fn passed_on(headers: &HeaderMap, trace: &Trace) -> HeaderMap {
    let mut passed_on = proxy::request_headers(headers);
    if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
        passed_on.insert(REQUEST_ID, id);
    }
    passed_on
}

fn fixed(
    head: &Head,
    value: impl FnOnce() -> Result<serde_json::Value, patchboard_edge::StoreError>,
) -> Result<Verdict, Refused> {
    if head.method != Method::GET && head.method != Method::HEAD {
        return Err(door::method_not_allowed(&head.method, &head.path).into());
    }
    Ok(Verdict::Answer(Answer::json(&value()?)))
}

fn no_accounts() -> Problem {
    Problem::new(
        Code::NotImplemented,
        "accounts are not changed at the edge: change them on the host, then `patchboard edge sync` and PUT /edge/import",
    )
}

#[cfg(test)]
mod tests;
