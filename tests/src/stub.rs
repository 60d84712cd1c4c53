//! A provider that answers with the very bytes a test gives it, and keeps what it was
//! asked. For what the sandbox does not do.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::raw::unchunk;
use crate::wait::eventually;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// HTTP method.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Seen {
    /// A header's first value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A stub that ends with this value.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stopping: Arc<AtomicBool>,
}

/// An answer with the length of its body, after which the connection ends.
#[must_use]
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Stub\r\nconnection: close\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

impl Stub {
    /// Starts one on a free port of the loopback address; every connection gets one answer.
    #[must_use]
    pub fn start(answers: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), answers)
    }

    /// The same on an address that is given.
    #[must_use]
    pub fn start_at(address: SocketAddr, answers: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::speaking_at(address, move |seen, stream| {
            let _ = stream.write_all(&answers(seen));
        })
    }

    /// Starts one that writes its answers itself, for what has no end or stops in the
    /// middle.
    #[must_use]
    pub fn speaking(answers: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::speaking_at(SocketAddr::from(([127, 0, 0, 1], 0)), answers)
    }

    fn speaking_at(address: SocketAddr, answers: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (seen, stopping) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (log, stop, answers) = (seen.clone(), stopping.clone(), Arc::new(answers));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (log, answers) = (log.clone(), answers.clone());
                thread::spawn(move || serve(stream, &log, &*answers));
            }
        });
        Self { address, seen, stopping }
    }

    /// One that always answers the same.
    #[must_use]
    pub fn always(bytes: Vec<u8>) -> Self {
        Self::start(move |_| bytes.clone())
    }

    /// What an operator consents to.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that came.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the requests").clone()
    }

    /// Ends it, and waits until nobody listens any more.
    pub fn close(self) {
        let address = self.address;
        drop(self);
        eventually("the stub is gone", || TcpStream::connect(address).is_err().then_some(()));
    }

    /// The one request that came.
    #[must_use]
    pub fn one(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen.remove(0)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Seen>>, answers: &dyn Fn(&Seen, &mut TcpStream)) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    if let Some(seen) = read(&mut stream) {
        log.lock().expect("the requests").push(seen.clone());
        answers(&seen, &mut stream);
    }
}

/// A request with a `content-length`, in chunks, or without a body.
fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    let head = loop {
        let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        bytes.extend(&piece[..length]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(pair).collect();
    let length: usize = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(head + 4);
    if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
        while !body.ends_with(b"0\r\n\r\n") {
            let read = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
            body.extend(&piece[..read]);
        }
        body = unchunk(&body);
    }
    while body.len() < length {
        let read = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        body.extend(&piece[..read]);
    }
    Some(Seen { method, target, headers, body })
}
