//! A small HTTP/1.1 client that sends exactly what it is told, also what no
//! proper client would. What it is answered in the protocol has to fit the
//! published schema, whoever asked.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

use super::{PATIENCE, ledger::Ledger};

/// A request, as it will be written.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// `method` on the endpoint, with what every client of MCP sends.
    pub fn mcp(method: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { method: method.to_owned(), path: "/mcp".to_owned(), headers, body: body.into() }
    }

    /// `GET path`.
    pub fn get(path: &str) -> Self {
        Self { method: "GET".to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Goes to another path.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Sets a header, in place of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a header out.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// All of it, as it goes to `to`.
    pub fn text(&self, to: SocketAddr) -> String {
        self.head(to) + &String::from_utf8_lossy(&self.body)
    }

    fn head(&self, to: SocketAddr) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let given = |wanted: &str| self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if !given("host") {
            head.push_str(&format!("Host: {to}\r\n"));
        }
        if !given("content-length") && !given("transfer-encoding") && (self.method == "POST" || !self.body.is_empty()) {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }
}

/// The head of a response.
#[derive(Clone, Debug)]
pub struct Head {
    pub status: u16,
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    }
}

/// A whole response.
#[derive(Clone, Debug)]
pub struct Response {
    pub head: Head,
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What bytes go over.
pub trait Wire: io::Read + io::Write + Send {}
impl<W: io::Read + io::Write + Send> Wire for W {}

/// A kept connection.
pub struct Connection {
    to: SocketAddr,
    stream: BufReader<Box<dyn Wire>>,
    ledger: Ledger,
    /// Whether what was asked last speaks the protocol.
    speaks: bool,
}

impl Connection {
    /// Connects.
    pub fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self::over(to, stream))
    }

    /// Speaks over `wire`, which leads to `to`.
    pub fn over(to: SocketAddr, wire: impl Wire + 'static) -> Self {
        Self { to, stream: BufReader::new(Box::new(wire)), ledger: Ledger::default(), speaks: true }
    }

    /// Sends `request` and reads the whole response.
    pub fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        self.send(request)?;
        let head = self.head()?;
        let body = self.body(&head)?;
        Ok(Response { head, body })
    }

    /// Reads the whole body that follows `head`.
    pub fn body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let body = self.raw_body(head)?;
        if self.speaks && head.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            let message = serde_json::from_slice(&body).map_err(io::Error::other)?;
            self.ledger.received(&message);
        }
        Ok(body)
    }

    /// Reads the whole body that follows `head`, whatever it is.
    pub fn raw_body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        if head.is_chunked() {
            let mut body = Vec::new();
            while let Some(chunk) = self.chunk()? {
                body.extend(chunk);
            }
            return Ok(body);
        }
        let length = head.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    /// Reads the body that follows `head` as events.
    pub fn events(self, head: &Head) -> io::Result<Events> {
        if !head.is_chunked() || !head.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
        {
            return Err(bad(format!("not a stream of events: {head:?}")));
        }
        Ok(Events { connection: self, pending: Vec::new(), ended: false })
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    /// Sends `request`.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        self.speaks = request.path == "/mcp";
        self.ledger.posted(self.to, request);
        let mut bytes = request.head(self.to).into_bytes();
        bytes.extend(&request.body);
        self.send_raw(&bytes)
    }

    /// Reads the head of a response.
    pub fn head(&mut self) -> io::Result<Head> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| bad(format!("not a status line: {first:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(Head { status, headers });
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad(format!("not a header: {line:?}")))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    /// The next chunk of a body; `None` after the last.
    pub fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let size = self.line()?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
            .map_err(|_| bad(format!("not the size of a chunk: {size:?}")))?;
        let mut chunk = vec![0; size];
        self.stream.read_exact(&mut chunk)?;
        self.line()?;
        Ok((size > 0).then_some(chunk))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended"));
        }
        line.pop_if(|byte| *byte == b'\r');
        String::from_utf8(line).map_err(|_| bad("not UTF-8".to_owned()))
    }
}

/// One server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: Option<String>,
    pub retry: Option<u64>,
    pub data: Option<String>,
}

/// A body that is a stream of events. Closed when dropped.
pub struct Events {
    connection: Connection,
    pending: Vec<u8>,
    ended: bool,
}

impl Events {
    /// The next event; `None` at the end of the stream.
    pub fn next(&mut self) -> io::Result<Option<Event>> {
        loop {
            if let Some(end) = self.pending.windows(2).position(|pair| pair == b"\n\n") {
                let text: Vec<u8> = self.pending.drain(..end + 2).collect();
                match event(&String::from_utf8_lossy(&text)) {
                    Some(event) => {
                        self.hold(&event)?;
                        return Ok(Some(event));
                    }
                    // A comment that keeps the connection open.
                    None => continue,
                }
            }
            if self.ended {
                return Ok(None);
            }
            match self.connection.chunk()? {
                Some(part) => self.pending.extend(part),
                None => self.ended = true,
            }
        }
    }

    fn hold(&mut self, event: &Event) -> io::Result<()> {
        let Some(data) = event.data.as_deref().filter(|data| !data.is_empty()) else { return Ok(()) };
        let message: Value = serde_json::from_str(data).map_err(io::Error::other)?;
        self.connection.ledger.received(&message);
        Ok(())
    }
}

fn event(text: &str) -> Option<Event> {
    let mut found = Event::default();
    let mut data: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with(':')) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => found.id = Some(value.to_owned()),
            "retry" => found.retry = value.parse().ok(),
            "data" => data.push(value),
            _ => {}
        }
    }
    if !data.is_empty() {
        found.data = Some(data.join("\n"));
    }
    (found != Event::default()).then_some(found)
}

fn bad(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
