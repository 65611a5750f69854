use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::watch;

use super::{EventId, Room};

/// Most messages of one stream that are kept; the oldest fall out. Answers "a
/// call that reports without end".
pub const MESSAGES: usize = 256;

/// Most bytes of one stream's messages that are kept, the newest message apart.
/// All questions of one round of a call fit in.
pub const BYTES: usize = 5 << 20;

/// How long a finished stream is kept for a client that comes back.
pub const KEPT: Duration = Duration::from_secs(2 * 60);

/// What a message takes besides its bytes.
const OVERHEAD: usize = 64;

/// One stream: a ring of its last messages.
pub(super) struct Stream {
    number: u64,
    room: Room,
    state: Mutex<State>,
    /// Whether there is a reader.
    pub(super) read: watch::Sender<bool>,
}

#[derive(Default)]
pub(super) struct State {
    ring: VecDeque<Bytes>,
    /// The messages that fell out of the ring.
    gone: u64,
    bytes: usize,
    finished: Option<Instant>,
    forgotten: bool,
    /// Which reader's turn it is: the newest one's.
    pub(super) turn: u64,
    pub(super) waker: Option<Waker>,
    pub(super) leave: Option<Leave>,
}

/// An order to the reader whose turn it is: go, and come back after `retry`.
pub(super) struct Leave {
    pub(super) turn: u64,
    pub(super) retry: Duration,
}

fn weight(message: &Bytes) -> usize {
    message.len() + OVERHEAD
}

impl State {
    /// The sequence number of the last message.
    pub(super) fn last(&self) -> u64 {
        self.gone + self.ring.len() as u64
    }

    /// The first message that is kept behind `after`, and its sequence number.
    pub(super) fn next(&self, after: u64) -> Option<(u64, Bytes)> {
        let skipped = after.saturating_sub(self.gone);
        let message = self.ring.get(usize::try_from(skipped).ok()?)?;
        Some((self.gone + skipped + 1, message.clone()))
    }

    /// Whether nothing behind `after` is lost.
    pub(super) fn holds(&self, after: u64) -> bool {
        !self.forgotten && (self.gone..=self.last()).contains(&after)
    }

    pub(super) const fn is_finished(&self) -> bool {
        self.finished.is_some() || self.forgotten
    }

    fn drop_oldest(&mut self, room: &Room) -> bool {
        let Some(oldest) = self.ring.pop_front() else { return false };
        self.gone += 1;
        self.bytes -= weight(&oldest);
        room.give_back(weight(&oldest));
        true
    }

    pub(super) fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Stream {
    /// `None` if the system has no random source.
    pub(super) fn new(room: Room) -> Option<Self> {
        let mut number = [0; 8];
        getrandom::fill(&mut number).ok()?;
        let (state, read) = (Mutex::default(), watch::Sender::new(false));
        Some(Self { number: u64::from_be_bytes(number), room, state, read })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) const fn event(&self, sequence: u64) -> EventId {
        EventId { stream: self.number, sequence }
    }

    pub(super) fn room(&self) -> &Room {
        &self.room
    }

    pub(super) fn is_finished(&self) -> bool {
        self.state().is_finished()
    }

    /// Whether nobody may come back to it any more.
    pub(super) fn is_over(&self) -> bool {
        let state = self.state();
        state.forgotten || state.finished.is_some_and(|finished| finished.elapsed() >= KEPT)
    }

    pub(super) fn is_read(&self) -> bool {
        *self.read.borrow()
    }

    /// Adds a message. The oldest ones fall out if there is no room for it; it
    /// is kept itself in any case, for the reader that there may be.
    pub(super) fn push(&self, message: Bytes) {
        let mut state = self.state();
        if state.is_finished() {
            return;
        }
        let weight = weight(&message);
        while state.ring.len() >= MESSAGES || (state.bytes + weight > BYTES && !state.ring.is_empty()) {
            state.drop_oldest(&self.room);
        }
        while !self.room.take(weight) {
            if !self.room.forget_oldest() && !state.drop_oldest(&self.room) {
                self.room.overdraw(weight);
                break;
            }
        }
        state.bytes += weight;
        state.ring.push_back(message);
        state.wake();
    }

    /// Nothing more will be said. False if that was known.
    pub(super) fn finish(&self) -> bool {
        let mut state = self.state();
        if state.is_finished() {
            return false;
        }
        state.finished = Some(Instant::now());
        state.wake();
        true
    }

    /// Ends it, and lets go of everything that was said.
    pub(super) fn forget(&self) {
        let mut state = self.state();
        state.forgotten = true;
        while state.drop_oldest(&self.room) {}
        state.wake();
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.room.give_back(self.state().bytes);
    }
}
