//! Who has which sessions, in the order in which they were last seen used.
//!
//! **Invariant:** an owner that has none is not remembered.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Instant,
};

use super::Serial;

/// A session, and a time at which, or after which, it was used last.
pub(super) type Turn = (Instant, Serial);

#[derive(Default)]
pub(super) struct Turns {
    owners: HashMap<Arc<str>, BTreeSet<Turn>>,
    all: usize,
}

impl Turns {
    /// How many sessions there are.
    pub(super) const fn all(&self) -> usize {
        self.all
    }

    /// How many of them are `owner`'s.
    pub(super) fn of(&self, owner: &str) -> usize {
        self.owners.get(owner).map_or(0, BTreeSet::len)
    }

    pub(super) fn add(&mut self, owner: &Arc<str>, turn: Turn) {
        self.all += usize::from(self.owners.entry(owner.clone()).or_default().insert(turn));
    }

    /// Takes one out, if it is there.
    pub(super) fn remove(&mut self, owner: &str, turn: &Turn) {
        let Some(turns) = self.owners.get_mut(owner) else { return };
        self.all -= usize::from(turns.remove(turn));
        if turns.is_empty() {
            self.owners.remove(owner);
        }
    }

    /// Takes out the one of `owner`'s that was seen used longest ago.
    pub(super) fn pop(&mut self, owner: &str) -> Option<Turn> {
        let first = *self.owners.get(owner)?.first()?;
        self.remove(owner, &first);
        Some(first)
    }
}
