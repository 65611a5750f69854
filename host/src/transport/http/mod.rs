//! HTTP/1.1: accepts connections, keeps their limits, closes them in peace.

mod accept;
mod activity;
mod answer;
mod bind;
mod body;
mod crowd;
mod events;
mod exchange;
mod facing;
mod front;
mod resumable;
mod saying;

use std::{convert::Infallible, future::Future, io, net::IpAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bytes::Bytes;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use bind::bind;
pub use facing::Facing;
pub use front::Front;

use self::{
    activity::{Activity, Guarded},
    body::BodyRoom,
    crowd::{Crowd, Standing},
    exchange::Exchange,
    front::Seldom,
};
use super::{service::Service, slots::Slots, tls::Certificates};

/// Most connections at once; further ones wait in the system's queue. Answers
/// "a client that opens connections until the host has no file handles left".
const MAX_CONNECTIONS: usize = 4_096;

/// Most bytes and fields of a request's head. Answers "a head without end".
const MAX_HEAD_BYTES: usize = 64 << 10;
const MAX_HEAD_FIELDS: usize = 100;

/// How long a TLS handshake may take. Answers "a connection that says nothing".
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// How long a failed accept (no file handles) waits before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long, after the house begins to close, a connection that is kept alive
/// may still bring a request: each answer then says that it is the last, so a
/// client in the middle of its work never meets a connection that just closed.
const LINGER: Duration = Duration::from_secs(1);

/// An HTTP listener's surroundings.
pub struct Door<S> {
    pub service: Arc<S>,
    /// Which hosts and origins are ours; swapped with the configuration.
    pub facing: Arc<ArcSwap<Facing>>,
    pub slots: Slots,
    pub tls: Option<Certificates>,
    /// Fired when the house begins to close.
    pub closing: CancellationToken,
}

/// What every connection of one listener shares.
pub(crate) struct Shared<S> {
    pub(crate) service: Arc<S>,
    pub(crate) facing: Arc<ArcSwap<Facing>>,
    pub(crate) slots: Slots,
    pub(crate) room: BodyRoom,
    pub(crate) closing: CancellationToken,
    /// Fired when connections without a request are closed.
    hush: CancellationToken,
    tls: Option<Certificates>,
    /// How many connections each address has.
    crowd: Crowd,
    /// When the operator was told of strangers, and of crowds.
    strangers: Seldom,
    crowds: Seldom,
}

/// One connection, as long as it lasts.
struct Arrival {
    stream: TcpStream,
    peer: IpAddr,
    _place: OwnedSemaphorePermit,
    _standing: Option<Standing>,
}

/// Serves `listener` until the house closes and the last connection is done.
pub async fn serve<S: Service>(door: Door<S>, listener: TcpListener) {
    let shared = Arc::new(Shared {
        service: door.service,
        facing: door.facing,
        slots: door.slots,
        room: BodyRoom::default(),
        closing: door.closing,
        hush: CancellationToken::new(),
        tls: door.tls,
        crowd: Crowd::default(),
        strangers: Seldom::default(),
        crowds: Seldom::default(),
    });
    let (connections, places) = (TaskTracker::new(), Arc::new(Semaphore::new(MAX_CONNECTIONS)));
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.closing.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Some(accepted) => {
                let _ = shared.admit(accepted).map(|arrival| connections.spawn(connection(shared.clone(), arrival)));
            }
            None => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    // Who was let in by the system before it knew that we close is served too.
    while let Some(Some(accepted)) = now(accept(&listener, &places)) {
        let _ = shared.admit(accepted).map(|arrival| connections.spawn(connection(shared.clone(), arrival)));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(LINGER, connections.wait()).await.is_err() {
        shared.hush.cancel();
        connections.wait().await;
    }
}

impl<S> Shared<S> {
    /// The connection, if its peer may have one more. Otherwise it is closed.
    fn admit(&self, (stream, peer, place): (TcpStream, IpAddr, OwnedSemaphorePermit)) -> Option<Arrival> {
        let facing = self.facing.load();
        if !facing.front.admits(peer) {
            if self.strangers.is_due() {
                tracing::warn!(%peer, "a connection was closed: without TLS only proxies connect, and behindProxy.trusted does not list it");
            }
            return None;
        }
        if facing.front.may_stand_for_many(peer) {
            return Some(Arrival { stream, peer, _place: place, _standing: None });
        }
        match self.crowd.enter(peer) {
            Ok(standing) => Some(Arrival { stream, peer, _place: place, _standing: Some(standing) }),
            Err(full) => {
                if self.crowds.is_due() {
                    tracing::warn!(%peer, most = full.most(), "a connection was closed: {full} has too many; if it is a proxy, list it in behindProxy.trusted");
                }
                None
            }
        }
    }
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer.ip().to_canonical(), place)),
        Err(error) => {
            // A peer that hung up in the queue is nobody's trouble.
            if error.kind() != io::ErrorKind::ConnectionAborted {
                tracing::warn!(%error, "a connection could not be accepted");
            }
            None
        }
    }
}

/// The future's result if it has one right now.
fn now<F: Future>(future: F) -> Option<F::Output> {
    futures_util::FutureExt::now_or_never(future)
}

async fn connection<S: Service>(shared: Arc<Shared<S>>, arrival: Arrival) {
    let Arrival { stream, peer, _place, _standing } = arrival;
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(tls) = &shared.tls else { return converse(shared, stream, peer).await };
    match tokio::time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => converse(shared, stream, peer).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

async fn converse<S: Service, I>(shared: Arc<Shared<S>>, stream: I, peer: IpAddr)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let io = TokioIo::new(Guarded::new(stream, activity.clone()));
    let serve = {
        let shared = shared.clone();
        service_fn(move |request| {
            let exchange = Exchange { shared: shared.clone(), activity: activity.clone(), peer };
            async move { Ok::<_, Infallible>(exchange.answer(request).await) }
        })
    };
    let mut http = http1::Builder::new();
    http.max_headers(MAX_HEAD_FIELDS).max_buf_size(MAX_HEAD_BYTES).header_read_timeout(None);
    let connection = http.serve_connection(io, serve);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shared.hush.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

const SESSION: &str = "mcp-session-id";

/// The body of an answer that has none.
const NOTHING: Bytes = Bytes::new();
