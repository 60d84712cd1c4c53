//! `patchboard plugin inspect`: a component as a server admits it, and what a call costs.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use patchboard_gateway::contract::{Operation, Provider as _, Target, UnifiedRequest};
use patchboard_gateway::manifest::Resource;
use serde_json::{Map, Value, json};

use super::super::{Common, print_json};
use super::given::given;
use crate::models;
use crate::runtime::Plugin;
use crate::runtime::admit::AdmitError;
use crate::service;

/// Calls before those that are measured.
const WARM_UP: u32 = 20;

const AFTER: &str = "\
`needs` is counted in the file, `measured` seen when it was described, and `granted` what it may use in one call, within
the configuration's sandbox.… and sandbox.large.… With --measure: `start` is a fresh instance alone, `map_request` a fresh
instance that maps a request of the first operation declared, without fields. `not_loaded` stands there where a server
would not load it, with the unified models that there are (--models DIR adds some), and says why.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(in super::super) struct Arguments {
    /// The component file, the folder that it was built into, or NAME of a plugin that a server would load
    #[arg(value_name = "FILE|DIR|NAME")]
    plugin: String,
    /// Measure what a call costs, with so many calls
    #[arg(long, value_name = "CALLS", num_args = 0..=1, default_missing_value = "500", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    measure: Option<u32>,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = common.config()?;
    let plugin = given(common, &arguments.plugin)?.plugin;
    let mut shown = shown(&plugin)?;
    let refused = models::served(plugin.manifest(), service::models(&config)?.all()).err();
    let refused = if plugin.is_debug() { Some(AdmitError::Debug.to_string()) } else { refused };
    shown.extend(refused.map(|why| ("not_loaded".to_owned(), why.into())));
    if let Some(calls) = arguments.measure {
        shown.insert("cost".to_owned(), measure(&plugin, calls)?);
    }
    print_json(&shown)?;
    Ok(ExitCode::SUCCESS)
}

fn shown(plugin: &Plugin) -> anyhow::Result<Map<String, Value>> {
    let (identity, needs, measured, grant) = (plugin.identity(), plugin.needs(), plugin.measured(), plugin.grant());
    let manifest: Value = serde_json::from_str(plugin.described())?;
    let all = json!({
        "name": identity.name,
        "version": identity.version,
        "contract": plugin.contract().version(),
        "digest": identity.digest,
        "bytes": plugin.size(),
        "debug": plugin.is_debug(),
        "imports": [],
        "needs": {
            "core_instances": needs.core_instances,
            "memories": needs.memories,
            "tables": needs.tables,
            "memory_bytes": needs.memory_bytes,
            "table_elements": needs.table_elements,
            "component_instances": needs.component_instances,
            "code_bytes": needs.code,
        },
        "measured": { "memory_bytes": measured.memory, "start_us": micros(measured.start) },
        "granted": {
            "size": grant.size,
            "memory_bytes": grant.memory,
            "deadline_ms": u64::try_from(grant.deadline.as_millis()).unwrap_or(u64::MAX),
            "output_bytes": grant.output,
        },
        "manifest": manifest,
    });
    Ok(all.as_object().cloned().unwrap_or_default())
}

/// What calls cost: the least, which a busy machine does not change, the median, and what
/// one in a hundred exceeds.
fn measure(plugin: &Plugin, calls: u32) -> anyhow::Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let request = request(plugin).context("it declares no operation")?;
    // Settings without a default are left out; a mapping sees them as empty.
    let settings = plugin.manifest().settle(&BTreeMap::new()).unwrap_or_default();
    let start = timed(calls, || Ok(plugin.time_start()?))?;
    let map_request = timed(calls, || {
        let begun = Instant::now();
        let _mapped = runtime.block_on(plugin.map_request(&settings, &request))?;
        Ok(begun.elapsed())
    })?;
    Ok(json!({"calls": calls, "start": start, "map_request": map_request}))
}

fn timed(calls: u32, mut call: impl FnMut() -> anyhow::Result<Duration>) -> anyhow::Result<Value> {
    for _ in 0..WARM_UP {
        call()?;
    }
    let mut taken = (0..calls).map(|_| call()).collect::<Result<Vec<_>, _>>()?;
    taken.sort_unstable();
    let at = |percent: usize| taken.get((taken.len() * percent / 100).min(taken.len().saturating_sub(1))).copied().unwrap_or_default();
    Ok(json!({"least_us": micros(at(0)), "median_us": micros(at(50)), "p99_us": micros(at(99))}))
}

fn micros(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e7).round() / 10.0
}

/// A request of the first operation that is declared, an update before any other.
fn request(plugin: &Plugin) -> Option<UnifiedRequest> {
    let resources = &plugin.manifest().resources;
    let has = |resource: &&Resource, operation: Operation| resource.operations.contains_key(&operation);
    let of = |operation| resources.iter().find(|resource| has(resource, operation)).map(|resource| (resource, operation));
    let (resource, operation) = of(Operation::Update).or_else(|| Operation::ALL.into_iter().find_map(of))?;
    let id = matches!(operation, Operation::Get | Operation::Update | Operation::Delete).then(|| "1".to_owned());
    let target = Target { model: resource.model.clone(), resource: resource.resource.clone(), operation, id };
    Some(UnifiedRequest { target, params: Vec::new(), body: operation.takes_body().then(Map::new) })
}
