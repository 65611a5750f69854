//! Places of which no principal takes all.
//!
//! **Invariant:** a principal that holds none is not remembered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many places each principal holds.
#[derive(Clone, Debug, Default)]
pub struct Shares(Arc<Mutex<HashMap<Arc<str>, usize>>>);

/// Places of one principal; given back when dropped.
#[derive(Debug)]
pub struct Place {
    shares: Shares,
    principal: Arc<str>,
    places: usize,
}

impl Shares {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for `principal`, unless it holds `most` already.
    #[must_use]
    pub fn enter(&self, principal: &Arc<str>, most: usize) -> Option<Place> {
        self.take(principal, 1, most)
    }

    /// So many places for `principal`, unless it then held more than `most`.
    #[must_use]
    pub fn take(&self, principal: &Arc<str>, places: usize, most: usize) -> Option<Place> {
        let mut held = self.lock();
        let theirs = held.get(principal).copied().unwrap_or(0).saturating_add(places);
        if theirs > most {
            return None;
        }
        held.insert(principal.clone(), theirs);
        Some(Place { shares: self.clone(), principal: principal.clone(), places })
    }
}

impl Place {
    /// Keeps so many of them, and gives the rest back.
    pub fn keep(&mut self, places: usize) {
        let rest = self.places.saturating_sub(places);
        self.give_back(rest);
        self.places -= rest;
    }

    fn give_back(&self, places: usize) {
        let mut held = self.shares.lock();
        if let Some(theirs) = held.get_mut(&self.principal) {
            *theirs -= places;
            if *theirs == 0 {
                held.remove(&self.principal);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.give_back(self.places);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_principal_leaves_places_to_the_others_and_gets_its_own_back() {
        let (shares, ann, bob): (_, Arc<str>, Arc<str>) = (Shares::default(), "ann".into(), "bob".into());
        let first = shares.enter(&ann, 1);
        assert!(first.is_some() && shares.enter(&ann, 1).is_none());
        assert!(shares.enter(&bob, 1).is_some());
        drop(first);
        assert!(shares.lock().is_empty(), "nobody is remembered for nothing");
        assert!(shares.enter(&ann, 1).is_some());
    }

    #[test]
    fn several_places_are_given_back_one_by_one_or_together() {
        let (shares, ann): (_, Arc<str>) = (Shares::default(), "ann".into());
        let mut five = shares.take(&ann, 5, 6).unwrap();
        assert!(shares.take(&ann, 2, 6).is_none());
        five.keep(3);
        let two = shares.take(&ann, 3, 6);
        assert!(two.is_some() && shares.take(&ann, 1, 6).is_none());
        drop((five, two));
        assert!(shares.lock().is_empty());
    }
}
