//! How many calls run, and how many may wait.
//!
//! **Invariant:** nobody waits for an instance inside wasmtime: fewer calls are
//! let in than the pool has places. A full queue turns away at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Failure;

/// Calls of one plugin that wait, for each that may run. Answers "a crowd that
/// waits longer than it is worth waiting, each with its arguments in memory".
const WAITING_PER_PLACE: usize = 4;

/// One gate: so many inside, so many in front.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// How many places there are.
    all: usize,
    longest: usize,
}

/// Leave to run; held until the guest is gone.
#[derive(Debug)]
pub(crate) struct Place {
    _own: OwnedSemaphorePermit,
    _shared: OwnedSemaphorePermit,
}

/// Takes the caller out of the count, also if it gives up waiting.
struct InQueue<'a>(&'a AtomicUsize);

impl Drop for InQueue<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    pub(crate) fn new(places: usize) -> Self {
        let longest = places.saturating_mul(WAITING_PER_PLACE);
        Self { places: Arc::new(Semaphore::new(places)), waiting: Arc::default(), all: places, longest }
    }

    /// Whether whoever came now would be turned away.
    pub(crate) fn is_full(&self) -> bool {
        self.places.available_permits() == 0 && self.waiting.load(Ordering::Relaxed) >= self.longest
    }

    /// Whether nobody is inside but who asks.
    pub(crate) fn has_one(&self) -> bool {
        self.places.available_permits() + 1 >= self.all
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _counted = InQueue(&self.waiting);
        if before >= self.longest {
            return Err(Failure::Busy);
        }
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| Failure::Stopped)
    }
}

/// Waits for a place in the plugin's own gate, then in everybody's: a crowd
/// waits in front of its own plugin and not in front of the others.
pub(crate) async fn enter(own: &Gate, shared: &Gate) -> Result<Place, Failure> {
    let own = own.enter().await?;
    let shared = shared.enter().await?;
    Ok(Place { _own: own, _shared: shared })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_turns_away_and_an_empty_place_is_taken() {
        let (own, shared) = (Gate::new(1), Gate::new(8));
        let first = enter(&own, &shared).await.unwrap();
        assert!(own.has_one() && shared.has_one());
        let mut waiting: Vec<_> = (0..WAITING_PER_PLACE).map(|_| Box::pin(enter(&own, &shared))).collect();
        for call in &mut waiting {
            assert!(call.as_mut().now_or_never().is_none(), "it did not wait");
        }
        assert!(own.is_full() && !shared.is_full());
        assert!(matches!(enter(&own, &shared).await, Err(Failure::Busy)));
        waiting.pop();
        assert!(!own.is_full());
        assert!(enter(&own, &shared).now_or_never().is_none(), "who gave up left its turn to the next");
        drop(first);
        assert!(waiting.remove(0).await.is_ok());
    }

    #[tokio::test]
    async fn one_plugins_crowd_leaves_places_for_the_others() {
        let (crowd, other, shared) = (Gate::new(2), Gate::new(2), Gate::new(3));
        let _inside = (enter(&crowd, &shared).await.unwrap(), enter(&crowd, &shared).await.unwrap());
        assert!(!shared.has_one() && other.has_one());
        let mut third = Box::pin(enter(&crowd, &shared));
        assert!(third.as_mut().now_or_never().is_none());
        assert!(enter(&other, &shared).now_or_never().is_some_and(|place| place.is_ok()));
    }
}
