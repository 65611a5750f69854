//! What was read lately, so that a call learns without the database that its
//! principal has set nothing. Reading takes no lock.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;

use super::Held;

/// How long what was read is believed. Own changes are seen at once; this is
/// for another process on the same database.
pub const FRESH: Duration = Duration::from_secs(5);

/// Most principals that are remembered. Answers "as many callers as an
/// identity provider has users".
const MOST_KNOWN: usize = 1024;

#[derive(Clone)]
struct Entry {
    held: Arc<Held>,
    read: Instant,
}

/// What is known of each principal.
#[derive(Default)]
pub(super) struct Known {
    entries: ArcSwap<HashMap<Arc<str>, Entry>>,
    /// Held while `entries` is replaced.
    turn: Mutex<()>,
    changes: AtomicU64,
}

impl Known {
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fresh(&self, principal: &str) -> Option<Arc<Held>> {
        let entries = self.entries.load();
        let entry = entries.get(principal).filter(|entry| entry.read.elapsed() < FRESH)?;
        Some(entry.held.clone())
    }

    /// How often something was changed. To be asked before reading.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Remembers what was read, unless something has changed since `before`.
    pub(super) fn keep(&self, principal: &Arc<str>, held: &Arc<Held>, before: u64) {
        let _turn = self.turn();
        if self.changes() != before {
            return;
        }
        let mut entries = HashMap::clone(&self.entries.load());
        if entries.len() >= MOST_KNOWN {
            entries.retain(|_, entry| entry.read.elapsed() < FRESH);
        }
        if entries.len() < MOST_KNOWN {
            entries.insert(principal.clone(), Entry { held: held.clone(), read: Instant::now() });
        }
        self.entries.store(Arc::new(entries));
    }

    /// Forgets a principal whose roots have changed.
    pub(super) fn forget(&self, principal: &str) {
        let _turn = self.turn();
        self.changes.fetch_add(1, Ordering::AcqRel);
        if self.entries.load().contains_key(principal) {
            let mut entries = HashMap::clone(&self.entries.load());
            entries.remove(principal);
            self.entries.store(Arc::new(entries));
        }
    }
}
