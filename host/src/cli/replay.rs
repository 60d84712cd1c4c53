//! `patchboard replay`: a recorded request, answered again without a network.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use patchboard_gateway::contract::Provider as _;
use patchboard_kit::{Comparison, Wire};
use serde_json::{Value, json};

use super::plugin::given;
use super::{Common, misuse, print_json};
use crate::record::file::{Body, Sent};
use crate::record::{Played, Recording};
use crate::runtime::Plugin;
use crate::service;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without --plugin the answer goes to standard output, byte for byte; status, headers and whether all of it is what was \
                  recorded go to standard error. With --plugin the difference is shown. The command ends with 0 where nothing differs, \
                  with 1 where something does, and with 2 at an error."
)]
pub(super) struct Arguments {
    /// A recording that `patchboard serve --record` has made
    file: PathBuf,
    /// Play it with this plugin and show what would be sent and answered otherwise: a component file, a folder that it was
    /// built into, or NAME or NAME@VERSION of a plugin that a server would load
    #[arg(long, value_name = "OTHER")]
    plugin: Option<String>,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    // 1 says that something differs; whatever goes wrong is 2.
    let same = replay(common, arguments).map_err(|e| misuse(format!("{e:#}")))?;
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn replay(common: &Common, arguments: &Arguments) -> anyhow::Result<bool> {
    let file = &arguments.file;
    let bytes = fs::read(file).map_err(|e| misuse(format!("cannot read {}: {e}", file.display())))?;
    let recording = Recording::parse(&bytes).map_err(|e| misuse(format!("{}: {e}", file.display())))?;
    let plugin = match &arguments.plugin {
        Some(other) => given(common, other)?.plugin,
        None => recorded(common, &recording)?,
    };
    let config = common.config()?;
    let (mut player, models) = (service::player(&config), service::models(&config)?);
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let played = runtime.block_on(player.play(models.all(), &recording, &*plugin));
    let before = Played::recorded(&recording);
    let comparison = compare(&recording, &plugin, &before, &played);
    // The comparison is by meaning; the same plugin must give the same bytes.
    let same = if arguments.plugin.is_some() { comparison.same } else { exact(&before)? == exact(&played)? };
    match (arguments.json, &arguments.plugin) {
        (true, _) => print_json(&json!({"same": same, "answer": played.answer, "comparison": comparison}))?,
        (false, Some(_)) => print!("{}", comparison.text()),
        (false, None) => show(&played, &comparison, same)?,
    }
    Ok(same)
}

/// The plugin that the recording was made with.
fn recorded(common: &Common, recording: &Recording) -> anyhow::Result<Arc<Plugin>> {
    let (config, store) = common.store()?;
    let registry = service::plugins(&config, &store)?;
    let made_with = &recording.plugin;
    let found = registry.by_digest(&made_with.digest).map(|loaded| loaded.plugin.clone());
    found.ok_or_else(|| {
        misuse(format!(
            "the recording was made with {} {} ({}), which is not loaded; name its folder with --plugins, or another plugin with --plugin",
            made_with.name, made_with.version, made_with.digest
        ))
    })
}

fn compare(recording: &Recording, plugin: &Plugin, before: &Played, after: &Played) -> Comparison {
    let made_with = patchboard_gateway::contract::PluginIdentity {
        name: recording.plugin.name.clone(),
        version: recording.plugin.version.clone(),
        digest: recording.plugin.digest.clone(),
    };
    let mut comparison = Comparison::new(&made_with, plugin.identity());
    comparison.recordings = 1;
    comparison.add(&format!("{} ({})", recording.request.operation, recording.request_id), &wire(before), &wire(after));
    comparison
}

/// Everything, to the byte.
fn exact(played: &Played) -> anyhow::Result<String> {
    let sent: Vec<_> = played.sent().collect();
    Ok(serde_json::to_string(&(sent, &played.answer))?)
}

fn show(played: &Played, comparison: &Comparison, same: bool) -> anyhow::Result<()> {
    let answer = &played.answer;
    eprintln!("{}", answer.status);
    answer.headers.iter().for_each(|(name, value)| eprintln!("{name}: {value}"));
    let mut out = std::io::stdout().lock();
    out.write_all(&Body::bytes_of(answer.body.as_ref()))?;
    out.flush()?;
    if answer.streamed {
        eprintln!("the provider's body was streamed and is not in the recording");
    }
    if same {
        eprintln!("the same as recorded, byte for byte");
    } else {
        eprintln!("not the same as recorded\n{}", comparison.text());
    }
    Ok(())
}

/// What can be seen of a recording that was played.
pub(super) fn wire(played: &Played) -> Wire {
    let answer = &played.answer;
    Wire {
        requests: played.sent().map(|(call, sent)| request(call, sent)).collect(),
        answer: shown(json!({"status": answer.status}), &answer.headers, answer.body.as_ref()),
    }
}

fn request(call: &str, sent: &Sent) -> Value {
    shown(json!({"call": call, "method": sent.method, "url": sent.url}), &sent.headers, sent.body.as_ref())
}

fn shown(mut head: Value, headers: &[(String, String)], body: Option<&Body>) -> Value {
    if let Some(members) = head.as_object_mut() {
        members.insert("headers".to_owned(), headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect());
        // JSON that was written with other spaces is JSON all the same.
        let json = body.and_then(|body| serde_json::from_slice::<Value>(&body.bytes()).ok());
        members.extend(json.map(|json| ("json".to_owned(), json)).or_else(|| body.and_then(plain)));
    }
    head
}

fn plain(body: &Body) -> Option<(String, Value)> {
    serde_json::to_value(body).ok()?.as_object()?.iter().next().map(|(kind, value)| (kind.clone(), value.clone()))
}
