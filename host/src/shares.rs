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

/// One place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    shares: Shares,
    principal: Arc<str>,
}

impl Shares {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for `principal`, unless it holds `most` already.
    #[must_use]
    pub fn enter(&self, principal: &Arc<str>, most: usize) -> Option<Place> {
        let mut held = self.lock();
        let theirs = held.entry(principal.clone()).or_default();
        if *theirs >= most {
            return None;
        }
        *theirs += 1;
        Some(Place { shares: self.clone(), principal: principal.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.shares.lock();
        if let Some(theirs) = held.get_mut(&self.principal) {
            *theirs -= 1;
            if *theirs == 0 {
                held.remove(&self.principal);
            }
        }
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
}
