//! Debian's `docker-registry` on a free port of the loopback address.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{env, fs, thread};

use tempfile::TempDir;

const PROGRAM: &str = "docker-registry";
const START: Duration = Duration::from_secs(30);
/// The one user of a registry with a login.
pub const LOGIN: (&str, &str) = ("pusher", "registry-s3cret");
/// The password with bcrypt, which is the only form that the registry takes.
const HTPASSWD: &str = "pusher:$2b$04$hosDO34C8yTXBgturYiXQeC94kd0HHf5mDnW6iFtbhCLPYm4J7mUe\n";

/// A registry that ends with this value.
#[derive(Debug)]
pub struct Registry {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Registry {
    /// Starts one that everybody may push to; none where the program is not installed,
    /// which is said.
    #[must_use]
    pub fn open() -> Option<Self> {
        Self::start("")
    }

    /// Starts one that wants [`LOGIN`].
    #[must_use]
    pub fn with_login() -> Option<Self> {
        Self::start("auth: {htpasswd: {realm: tests, path: HTPASSWD}}\n")
    }

    #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn start(auth: &str) -> Option<Self> {
        if !is_installed() {
            eprintln!("skipped: {PROGRAM} is not installed; on Debian: apt-get install {PROGRAM}");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str| folder.path().join(name).display().to_string();
        fs::write(file("htpasswd"), HTPASSWD).expect("a file of users");
        let storage =
            format!("storage: {{filesystem: {{rootdirectory: {}}}, maintenance: {{uploadpurging: {{enabled: false}}}}}}\n", file("data"));
        let auth = auth.replace("HTPASSWD", &file("htpasswd"));
        fs::write(file("config.yml"), format!("version: 0.1\nhttp: {{addr: \"127.0.0.1:0\", secret: tests}}\n{storage}{auth}"))
            .expect("a configuration");
        let mut command = Command::new(PROGRAM);
        command.args(["serve", &file("config.yml")]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the registry starts");
        let log = BufReader::new(child.stderr.take().expect("a pipe"));
        let (say, said) = channel();
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some(address) = announced(&line) {
                    let _ = say.send(address);
                }
            }
        });
        let address = said.recv_timeout(START).expect("the registry says where it listens");
        Some(Self { child, address, folder })
    }

    /// Host and port.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// A place in it: `name:version`.
    #[must_use]
    pub fn at(&self, place: &str) -> String {
        format!("oci://{}/{place}", self.address)
    }

    /// The address of a route.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it keeps a blob, to spoil it.
    #[must_use]
    pub fn blob(&self, digest: &str) -> std::path::PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.folder.path().join("data/docker/registry/v2/blobs/sha256").join(hex.get(..2).unwrap_or_default()).join(hex).join("data")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_installed() -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| Path::new(&folder).join(PROGRAM).is_file()))
}

fn announced(line: &str) -> Option<SocketAddr> {
    line.split_once("listening on ")?.1.split(['"', ' ']).next()?.parse().ok()
}
