//! What a connection is waiting for, and how long it may: one timer a
//! connection, armed anew when it fires, so that a request costs no timer.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

/// How often a waiting connection is looked at; limits are kept to within it.
const LOOK: Duration = Duration::from_secs(5);

/// How long a connection may be silent between two requests. Answers "idle
/// connections that keep others out".
const IDLE_PATIENCE: Duration = Duration::from_secs(75);

/// How long a new connection may take to bring its first byte. Answers
/// "connections that are opened and never used".
const FRESH_PATIENCE: Duration = Duration::from_secs(30);

/// How long a head, and how long a body, may take to arrive. Answers "a
/// request sent a byte at a time".
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
const BODY_PATIENCE: Duration = Duration::from_secs(60);

/// How long a client may leave bytes of an answer unread. Answers "a client
/// that asks and never reads".
const STALL_PATIENCE: Duration = Duration::from_secs(60);

/// What a connection is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    Idle = 0,
    Head = 1,
    Body = 2,
    /// The house is at work: nothing is expected of the client.
    Busy = 3,
    /// Nothing has come yet.
    Fresh = 4,
}

/// One connection's phase and since when it has been in it.
#[derive(Debug)]
pub(super) struct Activity {
    phase: AtomicU8,
    since: AtomicU64,
}

/// A request is being answered. When dropped, the connection is idle again.
#[derive(Debug)]
pub(super) struct Busy(Arc<Activity>);

impl Default for Activity {
    fn default() -> Self {
        Self { phase: AtomicU8::new(Phase::Fresh as u8), since: AtomicU64::new(clock()) }
    }
}

impl Activity {
    fn enter(&self, phase: Phase) {
        self.since.store(clock(), Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }

    /// The head is here, the body is awaited.
    pub(super) fn await_body(&self) {
        self.enter(Phase::Body);
    }

    /// The request is here as a whole.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.enter(Phase::Busy);
        Busy(self.clone())
    }

    fn overdue(&self) -> bool {
        let patience = match self.phase.load(Ordering::Relaxed) {
            0 => IDLE_PATIENCE,
            1 => HEAD_PATIENCE,
            2 => BODY_PATIENCE,
            4 => FRESH_PATIENCE,
            _ => return false,
        };
        elapsed(self.since.load(Ordering::Relaxed)) >= patience
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

/// Milliseconds since the first look at this clock.
pub(super) fn clock() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn elapsed(since: u64) -> Duration {
    Duration::from_millis(clock().saturating_sub(since))
}

/// A connection's bytes, with the limits on waiting kept.
pub(super) struct Guarded<I> {
    stream: I,
    activity: Arc<Activity>,
    look: Option<Pin<Box<Sleep>>>,
    stalled: Option<u64>,
}

impl<I> Guarded<I> {
    pub(super) fn new(stream: I, activity: Arc<Activity>) -> Self {
        Self { stream, activity, look: None, stalled: None }
    }

    /// Whether the peer has been waited for too long.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let look = self.look.get_or_insert_with(|| Box::pin(tokio::time::sleep(LOOK)));
        while look.as_mut().poll(cx).is_ready() {
            let stalled = self.stalled.is_some_and(|since| elapsed(since) >= STALL_PATIENCE);
            if stalled || self.activity.overdue() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            look.as_mut().reset(tokio::time::Instant::now() + LOOK);
        }
        Ok(())
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        self.stalled.get_or_insert_with(clock);
        self.check(cx)?;
        Poll::Pending
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Guarded<I> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buf);
        if outcome.is_pending() {
            this.check(cx)?;
        } else if this.activity.is(Phase::Idle) || this.activity.is(Phase::Fresh) {
            this.activity.enter(Phase::Head);
        }
        outcome
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Guarded<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.written(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.written(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_flush(cx);
        this.written(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[test]
    fn an_answered_request_leaves_the_connection_idle() {
        let activity = Arc::new(Activity::default());
        activity.await_body();
        assert!(activity.is(Phase::Body));
        let busy = activity.begin();
        assert!(activity.is(Phase::Busy));
        assert!(!activity.overdue());
        drop(busy);
        assert!(activity.is(Phase::Idle));
    }

    #[tokio::test]
    async fn the_first_byte_begins_a_head() {
        let (mut client, server) = tokio::io::duplex(16);
        let activity = Arc::new(Activity::default());
        let mut guarded = Guarded::new(server, activity.clone());
        client.write_all(b"P").await.unwrap();
        let mut byte = [0];
        guarded.read_exact(&mut byte).await.unwrap();
        assert!(activity.is(Phase::Head));
    }
}
