//! `patchboard call`: a unified request from the shell, through the same engine,
//! plugins and egress policy as the server's.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::BodyExt as _;
use patchboard_gateway::egress::Origin;
use patchboard_gateway::trace::Trace;
use patchboard_gateway::{Problem, Reply, ReplyBody};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::serve::runtime;
use super::{Common, load, misuse};
use crate::config::{Config, Flags, Record};
use crate::egress::Receiving;
use crate::service::{Service, Unified};
use crate::store::Caller;

/// Make one unified request from the shell, without a server
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example, which sends nothing and shows what would be sent:\n  patchboard call PATCH ticketing/workspaces ID --account ACCOUNT --field name=Marketing --dry-run"
)]
pub(super) struct Arguments {
    /// The method of the unified route, such as PATCH
    method: Method,
    /// Model and resource, such as ticketing/workspaces
    resource: String,
    /// The object's id
    id: Option<String>,
    /// The integrated account
    #[arg(long)]
    account: String,
    /// A field of the unified object; a value that is JSON is taken as JSON. Repeatable
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// The whole unified object as JSON; - reads standard input
    #[arg(long, conflicts_with = "fields", value_name = "JSON")]
    body: Option<String>,
    /// A further query parameter, such as etag=… or response_format=raw. Repeatable
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Send nothing and show what would be sent
    #[arg(long)]
    dry_run: bool,
    /// Refuse fields that the provider does not take
    #[arg(long)]
    strict: bool,
    /// Consent to accounts whose base_url has this origin; repeatable
    #[arg(long, value_name = "ORIGIN")]
    allow_upstream: Vec<Origin>,
}

pub(super) fn run(common: &Common, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let body = body(&arguments)?;
    let query = query(&arguments)?;
    let id = arguments.id.as_deref().map(|id| format!("/{}", encode(id))).unwrap_or_default();
    let path = format!("/unified/{}{id}", arguments.resource.trim_matches('/'));
    let config = load(&Flags { allow_upstreams: arguments.allow_upstream, ..common.flags() })?;
    // What is recorded is a server's.
    let service = Service::start(&Config { record: Record::default(), ..config })?;
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let trace = Trace::of(&headers);
    let request = Unified { method: &arguments.method, path: &path, query: &query, headers: &headers, body: &body, trace: &trace };
    // The operator owns the store, so this is not a tenant's request.
    let operator = Caller { tenant: None };
    runtime()?.block_on(async {
        match service.unified(&operator, request).await {
            Ok(reply) => show(reply).await,
            Err(problem) => show_problem(problem, &trace),
        }
    })
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn query(arguments: &Arguments) -> anyhow::Result<String> {
    let mut query = format!("integrated_account_id={}", encode(&arguments.account));
    for param in &arguments.params {
        let (name, value) = param.split_once('=').ok_or_else(|| misuse(format!("--param {param}: write NAME=VALUE")))?;
        query.push_str(&format!("&{}={}", encode(name), encode(value)));
    }
    for (flag, text) in [(arguments.dry_run, "&dry_run=true"), (arguments.strict, "&strict=true")] {
        query.push_str(if flag { text } else { "" });
    }
    Ok(query)
}

fn body(arguments: &Arguments) -> anyhow::Result<Vec<u8>> {
    match arguments.body.as_deref() {
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read the body from standard input")?;
            return Ok(bytes);
        }
        Some(text) => return Ok(text.as_bytes().to_vec()),
        None if arguments.fields.is_empty() => return Ok(Vec::new()),
        None => {}
    }
    let mut fields = Map::new();
    for field in &arguments.fields {
        let (name, text) = field.split_once('=').ok_or_else(|| misuse(format!("--field {field}: write NAME=VALUE")))?;
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        fields.insert(name.to_owned(), value);
    }
    Ok(Value::Object(fields).to_string().into_bytes())
}

async fn show(reply: Reply<Receiving>) -> anyhow::Result<ExitCode> {
    eprintln!("{}", reply.status);
    for (name, value) in &reply.headers {
        eprintln!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    let bytes = match reply.body {
        ReplyBody::Bytes(bytes) => bytes,
        ReplyBody::Stream(answer, mut redactor) => {
            let bytes = answer.into_body().collect().await?.to_bytes();
            [redactor.push(bytes), redactor.finish()].concat().into()
        }
    };
    print(&bytes)?;
    Ok(ExitCode::SUCCESS)
}

fn show_problem(problem: Problem, trace: &Trace) -> anyhow::Result<ExitCode> {
    let (status, _, body) = problem.into_http(&trace.request_id);
    eprintln!("{status}");
    print(&body)?;
    Ok(ExitCode::FAILURE)
}

/// JSON in a form for people, anything else as it is.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let pretty = serde_json::from_slice::<Value>(bytes).and_then(|value| serde_json::to_vec_pretty(&value));
    let mut out = std::io::stdout().lock();
    out.write_all(pretty.as_deref().unwrap_or(bytes))?;
    Ok(out.write_all(b"\n")?)
}
