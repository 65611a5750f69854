use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::watch;

use super::{EventId, Share};

/// Most messages of one stream that are kept; the oldest fall out. Answers "a
/// call that reports without end".
pub const MESSAGES: usize = 256;

/// Most bytes of one stream's messages that are kept, the newest message apart.
/// All questions of one round of a call fit in.
pub const BYTES: usize = 5 << 20;

/// Of both, what hints may fill with what is not read yet. Answers "a call that
/// reports so much that its answer finds nobody any more".
const HINTS: usize = 2;

/// How long a finished stream is kept for a client that comes back.
pub const KEPT: Duration = Duration::from_secs(2 * 60);

/// What a message takes besides its bytes.
const OVERHEAD: usize = 64;

/// One stream: a ring of its last messages.
pub(super) struct Stream {
    number: u64,
    share: Share,
    state: Mutex<State>,
    /// Whether there is a reader.
    pub(super) read: watch::Sender<bool>,
}

#[derive(Default)]
pub(super) struct State {
    ring: VecDeque<Kept>,
    /// The messages that fell out of the ring.
    gone: u64,
    /// The sequence number of the last of them that nobody can do without.
    lost: u64,
    bytes: usize,
    finished: Option<Instant>,
    forgotten: bool,
    /// The sequence number of what was read last, by the newest reader.
    pub(super) heard: u64,
    /// Which reader's turn it is: the newest one's.
    pub(super) turn: u64,
    pub(super) waker: Option<Waker>,
    pub(super) leave: Option<Leave>,
}

/// One message that was said.
struct Kept {
    message: Bytes,
    /// Its reader can do without it.
    is_hint: bool,
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
        let kept = self.ring.get(usize::try_from(skipped).ok()?)?;
        Some((self.gone + skipped + 1, kept.message.clone()))
    }

    /// Whether nothing behind `after` is lost.
    pub(super) fn holds(&self, after: u64) -> bool {
        !self.forgotten && (self.gone..=self.last()).contains(&after)
    }

    /// As `holds`, of what a reader cannot do without.
    pub(super) fn goes_on(&self, after: u64) -> bool {
        !self.forgotten && (self.lost..=self.last()).contains(&after)
    }

    pub(super) const fn is_finished(&self) -> bool {
        self.finished.is_some() || self.forgotten
    }

    /// Whether a hint of this weight may wait behind what is not read yet.
    fn has_room_for_hint(&self, weight: usize) -> bool {
        let unread = self.last() - self.heard;
        if unread >= (MESSAGES / HINTS) as u64 {
            return false;
        }
        let waiting = self.ring.iter().rev().zip(0..unread);
        waiting.map(|(kept, _)| self::weight(&kept.message)).sum::<usize>() + weight <= BYTES / HINTS
    }

    fn keep(&mut self, message: Bytes, is_hint: bool) {
        self.bytes += weight(&message);
        self.ring.push_back(Kept { message, is_hint });
        self.wake();
    }

    fn drop_oldest(&mut self, share: &Share) -> bool {
        let Some(oldest) = self.ring.pop_front() else { return false };
        self.gone += 1;
        if !oldest.is_hint {
            self.lost = self.gone;
        }
        self.bytes -= weight(&oldest.message);
        share.give_back(weight(&oldest.message));
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
    pub(super) fn new(share: Share) -> Option<Self> {
        let mut number = [0; 8];
        getrandom::fill(&mut number).ok()?;
        let (state, read) = (Mutex::default(), watch::Sender::new(false));
        Some(Self { number: u64::from_be_bytes(number), share, state, read })
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

    pub(super) fn share(&self) -> &Share {
        &self.share
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
        self.add(message, false);
    }

    /// As `push`, of what its reader can do without if it falls out.
    pub(super) fn mention(&self, message: Bytes) {
        self.add(message, true);
    }

    fn add(&self, message: Bytes, is_hint: bool) {
        let mut state = self.state();
        if state.is_finished() {
            return;
        }
        let weight = weight(&message);
        self.make_place(&mut state, weight);
        while !self.share.take(weight) {
            if !self.share.make_room(weight) && !state.drop_oldest(&self.share) && !self.share.cut_off(weight) {
                self.share.overdraw(weight);
                break;
            }
        }
        state.keep(message, is_hint);
    }

    /// Adds a message unless it would push out, now or before the answer, what
    /// nobody has read yet.
    pub(super) fn hint(&self, message: Bytes) {
        let mut state = self.state();
        let weight = weight(&message);
        if state.is_finished() || !state.has_room_for_hint(weight) {
            return;
        }
        while !self.share.take(weight) {
            if !self.share.make_room(weight) {
                return;
            }
        }
        self.make_place(&mut state, weight);
        state.keep(message, true);
    }

    /// Lets the oldest messages fall out of a full ring.
    fn make_place(&self, state: &mut State, weight: usize) {
        while state.ring.len() >= MESSAGES || (state.bytes + weight > BYTES && !state.ring.is_empty()) {
            state.drop_oldest(&self.share);
        }
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
        while state.drop_oldest(&self.share) {}
        state.wake();
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.share.give_back(self.state().bytes);
    }
}
