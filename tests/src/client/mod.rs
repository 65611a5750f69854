//! A client of either era over either transport.

mod answer;

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Map, Value, json};

use super::{
    http::{Connection, Events, Request, Response},
    stdio::Pipe,
};

pub use answer::Answer;

use answer::{is_events, read_events};

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// A handshake, then requests.
    Legacy,
    /// Every request stands alone.
    Modern,
}

impl Era {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Legacy, Self::Modern];

    /// The newest revision of the era.
    pub fn revision(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

enum Wire {
    Http { to: SocketAddr, key: Option<String>, kept: Option<Connection>, session: Option<String> },
    Stdio(Pipe),
}

/// A client.
pub struct Client {
    era: Era,
    revision: &'static str,
    wire: Wire,
    next: AtomicU64,
    /// What it says that it can do.
    pub capabilities: Value,
    /// Members that every request's `_meta` gets besides.
    pub meta: Map<String, Value>,
}

impl Client {
    /// A client over HTTP. The handshake is made where the era has one.
    pub fn http(to: SocketAddr, era: Era, key: Option<&str>) -> Self {
        let key = key.map(str::to_owned);
        Self::new(era, Wire::Http { to, key, kept: None, session: None })
    }

    /// A client over stdio.
    pub fn stdio(pipe: Pipe, era: Era) -> Self {
        Self::new(era, Wire::Stdio(pipe))
    }

    /// A client over HTTP that speaks an older revision of the handshake era.
    pub fn of_revision(to: SocketAddr, revision: &'static str) -> Self {
        Self::speaking(Era::Legacy, revision, Wire::Http { to, key: None, kept: None, session: None })
    }

    fn new(era: Era, wire: Wire) -> Self {
        Self::speaking(era, era.revision(), wire)
    }

    fn speaking(era: Era, revision: &'static str, wire: Wire) -> Self {
        let (capabilities, meta) = (json!({}), Map::new());
        let mut client = Self { era, revision, wire, next: AtomicU64::new(1), capabilities, meta };
        if era == Era::Legacy {
            client.initialize(json!({}));
        }
        client
    }

    /// Makes the handshake (again), with these capabilities.
    pub fn initialize(&mut self, capabilities: Value) -> Answer {
        self.capabilities = capabilities;
        let params = json!({
            "protocolVersion": self.revision,
            "capabilities": self.capabilities,
            "clientInfo": {"name": "tests", "version": "1"},
        });
        let answer = self.request("initialize", params);
        assert_eq!(answer.result()["protocolVersion"], self.revision, "{answer:?}");
        self.notify("notifications/initialized", json!({}));
        answer
    }

    /// The pipes of a client over stdio.
    pub fn pipe(&mut self) -> &mut Pipe {
        match &mut self.wire {
            Wire::Stdio(pipe) => pipe,
            Wire::Http { .. } => panic!("this client speaks HTTP"),
        }
    }

    /// The session of a legacy client over HTTP.
    pub fn session(&self) -> Option<&str> {
        match &self.wire {
            Wire::Http { session, .. } => session.as_deref(),
            Wire::Stdio(_) => None,
        }
    }

    /// Calls a tool.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Answer {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// The names of all tools, over all pages.
    pub fn tools(&mut self) -> Vec<String> {
        let named = |tool: &Value| tool["name"].as_str().unwrap_or_default().to_owned();
        self.list("tools/list", "tools").iter().map(named).collect()
    }

    /// All items of a listing, over all pages.
    pub fn list(&mut self, method: &str, member: &str) -> Vec<Value> {
        let (mut items, mut params) = (Vec::new(), json!({}));
        loop {
            let answer = self.request(method, params);
            let page = answer.result();
            items.extend(page[member].as_array().unwrap_or_else(|| panic!("no {member}: {page}")).iter().cloned());
            match page.get("nextCursor") {
                Some(cursor) => params = json!({"cursor": cursor}),
                None => return items,
            }
        }
    }

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, params: Value) -> Answer {
        self.try_request(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Like [`Client::request`], for when the connection may break.
    pub fn try_request(&mut self, method: &str, params: Value) -> io::Result<Answer> {
        let message = self.message(method, params);
        self.deliver(&message)
    }

    /// Sends a request that need not be a proper one, and waits for its answer.
    pub fn deliver(&mut self, message: &Value) -> io::Result<Answer> {
        let id = message["id"].clone();
        let request = self.http_request(message);
        match &mut self.wire {
            Wire::Stdio(pipe) => {
                pipe.send(message);
                let (message, before) = pipe.answer_to(&id);
                Ok(Answer { status: 200, message, before })
            }
            Wire::Http { to, kept, session, .. } => {
                let mut connection = match kept.take() {
                    Some(connection) => connection,
                    None => Connection::open(*to)?,
                };
                connection.send(&request)?;
                let head = connection.head()?;
                if let Some(assigned) = head.header("mcp-session-id") {
                    *session = Some(assigned.to_owned());
                }
                if is_events(&head) {
                    return read_events(connection.events(&head)?, head.status, &id);
                }
                let body = connection.body(&head)?;
                *kept = Some(connection);
                let message = serde_json::from_slice(&body).map_err(io::Error::other)?;
                Ok(Answer { status: head.status, message, before: Vec::new() })
            }
        }
    }

    /// Sends a request over HTTP and gives its stream, to read or to drop.
    pub fn begin(&mut self, method: &str, params: Value) -> (Value, Events) {
        let message = self.message(method, params);
        let request = self.http_request(&message);
        let Wire::Http { to, .. } = &self.wire else { panic!("only HTTP has streams") };
        let mut connection = Connection::open(*to).expect("a connection");
        connection.send(&request).expect("sent");
        let head = connection.head().expect("a head");
        let events = connection.events(&head).unwrap_or_else(|error| panic!("{method}: {error}"));
        (message["id"].clone(), events)
    }

    /// Opens a stream by itself, behind the event `last` if one is named. The
    /// answer, if it is none.
    pub fn listen(&self, last: Option<&str>) -> Result<Events, Response> {
        let Wire::Http { to, .. } = &self.wire else { panic!("only HTTP has streams") };
        let mut request = Request { method: "GET".to_owned(), ..self.http_request(&Value::Null) };
        request.body.clear();
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let mut connection = Connection::open(*to).expect("a connection");
        connection.send(&request).expect("sent");
        let head = connection.head().expect("a head");
        if is_events(&head) {
            return Ok(connection.events(&head).expect("events"));
        }
        let body = connection.body(&head).expect("a body");
        Err(Response { head, body })
    }

    /// Ends the session.
    pub fn end(&self) -> u16 {
        let Wire::Http { to, .. } = &self.wire else { panic!("only HTTP has sessions") };
        let request = Request { method: "DELETE".to_owned(), ..self.http_request(&Value::Null) };
        let response = Connection::open(*to).and_then(|mut connection| connection.exchange(&request));
        response.expect("an answer").head.status
    }

    /// Answers a question of the server's.
    pub fn respond(&mut self, question: &Value, result: Value) {
        self.post(&json!({"jsonrpc": "2.0", "id": question["id"], "result": result}));
    }

    /// Answers a question of the server's with an error.
    pub fn refuse(&mut self, question: &Value, error: Value) {
        self.post(&json!({"jsonrpc": "2.0", "id": question["id"], "error": error}));
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.post(&message);
    }

    fn post(&mut self, message: &Value) {
        let request = self.http_request(message);
        match &mut self.wire {
            Wire::Stdio(pipe) => pipe.send(message),
            Wire::Http { to, .. } => {
                let response = Connection::open(*to).and_then(|mut connection| connection.exchange(&request));
                let response = response.unwrap_or_else(|error| panic!("{message}: {error}"));
                assert_eq!(response.head.status, 202, "{message}: {response:?}");
            }
        }
    }

    /// A request as it will be sent.
    pub fn message(&self, method: &str, params: Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut params = params;
        let mut meta = params["_meta"].as_object().cloned().unwrap_or_default();
        meta.extend(self.meta.clone());
        if self.era == Era::Modern {
            meta.insert("io.modelcontextprotocol/protocolVersion".to_owned(), self.revision.into());
            meta.insert("io.modelcontextprotocol/clientCapabilities".to_owned(), self.capabilities.clone());
            meta.insert("io.modelcontextprotocol/clientInfo".to_owned(), json!({"name": "tests", "version": "1"}));
        }
        if !meta.is_empty() {
            params["_meta"] = Value::Object(meta);
        }
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    }

    /// A message as it goes over HTTP.
    pub fn http_request(&self, message: &Value) -> Request {
        let mut request = Request::mcp("POST", message.to_string());
        let Wire::Http { key, session, .. } = &self.wire else { return request };
        if let Some(key) = key {
            request = request.header("Authorization", &format!("Bearer {key}"));
        }
        if let Some(session) = session {
            request = request.header("MCP-Session-Id", session);
        }
        let method = message["method"].as_str().unwrap_or_default();
        if method != "initialize" {
            request = request.header("MCP-Protocol-Version", self.revision);
        }
        if self.era == Era::Modern {
            request = request.header("Mcp-Method", method);
            let params = &message["params"];
            let names = ["name", "uri", "taskId"];
            if let Some(name) = names.iter().find_map(|name| params[name].as_str()) {
                request = request.header("Mcp-Name", name);
            }
        }
        request
    }
}
