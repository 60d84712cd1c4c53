//! One instance of a component, for one request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::app::Inner;
use crate::hosts::AllowedHosts;
use crate::key_value::KeyValue;
use crate::outbound::Outbound;

/// A component of the app, ready to be instantiated.
pub(crate) struct Component {
    pub(crate) id: String,
    pub(crate) pre: ProxyPre<State>,
    pub(crate) config: Arc<Config>,
}

/// What the manifest gives a component.
pub(crate) struct Config {
    pub(crate) id: String,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) hosts: AllowedHosts,
    pub(crate) stores: BTreeSet<String>,
}

/// What an instance can see of the world.
pub(crate) struct State {
    pub(crate) component: Arc<Config>,
    pub(crate) store: KeyValue,
    pub(crate) table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
}

/// A store for one request. After `ticks` ticks of the engine's clock inside the guest it
/// traps; time in which the guest waits does not count.
pub(crate) fn store(engine: &Engine, app: &Arc<Inner>, component: &Component, ticks: u64) -> Store<State> {
    let environment: Vec<(&str, &str)> = component.config.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let state = State {
        component: component.config.clone(),
        store: app.store.clone(),
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().envs(&environment).inherit_stderr().build(),
        http: WasiHttpCtx::new(),
        outbound: Outbound::new(app.clone(), component.config.clone()),
    };
    let mut store = Store::new(engine, state);
    let mut spent = 0;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        spent += 1;
        if spent > ticks {
            return Err(wasmtime::Error::msg("the guest ran past this stand-in's deadline; Spin would let it run"));
        }
        Ok(UpdateDeadline::Yield(1))
    });
    store
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}
