//! Callers over HTTP that each wait for an answer before they ask again.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpStream, runtime::Builder};

use crate::Failed;

/// How long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(120);

pub const REVISION: &str = "2026-07-28";

/// What is asked again and again.
#[derive(Clone)]
pub struct Question {
    pub method: &'static str,
    pub name: Option<String>,
    pub body: Bytes,
    pub key: Option<String>,
    /// What an answer has in it, if it is one.
    pub expect: String,
}

impl Question {
    pub fn call(tool: &str, arguments: &Value, expect: &str) -> Self {
        let body = message("tools/call", json!({"name": tool, "arguments": arguments}));
        Self { method: "tools/call", name: Some(tool.to_owned()), body, key: None, expect: expect.to_owned() }
    }

    pub fn list(expect: &str) -> Self {
        let body = message("tools/list", json!({}));
        Self { method: "tools/list", name: None, body, key: None, expect: expect.to_owned() }
    }

    pub fn with_key(self, key: &str) -> Self {
        Self { key: Some(format!("Bearer {key}")), ..self }
    }

    fn request(&self, address: &str) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let mut request = Request::post("/mcp")
            .header("host", address)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", self.method);
        if let Some(name) = &self.name {
            request = request.header("mcp-name", name);
        }
        if let Some(key) = &self.key {
            request = request.header("authorization", key);
        }
        request.body(Full::new(self.body.clone()))
    }
}

/// A request with what every request says of its client.
pub fn message(method: &str, mut params: Value) -> Bytes {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string().into()
}

/// What callers saw.
#[derive(Default)]
pub struct Seen {
    /// How long each answer took, shortest first.
    pub latencies: Vec<Duration>,
    pub seconds: f64,
    /// How long each refusal took, shortest first.
    pub refusals: Vec<Duration>,
    /// Refusals that did not say when to come back.
    pub without_hint: usize,
    pub first_refusal: Option<String>,
}

impl Seen {
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// That every question had its answer.
    pub fn sound(self) -> Result<Self, Failed> {
        match self.first_refusal {
            None => Ok(self),
            Some(refusal) => {
                Err(format!("{} questions had no answer, the first: {refusal}", self.refusals.len()).into())
            }
        }
    }

    /// The latency that so many of a thousand answers do not exceed.
    pub fn within(&self, per_mille: usize) -> Duration {
        self.latencies.get(self.latencies.len() * per_mille / 1000).copied().unwrap_or_default()
    }

    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.refusals.extend(other.refusals);
        self.without_hint += other.without_hint;
        self.first_refusal = self.first_refusal.take().or(other.first_refusal);
    }
}

/// `connections` callers for `time`, after a fifth of it to warm up. They share
/// one thread, so that as much of the machine is left to the server as can be.
pub fn load(address: SocketAddr, question: &Question, connections: usize, time: Duration) -> Result<Seen, Failed> {
    ready(address, question)?;
    press(address, question, connections, time)
}

/// The same, of a server that may never have answered it.
pub fn press(address: SocketAddr, question: &Question, connections: usize, time: Duration) -> Result<Seen, Failed> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let begin = Instant::now() + time / 5;
        let end = begin + time;
        let callers: Vec<_> =
            (0..connections).map(|_| tokio::spawn(Caller::call_until(address, question.clone(), begin, end))).collect();
        let mut seen = Seen { seconds: time.as_secs_f64(), ..Seen::default() };
        for caller in callers {
            seen.add(caller.await??);
        }
        seen.latencies.sort_unstable();
        seen.refusals.sort_unstable();
        Ok(seen)
    })
}

/// Waits until the question has its answer: plugins may still be compiling.
pub fn ready(address: SocketAddr, question: &Question) -> Result<(), Failed> {
    let since = Instant::now();
    loop {
        match answer(address, question) {
            Ok(_) => return Ok(()),
            Err(error) if since.elapsed() > PATIENCE => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// One answer, whole.
pub fn answer(address: SocketAddr, question: &Question) -> Result<Bytes, Failed> {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let Told { status, body, .. } = Caller::connect(address).await?.ask(question).await?;
        if status == 200 && contains(&body, question.expect.as_bytes()) {
            Ok(body)
        } else {
            Err(format!("no answer: {status} {}", String::from_utf8_lossy(&body)).into())
        }
    })
}

/// How long each of `questions` takes, asked once and one after the other by one
/// caller whose connection is there already.
pub fn each(address: SocketAddr, questions: &[Question]) -> Result<Vec<Duration>, Failed> {
    let (first, others) = questions.split_first().ok_or("nothing is asked")?;
    Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(async {
        let mut caller = Caller::connect(address).await?;
        let mut took = Vec::with_capacity(others.len());
        for (at, question) in std::iter::once(first).chain(others).enumerate() {
            let asked = Instant::now();
            let Told { status, body, .. } = caller.ask(question).await?;
            if status != 200 || !contains(&body, question.expect.as_bytes()) {
                return Err(format!("no answer: {status} {}", String::from_utf8_lossy(&body)).into());
            }
            if at > 0 {
                took.push(asked.elapsed());
            }
        }
        Ok(took)
    })
}

struct Told {
    status: u16,
    body: Bytes,
    come_back: Option<Duration>,
}

struct Caller {
    sender: SendRequest<Full<Bytes>>,
    address: String,
}

impl Caller {
    async fn connect(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, address: address.to_string() })
    }

    async fn ask(&mut self, question: &Question) -> Result<Told, Failed> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(question.request(&self.address)?).await?;
        let status = answer.status().as_u16();
        let hint = answer.headers().get("retry-after").and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Told { status, body, come_back: hint.map(Duration::from_secs) })
    }

    async fn call_until(address: SocketAddr, question: Question, begin: Instant, end: Instant) -> Result<Seen, Failed> {
        let mut caller = Self::connect(address).await?;
        let mut seen = Seen::default();
        loop {
            let asked = Instant::now();
            if asked >= end {
                return Ok(seen);
            }
            let Told { status, body, come_back } = caller.ask(&question).await?;
            let took = asked.elapsed();
            let is_answer = status == 200 && contains(&body, question.expect.as_bytes());
            if asked < begin && is_answer {
                continue;
            }
            if is_answer {
                seen.latencies.push(took);
                continue;
            }
            seen.refusals.push(took);
            seen.without_hint += usize::from(come_back.is_none());
            seen.first_refusal.get_or_insert_with(|| format!("{status} {}", String::from_utf8_lossy(&body)));
            // Whoever is told when to come back does as it is told.
            tokio::time::sleep(come_back.unwrap_or_default()).await;
        }
    }
}

/// Looks from the end: there an answer's own text stands.
fn contains(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).rev().any(|window| window == text)
}
