//! What a transport needs from the rest of the house, and nothing more: who
//! is calling, what to answer. Transports know no method names.

use std::{future::Future, sync::Arc};

use bulkhead_policy::Principal;
use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::mpsc;

/// Most messages that may wait for a slow client on one stream. Answers
/// "a client that stops reading must not make the host buffer for it".
pub const OUTBOX_MESSAGES: usize = 64;

/// Where a call puts what it has to say before its answer. Each item is one
/// JSON-RPC message without a line break.
pub type Outbox = mpsc::Sender<Bytes>;

/// The connection-bound facts of one message.
pub enum Wire {
    /// Standard input and output: one peer, one process.
    Stdio,
    /// One HTTP request.
    Http(HeaderMap),
}

/// One message that came in.
pub struct Inbound {
    pub principal: Principal,
    pub frame: Bytes,
    pub wire: Wire,
}

/// How one message was answered.
pub enum Reply {
    /// One JSON-RPC message. `status` is for HTTP; stdio ignores it.
    Answer { status: u16, body: Bytes, session: Option<String> },
    /// Nothing to say: a notification or a response was taken (HTTP 202).
    Accepted,
    /// The call was given up; there is nobody to answer.
    Abandoned,
}

/// Why a request was turned away by its head alone.
pub struct TurnedAway {
    pub status: u16,
    /// `WWW-Authenticate`, for 401 and 403.
    pub challenge: Option<String>,
    /// A JSON-RPC error without id.
    pub body: Bytes,
}

/// The house behind a transport.
pub trait Service: Send + Sync + 'static {
    /// Who sent this request, from its head, before any of the body is read.
    ///
    /// # Errors
    /// No credential, or one that nobody holds.
    fn admit(&self, headers: &HeaderMap) -> Result<Principal, TurnedAway>;

    /// Answers one message. Dropping the future gives the call up. What goes
    /// to `outbox` before the answer belongs to this request's own stream.
    fn call(self: Arc<Self>, inbound: Inbound, outbox: Outbox) -> impl Future<Output = Reply> + Send;

    /// Serves a stand-alone stream (HTTP GET of the handshake era) until the
    /// client leaves; ends early only with a reason.
    fn stream(self: Arc<Self>, principal: Principal, headers: HeaderMap, outbox: Outbox) -> impl Future<Output = Result<(), TurnedAway>> + Send;

    /// Ends the session that the headers name (HTTP DELETE).
    fn end_session(&self, principal: &Principal, headers: &HeaderMap) -> Result<(), TurnedAway>;
}
