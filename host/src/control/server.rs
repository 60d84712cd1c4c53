//! The side of the server.

use std::path::PathBuf;
use std::sync::Arc;

use crate::service::Service;

/// Listens for commands until it is dropped.
#[derive(Debug)]
pub struct Control {
    socket: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Listens for commands. A server without them serves all the same: why there are none is
/// logged.
#[cfg(unix)]
pub fn listen(data_dir: &std::path::Path, service: &Arc<Service>) -> Option<Control> {
    let socket = super::socket(data_dir);
    match unix::bind(&socket) {
        Ok(listener) => Some(Control { socket, task: tokio::spawn(unix::serve(listener, service.clone())) }),
        Err(error) => {
            tracing::warn!(%error, socket = %socket.display(), "no commands are taken; SIGHUP reloads the plugins");
            None
        }
    }
}

/// There are no such sockets on this system.
#[cfg(not(unix))]
pub fn listen(_data_dir: &std::path::Path, _service: &Arc<Service>) -> Option<Control> {
    None
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::io::{self, ErrorKind};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::time::timeout;

    use super::super::{Answer, Command};
    use crate::service::Service;

    /// Bytes of a command: some dozens of paths.
    const MAX_COMMAND: u64 = 64 << 10;
    /// A command is written at once.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// The socket that a server which was killed left behind is taken over; that of a
    /// server which is running is not.
    pub(super) fn bind(socket: &Path) -> io::Result<UnixListener> {
        let listener = match UnixListener::bind(socket) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                if std::os::unix::net::UnixStream::connect(socket).is_ok() {
                    return Err(io::Error::new(ErrorKind::AddrInUse, "another server runs on this data folder"));
                }
                fs::remove_file(socket)?;
                UnixListener::bind(socket)?
            }
            bound => bound?,
        };
        fs::set_permissions(socket, Permissions::from_mode(0o600))?;
        Ok(listener)
    }

    pub(super) async fn serve(listener: UnixListener, service: Arc<Service>) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(one(stream, service.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a command could not be taken");
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn one(mut stream: UnixStream, service: Arc<Service>) {
        let answer = match read(&mut stream).await {
            Ok(command) => done(command, service).await,
            Err(why) => Answer::Failed(why),
        };
        let line = serde_json::to_string(&answer).unwrap_or_default();
        // Whoever asked may be gone; what was asked for is done.
        let _ = stream.write_all(format!("{line}\n").as_bytes()).await;
    }

    async fn read(stream: &mut UnixStream) -> Result<Command, String> {
        let mut line = Vec::new();
        let mut reader = BufReader::new(stream.take(MAX_COMMAND));
        let read = timeout(PATIENCE, reader.read_until(b'\n', &mut line)).await;
        read.map_err(|_| "no command came".to_owned())?.map_err(|e| e.to_string())?;
        serde_json::from_slice(&line).map_err(|e| format!("not a command: {e}"))
    }

    async fn done(command: Command, service: Arc<Service>) -> Answer {
        match command {
            Command::Plugins => Answer::Done(service.plugins.report()),
            Command::Reload { with } => service.reload(with).await.map_or_else(Answer::Failed, Answer::Done),
        }
    }
}
