use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::share::{Part, Share};

/// Bytes that all streams keep together. Answers "ten thousand sessions, each
/// with as much as it may keep".
const ALL_BYTES: usize = 128 << 20;

/// Bytes that one principal's streams keep together. Answers "one client's
/// calls push out what everybody else comes back for".
const BYTES_OF_ONE: usize = ALL_BYTES / 4;

/// The space that all sessions' streams share.
#[derive(Clone)]
pub struct Room(Arc<Whole>);

struct Whole {
    taken: Taken,
    of_one: usize,
    parts: Mutex<HashMap<Arc<str>, Weak<Part>>>,
}

/// Bytes in use, of so many.
pub(super) struct Taken {
    bytes: AtomicUsize,
    most: usize,
}

impl Taken {
    pub(super) const fn of(most: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), most }
    }

    /// Takes `bytes` if they are free.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let more = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= self.most);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Takes `bytes` though they may not be free.
    pub(super) fn overdraw(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether `more` bytes would be more than there are.
    pub(super) fn lacks(&self, more: usize) -> bool {
        self.bytes().saturating_add(more) > self.most
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::of(ALL_BYTES, BYTES_OF_ONE)
    }
}

impl Room {
    pub(super) fn of(most: usize, of_one: usize) -> Self {
        Self(Arc::new(Whole { taken: Taken::of(most), of_one, parts: Mutex::default() }))
    }

    /// What `principal` may have of it. All of its sessions have one share.
    #[must_use]
    pub fn share(&self, principal: &Arc<str>) -> Share {
        let mut parts = self.0.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = parts.get(principal).and_then(Weak::upgrade) {
            return Share::new(self.clone(), part);
        }
        // Nobody is remembered for nothing.
        parts.retain(|_, part| part.strong_count() > 0);
        let part = Arc::new(Part::of(self.0.of_one));
        parts.insert(principal.clone(), Arc::downgrade(&part));
        Share::new(self.clone(), part)
    }

    pub(super) fn taken(&self) -> &Taken {
        &self.0.taken
    }

    /// Forgets the stream that finished first of whoever keeps most. False if
    /// nobody has one that is not read.
    pub(super) fn forget_oldest(&self) -> bool {
        let parts = self.0.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts: Vec<_> = parts.values().filter_map(Weak::upgrade).collect();
        parts.sort_by_cached_key(|part| Reverse(part.taken().bytes()));
        parts.iter().any(|part| part.forget_oldest())
    }
}
