//! The versions of the contract: each has a folder, which alone speaks its bindings and can be
//! removed when nobody needs the version any more.

mod v0_1;
mod v0_2;

use patchboard_gateway::Manifest;
use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginIdentity, Provider, Step, UnifiedRequest};
use patchboard_pack::Contract;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::Plugin;
use super::call::State;

/// A component of some version, linked, so that each call needs no more than an instance.
#[derive(Clone)]
pub(super) enum Prepared {
    V0_1(v0_1::Prepared),
    V0_2(v0_2::Prepared),
}

impl Prepared {
    /// Looks the functions of a version up, by name.
    ///
    /// # Errors
    /// For a component without them.
    pub(super) fn new(contract: Contract, linked: InstancePre<State>) -> wasmtime::Result<Self> {
        Ok(match contract {
            Contract::V0_1 => Self::V0_1(v0_1::Prepared::new(linked)?),
            Contract::V0_2 => Self::V0_2(v0_2::Prepared::new(linked)?),
        })
    }

    pub(super) fn contract(&self) -> Contract {
        match self {
            Self::V0_1(_) => Contract::V0_1,
            Self::V0_2(_) => Contract::V0_2,
        }
    }

    /// Makes an instance and no more.
    pub(super) fn start(&self, store: &mut Store<State>) -> wasmtime::Result<()> {
        match self {
            Self::V0_1(prepared) => prepared.instantiate(store).map(|_| ()),
            Self::V0_2(prepared) => prepared.instantiate(store).map(|_| ()),
        }
    }

    /// The manifest, as a fresh instance says it.
    pub(super) fn describe(&self, store: &mut Store<State>) -> wasmtime::Result<String> {
        match self {
            Self::V0_1(prepared) => v0_1::describe(prepared, store),
            Self::V0_2(prepared) => v0_2::describe(prepared, store),
        }
    }

    /// The manifest, as one instance says it when it is asked twice; or that the functions have
    /// other types than the contract's.
    pub(super) fn describe_twice(&self, store: &mut Store<State>) -> wasmtime::Result<wasmtime::Result<(String, String)>> {
        match self {
            Self::V0_1(prepared) => v0_1::describe_twice(prepared, store),
            Self::V0_2(prepared) => v0_2::describe_twice(prepared, store),
        }
    }
}

impl Provider for Plugin {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        match &self.prepared {
            Prepared::V0_1(prepared) => v0_1::map_request(self, prepared, settings, request).await,
            Prepared::V0_2(prepared) => v0_2::map_request(self, prepared, settings, request).await,
        }
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        match &self.prepared {
            Prepared::V0_1(prepared) => v0_1::map_response(self, prepared, settings, request, state, response).await,
            Prepared::V0_2(prepared) => v0_2::map_response(self, prepared, settings, request, state, response).await,
        }
    }
}
