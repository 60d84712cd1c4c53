//! What the component does with a request that the router has let through: the same steps
//! as the native host, with the account out of the key-value store.

use std::time::Instant;

use http::{HeaderMap, StatusCode};
use patchboard_edge::store::Refused;
use patchboard_edge::{Head, KeyValue, Records, StoreError};
use patchboard_gateway::access::Access;
use patchboard_gateway::account::now;
use patchboard_gateway::contract::Provider;
use patchboard_gateway::egress::EgressPolicy;
use patchboard_gateway::model::Models;
use patchboard_gateway::route::Route;
use patchboard_gateway::seal::Sealer;
use patchboard_gateway::upstream::{Outbound, Upstream};
use patchboard_gateway::{Account, Gateway, Reply, door, meta, params, proxy};
use serde_json::Value;

/// The component between its store, its plugin and its provider.
pub struct Shell<P, S> {
    /// The engine.
    pub gateway: Gateway,
    /// The unified models.
    pub models: Models,
    /// The plugin.
    pub provider: P,
    /// The accounts.
    pub records: Records<S>,
    /// Opens credentials.
    pub sealer: Sealer,
    /// Where an account's `base_url` may point to.
    pub policy: EgressPolicy,
}

/// A request to be forwarded as it is.
pub struct Proxied {
    /// What leaves; its body is still to come.
    pub outbound: Outbound,
    /// What the account gives it.
    pub access: Access,
    /// The account.
    pub account_id: String,
}

impl<P: Provider, S: KeyValue> Shell<P, S> {
    fn account(&self, id: &str) -> Result<Account, Refused> {
        let record = self.records.account(id)?;
        // An app whose manifest plugs a plugin into another provider's component.
        if record.provider != self.provider.identity().name {
            return Err(door::not_loaded(&record.provider, &self.provider.identity().name).into());
        }
        let damaged = |why| StoreError::Damaged { key: format!("account:{id}"), why };
        Ok(record.open(id, &self.sealer).map_err(damaged)?)
    }

    fn access(&self, account: &Account) -> Result<Access, Refused> {
        Ok(Access::prepare(account, self.provider.manifest(), &self.policy)?)
    }

    /// Runs a unified request. A credential that the provider refuses is marked; where the
    /// store does not take the mark, `unmarked` says why.
    ///
    /// # Errors
    /// The problem that the caller gets, or a store that does not answer.
    pub async fn unified<U: Upstream>(
        &self,
        head: &Head,
        body: &[u8],
        upstream: &U,
        unmarked: impl FnOnce(StoreError),
    ) -> Result<Reply<U::Stream>, Refused> {
        let parsed = self.gateway.parse(&self.models, &head.method, &head.path, &head.query, &head.headers, body)?;
        let account = self.account(&parsed.params.account_id)?;
        account.require_active()?;
        let access = self.access(&account)?;
        let outcome = self.gateway.run(parsed, &access, &self.provider, upstream).await;
        if let Some(why) = outcome.refused_credential {
            self.records.needs_reauth(&account.id, &why, now()).unwrap_or_else(unmarked);
        }
        Ok(outcome.reply?)
    }

    /// What an account accepts for an operation.
    ///
    /// # Errors
    /// The problem that the caller gets, or a store that does not answer.
    pub fn describe(&self, route: &Route, query: &str) -> Result<Value, Refused> {
        let params = params::parse(query, &HeaderMap::new())?;
        let account = self.account(&params.account_id)?;
        let access = self.access(&account)?;
        Ok(meta::describe(&self.models, route, self.provider.manifest(), &access)?)
    }

    /// A request to the provider's own API.
    ///
    /// # Errors
    /// The problem that the caller gets, or a store that does not answer.
    pub fn proxy(&self, head: &Head) -> Result<Proxied, Refused> {
        let forward = proxy::parse(&head.path, &head.query)?;
        let account = self.account(&forward.account_id)?;
        account.require_active()?;
        let access = self.access(&account)?;
        let deadline = Instant::now() + self.gateway.limits.overall;
        let outbound = forward.outbound(&head.method, &head.headers, &access, deadline)?;
        Ok(Proxied { outbound, access, account_id: account.id })
    }

    /// The headers of what the provider answered to it; a refused credential is marked.
    pub fn proxied(&self, status: StatusCode, headers: &HeaderMap, proxied: &Proxied, unmarked: impl FnOnce(StoreError)) -> HeaderMap {
        if status == StatusCode::UNAUTHORIZED {
            let why = "the provider answered 401 to a proxied request";
            self.records.needs_reauth(&proxied.account_id, why, now()).unwrap_or_else(unmarked);
        }
        proxy::answer_headers(headers, self.provider.manifest(), &proxied.access)
    }
}

#[cfg(test)]
mod tests;
