//! What a transport needs from the rest of the house, and nothing more: who
//! is calling, what to answer. Transports know no method names.

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::slots::Slot;
use crate::{authn::Admitted, manifest::Document, session::Dialogue, shares::Place};

/// Most messages that may wait for a slow client on one stream. Answers
/// "a client that stops reading must not make the host buffer for it".
pub const OUTBOX_MESSAGES: usize = 64;

/// What a call has to say before its answer.
#[derive(Debug)]
pub enum Said {
    /// One JSON-RPC message without a line break.
    Message(Bytes),
    /// One that its client can do without.
    Hint(Bytes),
    /// One of which no second waits: held until the transport takes it.
    Alone(Bytes, OwnedSemaphorePermit),
    /// Its client is to leave, and to come back for the rest after this long:
    /// for streams that can be resumed, and nothing to all others.
    Leave(Duration),
}

impl Said {
    /// The message, if it is one.
    #[must_use]
    pub fn message(self) -> Option<Bytes> {
        match self {
            Self::Message(message) | Self::Hint(message) | Self::Alone(message, _) => Some(message),
            Self::Leave(_) => None,
        }
    }
}

/// Where a call puts what it has to say before its answer. Closed once nobody
/// listens.
#[derive(Clone, Debug)]
pub struct Outbox {
    queue: mpsc::Sender<Said>,
    alone: Arc<Semaphore>,
}

/// The turn to say something that may be large. Answers "a client that asks for
/// sixty-four results of megabytes, and reads none".
#[derive(Debug)]
pub struct Turn<'a> {
    queue: &'a mpsc::Sender<Said>,
    alone: OwnedSemaphorePermit,
}

impl Turn<'_> {
    /// Says it.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub async fn send(self, message: Bytes) -> Result<(), Gone> {
        self.queue.send(Said::Alone(message, self.alone)).await.map_err(|_| Gone)
    }
}

/// Nobody listens any more.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

impl Outbox {
    /// An outbox, and where what is put into it arrives.
    #[must_use]
    pub fn channel() -> (Self, mpsc::Receiver<Said>) {
        let (queue, inbox) = mpsc::channel(OUTBOX_MESSAGES);
        (Self { queue, alone: Arc::new(Semaphore::new(1)) }, inbox)
    }

    /// Says a message, once there is room for it.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub async fn send(&self, message: Bytes) -> Result<(), Gone> {
        self.queue.send(Said::Message(message)).await.map_err(|_| Gone)
    }

    /// Waits until what was said in the turn before has left.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub async fn turn(&self) -> Result<Turn<'_>, Gone> {
        tokio::select! {
            biased;
            () = self.closed() => Err(Gone),
            alone = self.alone.clone().acquire_owned() => {
                alone.map(|alone| Turn { queue: &self.queue, alone }).map_err(|_| Gone)
            }
        }
    }

    /// Says something if there is room for it now.
    ///
    /// # Errors
    /// There is none, or nobody listens any more.
    pub fn try_send(&self, said: Said) -> Result<(), Gone> {
        self.queue.try_send(said).map_err(|_| Gone)
    }

    /// Ends once nobody listens any more.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

/// The session that an HTTP request names.
#[derive(Clone)]
pub enum Named {
    /// None.
    Nothing,
    /// One that there is not, not any more, or not for this caller.
    Dead,
    Session(Arc<Dialogue>),
}

/// The connection-bound facts of one message.
pub enum Wire {
    /// Standard input and output: one peer, one process.
    Stdio(Arc<Dialogue>),
    /// One HTTP request.
    Http(HeaderMap, Named),
}

/// A place among the streams that wait for news. Given back when dropped.
#[derive(Debug)]
pub struct Seat(
    #[expect(dead_code, reason = "held for its drop alone")] OwnedSemaphorePermit,
    #[expect(dead_code, reason = "held for its drop alone")] Place,
);

