//! `patchboard serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use patchboard_gateway::egress::Origin;

use super::{Common, load, misuse};
use crate::config::{Flags, LogFormat};
use crate::service::Service;
use crate::{http, logs};

/// Run the server
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Listen here; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Consent to accounts whose base_url has this origin, such as http://127.0.0.1:9100; repeatable
    #[arg(long, value_name = "ORIGIN")]
    allow_upstream: Vec<Origin>,
    /// Keep every unified request with its native exchanges in this folder, without credentials; see docs/record.md
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// How to write the log [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

pub(super) fn run(common: &Common, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = load(&Flags {
        listen: arguments.listen,
        allow_upstreams: arguments.allow_upstream,
        record: arguments.record,
        log_format: arguments.log_format,
        ..common.flags()
    })?;
    logs::start(&config.log).map_err(|e| misuse(format!("the configuration: log.filter: {e}")))?;
    let service = Service::start(&config)?;
    runtime()?.block_on(http::serve(service, &config))?;
    Ok(ExitCode::SUCCESS)
}

/// For one thread.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start a runtime")
}
