//! nginx: the floor. It passes the native request on and maps nothing.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::bail;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Name, Server};
use crate::exchange;
use crate::processes::{Running, find, first_line};

/// Until it listens.
const START: Duration = Duration::from_secs(10);

pub(super) async fn start(
    upstream: SocketAddr,
    folder: &Path,
    versions: &mut BTreeMap<String, String>,
) -> anyhow::Result<Result<Server, String>> {
    let Some(program) = find("nginx") else { return Ok(Err("nginx is not here; on Debian: apt-get install nginx-light".to_owned())) };
    versions.extend(first_line(&program, &["-v"]).map(|line| ("nginx".to_owned(), line.replace("nginx version: ", ""))));
    // It takes no port 0. The port is free again when this listener is dropped.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration(address, upstream, folder))?;
    let command = |more: &[&str]| {
        let mut command = Command::new(&program);
        command.arg("-p").arg(folder).arg("-c").arg(&file).arg("-e").arg(folder.join("error.log")).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    // Killed, it would leave its workers behind.
    let process = Running::start(&mut command(&[]), "nginx", folder)?.stop_by(command(&["-s", "stop"]));
    let start = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        if start.elapsed() > START {
            let log = fs::read_to_string(folder.join("error.log")).unwrap_or_default();
            bail!("nginx does not listen on {address}\n{}{log}", process.errors());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(Ok(Server::new(Name::Nginx, address, exchange::native(), Some(process))))
}

/// Connections are kept on both sides, and nothing is written for a request.
fn configuration(address: SocketAddr, upstream: SocketAddr, folder: &Path) -> String {
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {}/{kind};\n", folder.display()))
        .concat();
    format!(
        "daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
{temporary}  upstream sandbox {{
    server {upstream};
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  server {{
    listen {address};
    location / {{
      proxy_pass http://sandbox;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
    }}
  }}
}}
",
        folder = folder.display(),
    )
}
