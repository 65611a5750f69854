use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;

use super::{EventId, stream::Stream};

/// What a reader is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A message, and the id under which one comes back behind it.
    Message(EventId, Bytes),
    /// Leave, and come back after this long.
    Leave(Duration),
}

/// The end of a stream at which it is read. Dropped, somebody else may come.
pub struct Reader {
    stream: Arc<Stream>,
    turn: u64,
    /// The sequence number of what was read last.
    read: u64,
    left: bool,
}

impl Reader {
    /// A reader behind `after`, whose turn it is from now on. `None` if that
    /// was never said, or what comes next has fallen out.
    pub(super) fn attach(stream: Arc<Stream>, after: u64) -> Option<Self> {
        let turn = {
            let mut state = stream.state();
            if !state.holds(after) {
                return None;
            }
            state.turn += 1;
            state.heard = after;
            state.wake();
            // Under the lock: a reader whose turn is over must not have the last word.
            stream.read.send_replace(true);
            state.turn
        };
        Some(Self { stream, turn, read: after, left: false })
    }

    /// Where it stands: the id under which one comes back to this place.
    #[must_use]
    pub fn place(&self) -> EventId {
        self.stream.event(self.read)
    }

    /// The next message; `None` at the end, if somebody else reads now, or if
    /// what comes next has fallen out: then nobody comes back to this place.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Told>> {
        if self.left {
            return Poll::Ready(None);
        }
        let mut state = self.stream.state();
        if state.turn != self.turn || !state.goes_on(self.read) {
            return Poll::Ready(None);
        }
        if let Some((sequence, message)) = state.next(self.read) {
            self.read = sequence;
            state.heard = sequence;
            return Poll::Ready(Some(Told::Message(self.stream.event(sequence), message)));
        }
        if state.is_finished() {
            return Poll::Ready(None);
        }
        if let Some(leave) = state.leave.take_if(|leave| leave.turn == self.turn) {
            self.left = true;
            return Poll::Ready(Some(Told::Leave(leave.retry)));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.stream.state();
        if state.turn == self.turn {
            state.waker = None;
            self.stream.read.send_replace(false);
        }
    }
}
