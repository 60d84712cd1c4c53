//! The load: connections that are kept, each sending its next request when the answer to
//! the last one is there, whole and with status 200.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::message;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to a server.
pub struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: BytesMut::with_capacity(16 << 10) })
    }

    /// Sends a request and waits for the whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
            if let Some(head) = message::head(&self.buffer)? {
                let whole = head.length + head.body;
                if self.buffer.len() >= whole {
                    let body = self.buffer.get(head.length..whole).unwrap_or_default();
                    return Ok(Answer { status: head.status, body });
                }
            }
        }
    }
}

/// One exchange on a connection of its own.
pub async fn once(address: SocketAddr, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
    let exchange = async {
        let mut connection = Connection::open(address).await?;
        let answer = connection.exchange(request).await?;
        anyhow::Ok((answer.status, answer.body.to_vec()))
    };
    timeout(PATIENCE, exchange).await.with_context(|| format!("{address} did not answer"))?
}

/// What to send, and for how long.
#[derive(Debug, Clone)]
pub struct Load {
    pub address: SocketAddr,
    pub request: Arc<[u8]>,
    pub connections: usize,
    pub warm_up: Duration,
    pub window: Duration,
}

/// What happened in the window.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The window's length as it was.
    pub elapsed: Duration,
    /// How long each answer of the window took, in nanoseconds, sorted.
    pub latencies: Vec<u32>,
    /// What was observed at the window's two ends.
    pub before: T,
    pub after: T,
}

/// What the connections are told.
#[derive(Debug, Default)]
struct Signs {
    measure: AtomicBool,
    stop: AtomicBool,
}

impl Load {
    /// Runs the load; `observe` is called at the beginning and at the end of the window.
    pub async fn run<T>(&self, observe: impl Fn() -> std::io::Result<T>) -> anyhow::Result<Outcome<T>> {
        let signs = Arc::new(Signs::default());
        let mut connections = JoinSet::new();
        for _ in 0..self.connections {
            connections.spawn(connection(self.address, self.request.clone(), signs.clone()));
        }
        during(self.warm_up, &mut connections).await?;
        let before = observe()?;
        let start = Instant::now();
        signs.measure.store(true, Ordering::Relaxed);
        during(self.window, &mut connections).await?;
        // Nothing runs between these lines: the connections share this thread.
        signs.measure.store(false, Ordering::Relaxed);
        let elapsed = start.elapsed();
        let after = observe()?;
        signs.stop.store(true, Ordering::Relaxed);
        let latencies = timeout(PATIENCE, ends(&mut connections)).await.context("an answer did not come")??;
        Ok(Outcome { elapsed, latencies, before, after })
    }
}

type Connections = JoinSet<anyhow::Result<Vec<u32>>>;

/// Waits, unless a connection breaks.
async fn during(time: Duration, connections: &mut Connections) -> anyhow::Result<()> {
    tokio::select! {
        () = sleep(time) => Ok(()),
        ended = connections.join_next() => match ended {
            Some(ended) => ended?.and_then(|_| bail!("a connection ended before the window")),
            None => bail!("there are no connections"),
        },
    }
}

async fn ends(connections: &mut Connections) -> anyhow::Result<Vec<u32>> {
    let mut latencies = Vec::new();
    while let Some(ended) = connections.join_next().await {
        latencies.append(&mut ended??);
    }
    latencies.sort_unstable();
    Ok(latencies)
}

async fn connection(address: SocketAddr, request: Arc<[u8]>, signs: Arc<Signs>) -> anyhow::Result<Vec<u32>> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::new();
    while !signs.stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = connection.exchange(&request).await?;
        if answer.status != 200 {
            bail!("status {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        if signs.measure.load(Ordering::Relaxed) {
            latencies.push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::net::TcpListener;

    use super::*;

    /// Answers each request with the next of these, over and over.
    async fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut answers = answers.iter().cycle();
                    let mut bytes = [0; 1024];
                    while stream.read(&mut bytes).await.is_ok_and(|length| length > 0) {
                        stream.write_all(answers.next().unwrap().as_bytes()).await.unwrap();
                    }
                });
            }
        });
        address
    }

    fn load(address: SocketAddr) -> Load {
        let request: Arc<[u8]> = message::request("GET", "/", &[], "").into();
        Load { address, request, connections: 3, warm_up: Duration::from_millis(20), window: Duration::from_millis(80) }
    }

    const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    #[tokio::test]
    async fn answers_of_the_window_are_counted_and_its_ends_observed() {
        let calls = AtomicUsize::new(0);
        let outcome = load(serve(&[GOOD]).await).run(|| Ok(calls.fetch_add(1, Ordering::Relaxed))).await.unwrap();
        assert_eq!((outcome.before, outcome.after), (0, 1));
        assert!(!outcome.latencies.is_empty() && outcome.latencies.is_sorted() && outcome.elapsed >= Duration::from_millis(80));
    }

    const BAD: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy";

    #[tokio::test]
    async fn an_answer_that_is_not_good_ends_the_run() {
        let error = load(serve(&[GOOD, BAD]).await).run(|| Ok(())).await.unwrap_err();
        assert_eq!(error.to_string(), "status 503: busy");
        assert_eq!(once(serve(&[BAD]).await, b"GET / HTTP/1.1\r\n\r\n").await.unwrap(), (503, b"busy".to_vec()));
    }
}
