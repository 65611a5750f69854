//! What was read lately, so that a call learns without the database that its
//! principal has set nothing. Reading takes no lock.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
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

/// Counters of changes, each for the principals of one hash that nobody can
/// foresee. Answers "a caller that changes its parameters all the time, so that
/// nothing which is read for the others is remembered".
const SHARDS: usize = 1024;

#[derive(Clone)]
struct Entry {
    held: Arc<Held>,
    read: Instant,
}

/// What is known of each principal.
pub(super) struct Known {
    entries: ArcSwap<HashMap<Arc<str>, Entry>>,
    /// Held while `entries` is replaced.
    turn: Mutex<()>,
    changes: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Default for Known {
    fn default() -> Self {
        let changes = (0..SHARDS).map(|_| AtomicU64::default()).collect();
        Self { entries: ArcSwap::default(), turn: Mutex::default(), changes, hasher: RandomState::new() }
    }
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

    fn shard(&self, principal: &str) -> usize {
        usize::try_from(self.hasher.hash_one(principal) % SHARDS as u64).unwrap_or_default()
    }

    /// How often something of `principal` was changed, roughly: it may be more.
    /// To be asked before reading.
    pub(super) fn changes(&self, principal: &str) -> u64 {
        self.changes.get(self.shard(principal)).map_or(0, |changes| changes.load(Ordering::Acquire))
    }

    /// Remembers what was read, unless something of the principal has changed
    /// since `before`.
    pub(super) fn keep(&self, principal: &Arc<str>, held: &Arc<Held>, before: u64) {
        let _turn = self.turn();
        if self.changes(principal) != before {
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
        if let Some(changes) = self.changes.get(self.shard(principal)) {
            changes.fetch_add(1, Ordering::AcqRel);
        }
        if self.entries.load().contains_key(principal) {
            let mut entries = HashMap::clone(&self.entries.load());
            entries.remove(principal);
            self.entries.store(Arc::new(entries));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_principal_changes_is_nothing_to_the_others() {
        let known = Known::default();
        let alice: Arc<str> = "alice".into();
        let others = (0..SHARDS).map(|number| format!("busy {number}"));
        let busy: Vec<String> = others.filter(|other| known.shard(other) != known.shard(&alice)).collect();
        assert!(busy.len() > SHARDS / 2, "{} shards of {SHARDS}", busy.len());
        let before = known.changes(&alice);
        busy.iter().for_each(|other| known.forget(other));
        known.keep(&alice, &Arc::default(), before);
        assert!(known.fresh(&alice).is_some());
    }
}
