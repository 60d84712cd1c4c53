//! A running `patchboard serve`.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::data_dir::DataDir;
use crate::program::{Invocation, patchboard};
use crate::wait::eventually;

/// A start that compiles every plugin on a busy machine takes seconds.
const START: Duration = Duration::from_secs(60);

/// A server that ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts one on a free port.
    #[must_use]
    pub fn start(data: &DataDir, arguments: &[String], variables: &[(String, String)]) -> Self {
        let serve = patchboard(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data.text()]).args(arguments);
        Self::of(variables.iter().fold(serve, |serve, (name, value)| serve.env(name, value)))
    }

    /// Starts the server that a command line says.
    #[must_use]
    pub fn of(serve: Invocation) -> Self {
        let mut child = serve.spawn();
        let log = Arc::new(Mutex::new(String::new()));
        let (stdout, stderr) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        keep(stderr, log.clone());
        let (say, said) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(address) = announced(&line) {
                    let _ = say.send(address);
                }
            }
        });
        match said.recv_timeout(START) {
            Ok(address) => Self { child, address, log },
            Err(why) => {
                let _ = child.kill();
                let _ = child.wait();
                let ended = if why == RecvTimeoutError::Timeout { "says no address" } else { "ended" };
                panic!("the server {ended}: {}", log.lock().expect("the log"));
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// The most memory that it has used, in megabytes.
    #[must_use]
    pub fn most_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the high-water mark");
        line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") / 1024
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Asks it to read its plugins again.
    pub fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for its end.
    #[must_use]
    pub fn ended(&mut self) -> ExitStatus {
        eventually("the server ends", || self.child.try_wait().expect("its status"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Whatever a test asks for, the server answers it; a panic is a fault of its own.
        assert!(thread::panicking() || !self.log().contains("panicked at"), "the server panicked: {}", self.log());
    }
}

fn announced(line: &str) -> Option<SocketAddr> {
    let rest = line.strip_prefix("patchboard listening on http://")?;
    rest.split_whitespace().next()?.parse().ok()
}

fn keep(mut pipe: impl Read + Send + 'static, log: Arc<Mutex<String>>) {
    thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(length @ 1..) = pipe.read(&mut piece) {
            log.lock().expect("the log").push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    });
}
