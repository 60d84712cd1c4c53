//! Trying a plugin before accounts depend on it.
//!
//! There is no case at hand and no account, so it is asked what every plugin must be able
//! to answer: each operation that nothing is required for, with an account of sample
//! settings, and an error of the provider's. A refusal in the contract's words is an
//! answer; a trap, a deadline or a limit is not.

use std::collections::BTreeMap;

use bytes::Bytes;
use patchboard_gateway::Manifest;
use patchboard_gateway::contract::{NativeResponse, Operation, Pair, PluginFailure, Provider, Target, UnifiedRequest};
use patchboard_gateway::manifest::{OperationSpec, Resource};
use patchboard_kit::steadily;
use thiserror::Error;

/// Values that a required setting may take; the first that the manifest accepts is used.
const SAMPLES: [&str; 4] = ["example", "1", "00000000-0000-4000-8000-000000000000", "www.example.com"];
/// The id of the object that is asked for.
const ID: &str = "1";

/// A plugin that did not stand the trial.
#[derive(Debug, Error)]
#[error("it fails when it is tried, at {model}/{resource} {operation}: {failure}")]
pub(super) struct Failed {
    model: String,
    resource: String,
    operation: Operation,
    failure: PluginFailure,
}

/// Tries a plugin.
pub(super) async fn try_out<P: Provider>(provider: &P) -> Result<(), Failed> {
    let Some(settings) = settings(provider.manifest()) else { return Ok(()) };
    for resource in &provider.manifest().resources {
        for (operation, spec) in &resource.operations {
            if needs_nothing(spec, &settings) {
                let asked = ask(provider, &settings, &request(resource, *operation)).await;
                let failed =
                    |failure| Failed { model: resource.model.clone(), resource: resource.resource.clone(), operation: *operation, failure };
                asked.map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// Settings as the plugin sees them; none where no sample fits.
fn settings(manifest: &Manifest) -> Option<Vec<Pair>> {
    let mut given = BTreeMap::new();
    for setting in manifest.settings.iter().filter(|setting| setting.required && setting.default.is_none()) {
        let choice = setting.choices.iter().flatten().next().map(String::as_str);
        let fits = |sample: &&str| setting.pattern.as_ref().is_none_or(|pattern| pattern.matches(sample));
        let value = choice.or_else(|| SAMPLES.into_iter().find(fits))?;
        given.insert(setting.name.clone(), value.to_owned());
    }
    manifest.settle(&given).ok()
}

fn needs_nothing(spec: &OperationSpec, settings: &[Pair]) -> bool {
    let field = spec.fields.iter().any(|field| field.required && field.when.holds(settings));
    let param = spec.params.iter().any(|param| param.required && param.when.holds(settings));
    !field && !param
}

fn request(resource: &Resource, operation: Operation) -> UnifiedRequest {
    let one = matches!(operation, Operation::Get | Operation::Update | Operation::Delete);
    let target = Target { model: resource.model.clone(), resource: resource.resource.clone(), operation, id: one.then(|| ID.to_owned()) };
    UnifiedRequest { target, params: Vec::new(), body: operation.takes_body().then(serde_json::Map::new) }
}

async fn ask<P: Provider>(provider: &P, settings: &[Pair], request: &UnifiedRequest) -> Result<(), PluginFailure> {
    let Ok(exchange) = steadily(async || provider.map_request(settings, request).await).await? else { return Ok(()) };
    let down = NativeResponse { status: 503, headers: Vec::new(), body: Bytes::new() };
    steadily(async || provider.map_response(settings, request, exchange.state.clone(), &down).await).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use patchboard_gateway::contract::{Called, Content, Exchange, MappingError, NativeRequest, PluginIdentity, Step};
    use serde_json::json;

    use super::*;

    /// Fails where it is told to, and writes down what it was asked.
    struct Scripted {
        manifest: Manifest,
        identity: PluginIdentity,
        fails_at: Option<&'static str>,
        asked: RefCell<Vec<String>>,
    }

    impl Scripted {
        fn new(setting: serde_json::Value, fails_at: Option<&'static str>) -> Self {
            let call = json!({"name": "c", "method": "GET", "path": "/x", "effect": "read"});
            let manifest = json!({
                "name": "p", "title": "P", "version": "1.0.0", "base_url": "https://x.example", "hosts": ["x.example"],
                "authentication": [{"scheme": "bearer", "token": "access_token"}], "settings": [setting],
                "resources": [{"model": "ticketing", "resource": "workspaces", "operations": {
                    "get": {"calls": [call]},
                    "create": {"calls": [call], "fields": [{"name": "name", "required": true}]},
                    "update": {"calls": [call], "fields": [{"name": "name"}]},
                }}],
            });
            let identity = PluginIdentity { name: "p".to_owned(), version: "1.0.0".to_owned(), digest: String::new() };
            Self { manifest: Manifest::parse(&manifest.to_string()).unwrap(), identity, fails_at, asked: RefCell::default() }
        }

        fn say<T>(&self, what: String, answer: Result<T, MappingError>) -> Called<T> {
            let fails = self.fails_at.is_some_and(|place| what.contains(place));
            self.asked.borrow_mut().push(what);
            if fails { Err(PluginFailure::Trapped("unreachable".to_owned())) } else { Ok(answer) }
        }
    }

    impl Provider for Scripted {
        fn manifest(&self) -> &Manifest {
            &self.manifest
        }

        fn identity(&self) -> &PluginIdentity {
            &self.identity
        }

        async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
            let native = NativeRequest {
                method: "GET".to_owned(),
                path: "/x".to_owned(),
                query: Vec::new(),
                headers: Vec::new(),
                content: Content::Empty,
            };
            let exchange =
                Exchange { call: "c".to_owned(), request: native, answers: true, state: Vec::new(), known: None, warnings: Vec::new() };
            self.say(format!("{} {settings:?}", request.target.operation), Ok(exchange))
        }

        async fn map_response(&self, _: &[Pair], request: &UnifiedRequest, _: Vec<u8>, response: &NativeResponse) -> Called<Step> {
            self.say(format!("{} {}", request.target.operation, response.status), Err(MappingError::Unreadable(String::new())))
        }
    }

    fn tried(plugin: &Scripted) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(try_out(plugin)).map_err(|e| e.to_string())
    }

    #[test]
    fn every_operation_that_needs_nothing_is_tried_with_an_error_of_the_providers() {
        let plugin = Scripted::new(json!({"name": "org", "help": "h", "required": true, "pattern": "[0-9]+"}), None);
        tried(&plugin).unwrap();
        let settings = "[(\"org\", \"1\")]";
        let expected = [format!("get {settings}"), "get 503".to_owned(), format!("update {settings}"), "update 503".to_owned()];
        assert_eq!(*plugin.asked.borrow(), expected);
    }

    #[test]
    fn a_plugin_that_traps_does_not_pass_and_the_place_is_named() {
        let setting = json!({"name": "org", "help": "h"});
        let failed = tried(&Scripted::new(setting.clone(), Some("update ["))).unwrap_err();
        assert_eq!(failed, "it fails when it is tried, at ticketing/workspaces update: the plugin trapped: unreachable");
        assert!(tried(&Scripted::new(setting, Some("get 503"))).unwrap_err().contains("workspaces get"));
    }

    #[test]
    fn a_plugin_whose_settings_cannot_be_made_up_is_not_asked() {
        let plugin = Scripted::new(json!({"name": "org", "help": "h", "required": true, "pattern": "secret-[a-f]{8}"}), Some("get"));
        tried(&plugin).unwrap();
        assert!(plugin.asked.borrow().is_empty());
    }
}
