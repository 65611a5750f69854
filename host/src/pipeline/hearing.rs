//! Where a message came from: which conversation it belongs to, and what its
//! header fields say.

use std::sync::Arc;

use bulkhead_protocol::{Call, Era, Fault, Field, Fields, Request, Revision};
use http::HeaderMap;

use super::{Host, Reply, failed};
use crate::{
    authn::Admitted,
    session::{Dialogue, Session, Sessions},
    transport::service::Wire,
};

const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";

/// Where a message came from.
pub(super) struct Place<'a> {
    /// Its header fields; `None` on stdio.
    pub(super) headers: Option<&'a HeaderMap>,
    /// The conversation that it belongs to, if there is one.
    pub(super) dialogue: Option<Arc<Dialogue>>,
    /// It names a session that there is not, or no longer.
    dead: bool,
}

/// Header fields as the protocol reads them.
pub(super) struct HttpFields<'a>(&'a HeaderMap);

impl Fields for HttpFields<'_> {
    fn field(&self, name: &str) -> Field<'_> {
        let mut values = self.0.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Field::Absent,
            (Some(value), None) => value.to_str().map_or(Field::Unreadable, |text| Field::Text(text.trim_ascii())),
            _ => Field::Unreadable,
        }
    }
}

impl<'a> Place<'a> {
    pub(super) fn of(wire: &'a Wire, caller: &Admitted, sessions: &Sessions) -> Self {
        let headers = match wire {
            Wire::Stdio(dialogue) => return Self { headers: None, dialogue: Some(dialogue.clone()), dead: false },
            Wire::Http(headers) => headers,
        };
        let id = headers.get(SESSION).and_then(|id| id.to_str().ok());
        let session = id.and_then(|id| sessions.find(caller.principal.id(), id));
        Self { headers: Some(headers), dead: id.is_some() && session.is_none(), dialogue: session.map(|s| s.dialogue) }
    }

    pub(super) fn fields(&self) -> Option<HttpFields<'_>> {
        self.headers.map(HttpFields)
    }

    /// Whether a request of the handshake era came through a session that lives.
    pub(super) fn suits(&self, call: &Call<'_>) -> Result<(), Fault> {
        if call.era() != Era::Legacy || call.request == Request::Initialize || self.headers.is_none() {
            return Ok(());
        }
        match (&self.dialogue, self.dead) {
            (Some(_), _) => Ok(()),
            (None, true) => Err(dead()),
            (None, false) => Err(missing()),
        }
    }

    /// The answer to a message that wants none.
    pub(super) fn accepted(&self) -> Reply {
        if self.dead { failed(&dead()) } else { Reply::Accepted }
    }

    /// The answer to what cannot be read. Over stdio, one that nobody could
    /// match to a request is said only if it is no message at all.
    pub(super) fn refused(&self, fault: &Fault) -> Reply {
        failed(fault)
    }
}

fn dead() -> Fault {
    Fault::invalid_request("there is no such session: initialize a new one").status(404)
}

fn missing() -> Fault {
    Fault::invalid_request("missing header Mcp-Session-Id: initialize first")
}

impl Host {
    /// The session that a request without a body names.
    pub(super) fn session_of(&self, caller: &Admitted, headers: &HeaderMap) -> Result<Session, Fault> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_modern = text(VERSION).and_then(Revision::parse).is_some_and(|revision| revision.era() == Era::Modern);
        let offers_sessions = self.terms.load().offered.offers_era(Era::Legacy);
        match text(SESSION) {
            Some(id) if offers_sessions && !is_modern => self.sessions.find(caller.principal.id(), id).ok_or_else(dead),
            None if offers_sessions && !is_modern => Err(missing()),
            _ => Err(Fault::invalid_request("this revision has neither sessions nor streams of their own").status(405)),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_field_that_is_said_twice_says_nothing() {
        let mut headers = HeaderMap::new();
        headers.append("mcp-name", HeaderValue::from_static(" a "));
        assert_eq!(HttpFields(&headers).field("Mcp-Name"), Field::Text("a"));
        headers.append("mcp-name", HeaderValue::from_static("a"));
        assert_eq!(HttpFields(&headers).field("Mcp-Name"), Field::Unreadable);
        assert_eq!(HttpFields(&headers).field("Mcp-Method"), Field::Absent);
    }
}
