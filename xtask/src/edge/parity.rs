//! The parity list against a real `spin up`.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::build;
use crate::sh::{self, cargo, has, root, step};

/// Until Spin has compiled the components and answers; a debug build of it takes minutes.
const START: Duration = Duration::from_secs(900);
/// The key of the app and of the native host that it is compared with, for tests alone.
const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const ADMIN: &str = "the-admin-token-of-the-parity-list";

/// Spin while it runs.
struct Spin(Child);

impl Drop for Spin {
    fn drop(&mut self) {
        // The app runs in a process of its own below `spin up`, and would outlive it.
        let _ = Command::new("pkill").args(["-KILL", "-P", &self.0.id().to_string()]).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the app and runs the tests of `tests/edge` against it.
pub fn run() -> anyhow::Result<()> {
    if !has("spin") {
        bail!("spin is not on the PATH; https://spinframework.dev/install says how to get it");
    }
    // What the app is compared with is of the same sources.
    build::run(&build::Options { tests: true, ..build::Options::default() })?;
    let (port, upstream) = (free_port()?, format!("http://127.0.0.1:{}", free_port()?));
    let url = format!("http://127.0.0.1:{port}");
    let data = tempfile::tempdir()?;
    let _spin = step("spin up", || start(&url, port, &upstream, data.path()))?;
    step("the parity list against Spin", || {
        let mut tests = cargo();
        // The other tests choose the app's variables. One at a time: there is one upstream.
        tests.args(["test", "--locked", "--workspace", "--test", "edge", "--", "parity::", "--test-threads", "1"]);
        tests.env("PATCHBOARD_EDGE_URL", &url);
        tests.env("PATCHBOARD_EDGE_ADMIN_TOKEN", ADMIN).env("PATCHBOARD_EDGE_UPSTREAM", &upstream);
        sh::run(tests.env("PATCHBOARD_EDGE_KEY", KEY))
    })
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn start(url: &str, port: u16, upstream: &str, data: &std::path::Path) -> anyhow::Result<Spin> {
    let mut up = Command::new("spin");
    up.current_dir(root()).args(["up", "--listen", &format!("127.0.0.1:{port}"), "--state-dir"]).arg(data);
    up.env("SPIN_VARIABLE_ENCRYPTION_KEY", KEY).env("SPIN_VARIABLE_ADMIN_TOKEN", ADMIN).env("SPIN_VARIABLE_EXTRA_UPSTREAM", upstream);
    let mut spin = Spin(up.stdin(Stdio::null()).spawn().context("cannot run spin")?);
    let start = Instant::now();
    while !answers(&format!("{url}/readyz"))? {
        if let Some(status) = spin.0.try_wait()? {
            bail!("spin up ended with {status}");
        }
        if start.elapsed() > START {
            bail!("the app did not answer within {} s", START.as_secs());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(spin)
}

fn answers(url: &str) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(runtime.block_on(async { reqwest::get(url).await }).is_ok_and(|answer| answer.status().is_success()))
}
