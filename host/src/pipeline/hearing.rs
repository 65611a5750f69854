//! Where a message came from: which conversation it belongs to, and what its
//! header fields say.

use std::sync::Arc;

use bulkhead_protocol::{Call, Era, Fault, Field, Fields, Request, Revision};
use http::HeaderMap;

use super::{Host, Reply, failed};
use crate::{
    authn::Admitted,
    session::Dialogue,
    transport::service::{Named, Wire},
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
    pub(super) fn of(wire: &'a Wire) -> Self {
        let (headers, named) = match wire {
            Wire::Stdio(dialogue) => return Self { headers: None, dialogue: Some(dialogue.clone()), dead: false },
            Wire::Http(headers, named) => (Some(headers), named),
        };
        match named {
            Named::Session(dialogue) => Self { headers, dialogue: Some(dialogue.clone()), dead: false },
            Named::Nothing => Self { headers, dialogue: None, dead: false },
            Named::Dead => Self { headers, dialogue: None, dead: true },
        }
    }

    /// Where a call is once its connection means nothing to it.
    pub(super) const fn nowhere() -> Self {
        Self { headers: None, dialogue: None, dead: false }
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
    /// The session that these headers name to this caller.
    pub(super) fn session(&self, caller: &Admitted, headers: &HeaderMap) -> Named {
        let Some(token) = headers.get(SESSION) else { return Named::Nothing };
        let found = token.to_str().ok().and_then(|token| self.sessions.find(caller.principal.id(), token));
        let found = found.inspect(|dialogue| dialogue.audience.join(&caller.principal));
        found.map_or(Named::Dead, Named::Session)
    }

    /// The session that a request without a body has to name.
    pub(super) fn session_of(&self, caller: &Admitted, headers: &HeaderMap) -> Result<Arc<Dialogue>, Fault> {
        self.has_sessions(headers)?;
        match self.session(caller, headers) {
            Named::Session(dialogue) => Ok(dialogue),
            Named::Dead => Err(dead()),
            Named::Nothing => Err(missing()),
        }
    }

    /// Ends the session that a request names.
    pub(super) fn end_of(&self, caller: &Admitted, headers: &HeaderMap) -> Result<(), Fault> {
        self.has_sessions(headers)?;
        let token = headers.get(SESSION).ok_or_else(missing)?;
        let ended = token.to_str().is_ok_and(|token| self.sessions.end(caller.principal.id(), token));
        if ended { Ok(()) } else { Err(dead()) }
    }

    fn has_sessions(&self, headers: &HeaderMap) -> Result<(), Fault> {
        let revision = headers.get(VERSION).and_then(|value| value.to_str().ok()).and_then(Revision::parse);
        let is_modern = revision.is_some_and(|revision| revision.era() == Era::Modern);
        if self.terms.load().offered.offers_era(Era::Legacy) && !is_modern {
            return Ok(());
        }
        Err(Fault::invalid_request("this revision has neither sessions nor streams of their own").status(405))
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
