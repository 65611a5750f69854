//! A small MCP client, for the verbs that ask a server: over HTTP, or over the
//! standard streams of a server that it starts.
//!
//! It opens with the handshake, which every server knows, and goes on without
//! sessions where only 2026-07-28 is spoken. It declares no capabilities, so
//! that no server asks it anything, but in a call that somebody answers for:
//! that one is made in 2026-07-28, where a question is an answer of its own.
//!
//! Absent: subscriptions, and the `Mcp-Param-*` headers of a server that speaks
//! 2026-07-28 alone.

mod converse;
mod events;
pub mod fetch;
mod http;
pub mod probe;
mod stdio;

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::exit::{Exit, Failure};

/// Largest message that is read. Answers "a server without end".
const MAX_MESSAGE_BYTES: usize = 64 << 20;
/// Most pages of one listing. Answers "a cursor that leads in a circle".
const MAX_PAGES: usize = 1_000;

const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";
/// JSON-RPC: the other side does not know the method.
const METHOD_NOT_FOUND: i64 = -32601;
/// MCP: the other side does not speak the revision.
const UNSUPPORTED_VERSION: i64 = -32022;

/// Why a server did not answer as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{to} cannot be reached: {why}")]
    Unreachable { to: String, why: String },
    #[error("{url}: expected an http or https address without user name and password")]
    BadUrl { url: String },
    #[error("{url}: the key would cross the network in the clear; use https, or a server on this machine")]
    KeyInTheClear { url: String },
    #[error("the server asks for a key: give it with --key or BULKHEAD_API_KEY")]
    NoKey,
    #[error("the server does not take this key")]
    WrongKey,
    #[error("the server answered with status {0}")]
    Status(u16),
    #[error("what the server said is no MCP: {0}")]
    Protocol(String),
    #[error("{message} (code {code})")]
    Answer { code: i64, message: String },
    #[error("the server ended: {0}")]
    Ended(String),
}

impl ClientError {
    /// Whether the other side does not know the method.
    #[must_use]
    pub const fn is_unknown_method(&self) -> bool {
        matches!(self, Self::Answer { code: METHOD_NOT_FOUND, .. })
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let exit = match &error {
            ClientError::Unreachable { .. } | ClientError::Ended(_) => Exit::UNREACHABLE,
            ClientError::BadUrl { .. } | ClientError::KeyInTheClear { .. } => Exit::USAGE,
            _ => Exit::FAILED,
        };
        // A server's words may be a stranger's.
        Self::new(exit, bulkhead_package::display::safe(&error.to_string()).into_owned())
    }
}

/// What is said besides the answer, while one waits.
pub type Hear<'a> = dyn FnMut(&Value) + 'a;

/// What is sent: one message, and what of it stands in headers too.
struct Outgoing<'a> {
    body: String,
    method: &'a str,
    name: Option<&'a str>,
    /// The id to wait for; `None` for a notification.
    id: Option<u64>,
    revision: &'static str,
}

enum Wire {
    Http(Box<http::Http>),
    Stdio(stdio::Stdio),
}

/// A conversation with a server.
pub struct Client {
    wire: Wire,
    next_id: u64,
    revision: &'static str,
    /// What it says that it can do.
    can: Value,
}

