use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::stream::Stream;

/// Bytes that all streams keep together. Answers "ten thousand sessions, each
/// with as much as it may keep".
const ALL_BYTES: usize = 128 << 20;

/// Finished streams that are kept at once, whatever they weigh.
const MOST_FINISHED: usize = 16_384;

/// The space that all sessions' streams share.
#[derive(Clone)]
pub struct Room(Arc<Inner>);

struct Inner {
    most: usize,
    taken: AtomicUsize,
    /// The one that finished first stands in front.
    finished: Mutex<VecDeque<Weak<Stream>>>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(ALL_BYTES)
    }
}

impl Room {
    pub(super) fn of(most: usize) -> Self {
        Self(Arc::new(Inner { most, taken: AtomicUsize::new(0), finished: Mutex::default() }))
    }

    /// Takes `bytes` if they are free.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let more = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= self.0.most);
        self.0.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Takes `bytes` though they are not free.
    pub(super) fn overdraw(&self, bytes: usize) {
        self.0.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.0.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Notes that `stream` finished, and forgets those whose time is over, and
    /// as many more as it takes to be within bounds again.
    pub(super) fn finished(&self, stream: &Arc<Stream>) {
        let mut finished = self.0.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.push_back(Arc::downgrade(stream));
        while finished.len() > MOST_FINISHED || finished.front().is_some_and(is_over) {
            finished.pop_front().and_then(|stream| stream.upgrade()).inspect(|stream| stream.forget());
        }
        while self.0.taken.load(Ordering::Relaxed) > self.0.most && forget_oldest(&mut finished) {}
    }

    /// Forgets the stream that finished first. False if there is none that
    /// nobody reads.
    pub(super) fn forget_oldest(&self) -> bool {
        forget_oldest(&mut self.0.finished.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_over(stream: &Weak<Stream>) -> bool {
    stream.upgrade().is_none_or(|stream| stream.is_over() && !stream.is_read())
}

fn forget_oldest(finished: &mut VecDeque<Weak<Stream>>) -> bool {
    let unread = |stream: &Weak<Stream>| stream.upgrade().is_none_or(|stream| !stream.is_read());
    let Some(oldest) = finished.iter().position(unread) else { return false };
    finished.remove(oldest).and_then(|stream| stream.upgrade()).inspect(|stream| stream.forget());
    true
}
