//! `patchboard-sandbox`: serves the stand-ins until told to stop.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

/// Stateful stand-ins of the APIs of Wrike, Workiva, Microsoft Planner, Polyteia, Capsule, Insightly, Pipeliner and
/// Teamleader, to try a write on.
#[derive(Debug, Parser)]
#[command(name = "patchboard-sandbox", version, after_long_help = include_str!("help.txt"))]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9100")]
    listen: SocketAddr,

    /// Listen even where other machines can reach it. The control routes ask for no credential.
    #[arg(long)]
    allow_remote: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    patchboard_sandbox::check_address(arguments.listen, arguments.allow_remote)?;
    let listener = TcpListener::bind(arguments.listen).await.with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr()?;
    let shutdown = stop_signal()?;
    writeln!(std::io::stdout(), "patchboard-sandbox listening on http://{address}")?;
    patchboard_sandbox::serve(listener, shutdown).await?;
    Ok(())
}

/// Ends at ctrl-c or SIGTERM. Installed before the listening line is printed: whoever reads it may send one.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at ctrl-c.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