impl Client {
    /// Talks to a running server.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn connect(url: &str, key: Option<&str>) -> Result<Self, ClientError> {
        Self::open(Wire::Http(Box::new(http::Http::new(url, key)?)))
    }

    /// Talks to a running server in 2026-07-28, if it speaks that.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn connect_newest(url: &str, key: Option<&str>) -> Result<Self, ClientError> {
        let wire = Wire::Http(Box::new(http::Http::new(url, key)?));
        let mut client = Self { wire, next_id: 1, revision: MODERN, can: json!({}) };
        match client.request("server/discover", None, json!({}), &mut |_| {}) {
            Ok(_) => Ok(client),
            Err(ClientError::Answer { .. } | ClientError::Status(_)) => Self::connect(url, key),
            Err(error) => Err(error),
        }
    }

    /// Whether the conversation is in 2026-07-28.
    #[must_use]
    pub fn is_modern(&self) -> bool {
        self.revision == MODERN
    }

    /// Starts a server of `config` for this conversation alone.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn spawn(config: &Path, verbose: u8) -> Result<Self, ClientError> {
        Self::open(Wire::Stdio(stdio::Stdio::spawn(config, verbose)?))
    }

    fn open(wire: Wire) -> Result<Self, ClientError> {
        let mut client = Self { wire, next_id: 1, revision: LEGACY, can: json!({}) };
        let hello = json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client_info()});
        match client.request("initialize", None, hello, &mut |_| {}) {
            Ok(_) => client.notify("notifications/initialized")?,
            Err(ClientError::Answer { code: METHOD_NOT_FOUND | UNSUPPORTED_VERSION, .. }) => client.revision = MODERN,
            Err(error) => return Err(error),
        }
        Ok(client)
    }

    /// Every item of a listing: `tools`, `prompts`, `resources` or
    /// `resourceTemplates`.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn list(&mut self, what: &str) -> Result<Vec<Value>, ClientError> {
        let method = if what == "resourceTemplates" { "resources/templates/list" } else { &format!("{what}/list") };
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let params = cursor.take().map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
            let mut page = self.request(method, None, params, &mut |_| {})?;
            match page.get_mut(what).map(Value::take) {
                Some(Value::Array(more)) => items.extend(more),
                _ => return Err(ClientError::Protocol(format!("a listing without {what}"))),
            }
            cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() {
                return Ok(items);
            }
        }
        Err(ClientError::Protocol(format!("a listing of more than {MAX_PAGES} pages")))
    }

    /// Calls a tool; `hear` is told of progress and log lines meanwhile.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn call(&mut self, tool: &str, arguments: &Value, hear: &mut Hear<'_>) -> Result<Value, ClientError> {
        let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": "call"}});
        self.request("tools/call", Some(tool), params, hear)
    }

    fn request(
        &mut self,
        method: &str,
        name: Option<&str>,
        mut params: Value,
        hear: &mut Hear<'_>,
    ) -> Result<Value, ClientError> {
        let id = self.next_id;
        self.next_id += 1;
        if self.revision == MODERN {
            modernise(&mut params, &self.can);
        }
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string();
        let outgoing = Outgoing { body, method, name, id: Some(id), revision: self.revision };
        let answer = self.exchange(&outgoing, hear)?.ok_or_else(|| ClientError::Protocol("no answer".to_owned()))?;
        result_of(answer)
    }

    fn notify(&mut self, method: &str) -> Result<(), ClientError> {
        let body = json!({"jsonrpc": "2.0", "method": method}).to_string();
        let outgoing = Outgoing { body, method, name: None, id: None, revision: self.revision };
        self.exchange(&outgoing, &mut |_| {}).map(drop)
    }

    fn exchange(&mut self, outgoing: &Outgoing<'_>, hear: &mut Hear<'_>) -> Result<Option<Value>, ClientError> {
        match &mut self.wire {
            Wire::Http(http) => http.exchange(outgoing, hear),
            Wire::Stdio(stdio) => stdio.exchange(outgoing, hear),
        }
    }
}

fn client_info() -> Value {
    json!({"name": "bulkhead", "version": env!("CARGO_PKG_VERSION")})
}

/// What every request of 2026-07-28 says about itself.
fn modernise(params: &mut Value, can: &Value) {
    let Some(params) = params.as_object_mut() else { return };
    let meta = params.entry("_meta").or_insert_with(|| Value::Object(Map::new()));
    if let Some(meta) = meta.as_object_mut() {
        meta.insert("io.modelcontextprotocol/protocolVersion".to_owned(), MODERN.into());
        meta.insert("io.modelcontextprotocol/clientCapabilities".to_owned(), can.clone());
        meta.insert("io.modelcontextprotocol/clientInfo".to_owned(), client_info());
    }
}

fn result_of(mut answer: Value) -> Result<Value, ClientError> {
    if let Some(error) = answer.get("error") {
        let message = error.get("message").and_then(Value::as_str).unwrap_or("an error without a message").to_owned();
        return Err(ClientError::Answer { code: error.get("code").and_then(Value::as_i64).unwrap_or(0), message });
    }
    answer
        .get_mut("result")
        .map(Value::take)
        .ok_or_else(|| ClientError::Protocol("neither result nor error".to_owned()))
}

/// Whether `message` answers the request `id`.
fn answers(message: &Value, id: Option<u64>) -> bool {
    message.get("method").is_none() && id.is_some() && message.get("id").and_then(Value::as_u64) == id
}

/// Reads one message.
fn message(text: &[u8]) -> Result<Value, ClientError> {
    let value: Value = serde_json::from_slice(text).map_err(|error| ClientError::Protocol(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(ClientError::Protocol("a message that is no object".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_result_or_an_error_and_is_for_one_request() {
        assert_eq!(result_of(json!({"id": 1, "result": {"a": 1}})).unwrap(), json!({"a": 1}));
        let refused = result_of(json!({"id": 1, "error": {"code": -32602, "message": "no"}})).unwrap_err();
        assert_eq!(refused.to_string(), "no (code -32602)");
        assert!(result_of(json!({"id": 1})).is_err());
        assert!(answers(&json!({"id": 3, "result": {}}), Some(3)));
        for other in [json!({"id": 4, "result": {}}), json!({"id": 3, "method": "ping"}), json!({"method": "x"})] {
            assert!(!answers(&other, Some(3)), "{other}");
        }
        assert!(message(b"[1]").is_err() && message(b"{").is_err());
    }

    #[test]
    fn a_modern_request_says_what_it_speaks() {
        let mut params = json!({"name": "t", "_meta": {"progressToken": "call"}});
        modernise(&mut params, &json!({"elicitation": {}}));
        assert_eq!(params["_meta"]["io.modelcontextprotocol/protocolVersion"], MODERN);
        assert_eq!(params["_meta"]["io.modelcontextprotocol/clientCapabilities"], json!({"elicitation": {}}));
        assert_eq!(params["_meta"]["progressToken"], "call");
    }
}
