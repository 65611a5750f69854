//! What a transport needs from the rest of the house, and nothing more: who
//! is calling, what to answer. Transports know no method names.

use std::{future::Future, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::mpsc;

use super::slots::Slot;
use crate::{authn::Admitted, session::Dialogue};

/// Most messages that may wait for a slow client on one stream. Answers
/// "a client that stops reading must not make the host buffer for it".
pub const OUTBOX_MESSAGES: usize = 64;

/// Where a call puts what it has to say before its answer. Each item is one
/// JSON-RPC message without a line break. Closed once nobody listens.
pub type Outbox = mpsc::Sender<Bytes>;

/// The connection-bound facts of one message.
pub enum Wire {
    /// Standard input and output: one peer, one process.
    Stdio(Arc<Dialogue>),
    /// One HTTP request.
    Http(HeaderMap),
}

/// One message that came in.
pub struct Inbound {
    pub caller: Admitted,
    pub frame: Bytes,
    pub wire: Wire,
    /// The call's place among those under way; `None` if the house is full,
    /// which only a request minds.
    pub slot: Option<Slot>,
}

/// How one message was answered.
#[derive(Debug)]
pub enum Reply {
    /// One JSON-RPC message. `status` is for HTTP; stdio ignores it.
    Answer { status: u16, body: Bytes, session: Option<Arc<str>> },
    /// Nothing to say: a notification or a response was taken (HTTP 202).
    Accepted,
    /// The call was given up; there is nobody to answer.
    Abandoned,
}

/// Why a request was turned away by its head alone.
#[derive(Debug)]
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
    fn admit(&self, headers: &HeaderMap) -> Result<Admitted, TurnedAway>;

    /// Whoever holds the process's standard streams.
    fn local(&self) -> Admitted;

    /// Answers one message. Dropping the future gives the call up. What goes
    /// to `outbox` before the answer belongs to this request's own stream.
    fn call(self: Arc<Self>, inbound: Inbound, outbox: Outbox) -> impl Future<Output = Reply> + Send + 'static;

    /// Opens a stand-alone stream (HTTP GET of the handshake era), which is
    /// served until the client leaves or the house closes.
    ///
    /// # Errors
    /// There is no such session, or this revision has no such streams.
    fn stream(
        self: Arc<Self>,
        caller: &Admitted,
        headers: &HeaderMap,
        outbox: Outbox,
    ) -> Result<impl Future<Output = ()> + Send + 'static, TurnedAway>;

    /// Tells the peer of a handshake dialogue over stdio what changed, for as
    /// long as the process lives.
    fn news(self: Arc<Self>, dialogue: Arc<Dialogue>, outbox: Outbox) -> impl Future<Output = ()> + Send + 'static;

    /// Ends the session that the headers name (HTTP DELETE).
    ///
    /// # Errors
    /// There is no such session, or this revision has none.
    fn end_session(&self, caller: &Admitted, headers: &HeaderMap) -> Result<(), TurnedAway>;
}
