//! What one client asked, and so what it may be sent.
//!
//! It lies under every connection and pipe: no test can receive a message that
//! was not held against the published schema of its revision. What a client
//! said in the guide's names, and what is said to it in them, has no schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use super::{
    http::Request,
    schema::{self, REVISIONS},
};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const MODERN: &str = "2026-07-28";

/// Which methods were asked in a session, for answers that come on another connection.
static SESSIONS: Mutex<BTreeMap<(SocketAddr, String, String), Asked>> = Mutex::new(BTreeMap::new());

/// One request.
#[derive(Clone, Debug)]
struct Asked {
    method: String,
    /// Nothing where the client named none that there is.
    revision: Option<&'static str>,
}

/// The requests of one client.
#[derive(Debug, Default)]
pub struct Ledger {
    asked: BTreeMap<String, Asked>,
    /// What the handshake agreed on.
    agreed: Option<&'static str>,
    /// All that was spoken.
    spoken: BTreeSet<&'static str>,
    /// On HTTP, whose session this is.
    session: Option<(SocketAddr, String)>,
}

impl Ledger {
    /// Notes what a client sends.
    pub fn sent(&mut self, message: &Value) {
        let Some(method) = message["method"].as_str() else { return };
        let revision = match &message["params"]["_meta"][VERSION] {
            Value::Null => self.agreed,
            version => Some(version.as_str().and_then(known).unwrap_or(MODERN)),
        };
        self.spoken.extend(revision);
        if let Some(id) = message.get("id") {
            let asked = Asked { method: method.to_owned(), revision };
            if let Some((to, session)) = &self.session {
                let mut sessions = SESSIONS.lock().unwrap_or_else(PoisonError::into_inner);
                sessions.insert((*to, session.clone(), id.to_string()), asked.clone());
            }
            self.asked.insert(id.to_string(), asked);
        }
    }

    /// Notes what a client sends over HTTP.
    pub fn posted(&mut self, to: SocketAddr, request: &Request) {
        let header = |wanted: &str| {
            let found = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.as_str())
        };
        self.session = header("mcp-session-id").map(|session| (to, session.to_owned()));
        self.agreed = header("mcp-protocol-version").and_then(known);
        self.spoken.extend(self.agreed);
        if let Ok(message) = serde_json::from_slice(&request.body) {
            self.sent(&message);
        }
    }

    /// Holds what a server sent against what it may send.
    ///
    /// # Panics
    /// When it may not.
    pub fn received(&mut self, message: &Value) {
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        let asked = if message.get("method").is_some() { None } else { self.asked(&message["id"]) };
        if asked.as_ref().is_some_and(|asked| asked.method == "initialize") {
            self.agreed = message["result"]["protocolVersion"].as_str().and_then(known).or(self.agreed);
            self.spoken.extend(self.agreed);
        }
        if is_guides(message) || asked.as_ref().is_some_and(|asked| asked.method.starts_with("mcp.")) {
            return;
        }
        let method = asked.as_ref().map(|asked| asked.method.as_str());
        let revisions = self.revisions(asked.as_ref(), message);
        let tried: Vec<_> = revisions.iter().map(|revision| schema::check(revision, method, message)).collect();
        if tried.iter().any(Result::is_ok) {
            return;
        }
        let (revision, wrong) = (revisions[0], tried.into_iter().find_map(Result::err).unwrap_or_default());
        panic!("the server's message does not fit {revision} (asked: {method:?}):\n{wrong}\n{message}");
    }

    fn asked(&self, id: &Value) -> Option<Asked> {
        let here = self.asked.get(&id.to_string()).cloned();
        here.or_else(|| {
            let (to, session) = self.session.clone()?;
            let sessions = SESSIONS.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get(&(to, session, id.to_string())).cloned()
        })
    }

    /// The revisions of which `message` has to fit one: as few as can be known.
    fn revisions(&self, asked: Option<&Asked>, message: &Value) -> Vec<&'static str> {
        let certain = match asked {
            Some(asked) if asked.method == "initialize" => {
                message["result"]["protocolVersion"].as_str().and_then(known)
            }
            Some(asked) => asked.revision,
            // Only a handshake lets a server ask.
            None if message.get("method").is_some() && message.get("id").is_some() => self.agreed,
            None if message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].is_null() => None,
            None => Some(MODERN),
        };
        match certain {
            Some(revision) => vec![revision],
            None if message.get("method").is_some() && !self.spoken.is_empty() => self.spoken.iter().copied().collect(),
            None => REVISIONS.to_vec(),
        }
    }
}

fn known(version: &str) -> Option<&'static str> {
    REVISIONS.into_iter().find(|revision| *revision == version)
}

fn is_guides(message: &Value) -> bool {
    message["method"].as_str().is_some_and(|method| method.starts_with("mcp."))
}