impl Seat {
    /// One of all seats, which is one of its principal's.
    #[must_use]
    pub const fn new(one: OwnedSemaphorePermit, of: Place) -> Self {
        Self(one, of)
    }
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
    Answer {
        status: u16,
        body: Bytes,
        session: Option<String>,
        /// `WWW-Authenticate`, for 401 and 403.
        challenge: Option<String>,
    },
    /// Nothing to say: a notification or a response was taken (HTTP 202).
    Accepted,
    /// The call was given up; there is nobody to answer.
    Abandoned,
}

/// Why a request was turned away by its head alone.
#[derive(Debug)]
pub struct TurnedAway {
    pub status: u16,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// A JSON-RPC error without id.
    pub body: Bytes,
}

/// What a server says of itself before anybody connects.
#[derive(Debug)]
pub struct Card {
    pub body: Bytes,
    /// Whether anybody may have it, and so keep it.
    pub is_public: bool,
}

/// The house behind a transport.
pub trait Service: Send + Sync + 'static {
    /// Who sent this request, from its head, before any of the body is read.
    ///
    /// # Errors
    /// No credential, or one that nobody holds.
    fn admit(&self, headers: &HeaderMap) -> impl Future<Output = Result<Admitted, TurnedAway>> + Send;

    /// Whoever holds the process's standard streams.
    fn local(&self) -> Admitted;

    /// The session that these headers name to this caller.
    fn named(&self, caller: &Admitted, headers: &HeaderMap) -> Named;

    /// Answers one message. Dropping the future gives the call up. What goes
    /// to `outbox` before the answer belongs to this request's own stream.
    fn call(self: Arc<Self>, inbound: Inbound, outbox: Outbox) -> impl Future<Output = Reply> + Send + 'static;

    /// Whose stand-alone stream (HTTP GET of the handshake era) is asked for,
    /// and a seat for it.
    ///
    /// # Errors
    /// There is no such session, this revision has no such streams, or too many
    /// are open.
    fn stream(&self, caller: &Admitted, headers: &HeaderMap) -> Result<(Arc<Dialogue>, Seat), TurnedAway>;

    /// Tells the peer of a handshake dialogue what changed and `caller` may hear
    /// of, until nobody listens. Without one: whoever holds the standard streams.
    fn news(
        self: Arc<Self>,
        caller: Option<Admitted>,
        dialogue: Arc<Dialogue>,
        outbox: Outbox,
    ) -> impl Future<Output = ()> + Send + 'static;

    /// Ends the session that the headers name (HTTP DELETE).
    ///
    /// # Errors
    /// There is no such session, or this revision has none.
    fn end_session(&self, caller: &Admitted, headers: &HeaderMap) -> Result<(), TurnedAway>;

    /// The server's card, for whoever sent a request with these headers.
    ///
    /// # Errors
    /// It is not for strangers, and this is one.
    fn card(&self, headers: &HeaderMap) -> impl Future<Output = Result<Card, TurnedAway>> + Send;

    /// What is listed to whoever sent a request with these headers, signed.
    ///
    /// # Errors
    /// This is a stranger, or nothing is signed here.
    fn manifest(&self, headers: &HeaderMap) -> impl Future<Output = Result<Document, TurnedAway>> + Send;

    /// What anybody is told who wants a token for this server, if it lies at
    /// `path` (RFC 9728).
    fn metadata(&self, path: &str) -> Option<Bytes>;
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_may_be_large_goes_out_once_the_former_has_left() {
        let (outbox, mut inbox) = Outbox::channel();
        outbox.turn().await.unwrap().send(Bytes::from_static(b"1")).await.unwrap();
        assert!(outbox.turn().now_or_never().is_none(), "the first one waits");
        outbox.send(Bytes::from_static(b"2")).await.unwrap();
        assert_eq!(inbox.recv().await.and_then(Said::message).unwrap(), "1");
        outbox.turn().await.unwrap().send(Bytes::from_static(b"3")).await.unwrap();
        assert_eq!(inbox.recv().await.and_then(Said::message).unwrap(), "2");
        drop(inbox);
        assert!(outbox.turn().await.is_err());
    }
}
