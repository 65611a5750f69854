//! How many calls may be under way at once, over every transport together.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The room for calls. Answers "more calls than the machine can hold in
/// memory": one call too many is refused at once instead of slowing the rest.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    total: u32,
}

/// One call's place. Given back when dropped; a stream that only waits for
/// news gives it back early, since it is no call under way.
#[derive(Debug)]
pub struct Slot(#[expect(dead_code, reason = "held for its drop alone")] OwnedSemaphorePermit);

impl Slots {
    /// Room for `total` calls.
    #[must_use]
    pub fn new(total: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(total as usize)), total }
    }

    /// A place for one call, or `None` if the house is full.
    #[must_use]
    pub fn take(&self) -> Option<Slot> {
        self.free.clone().try_acquire_owned().ok().map(Slot)
    }

    /// A place for a call that was let in before and goes on: it waits.
    /// `None` once there will be none.
    pub async fn wait(&self) -> Option<Slot> {
        self.free.clone().acquire_owned().await.ok().map(Slot)
    }

    /// How many calls are under way.
    #[must_use]
    pub fn taken(&self) -> usize {
        (self.total as usize).saturating_sub(self.free.available_permits())
    }

    /// Waits until no call is under way. False if `patience` ran out first.
    pub async fn empty(&self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.free.acquire_many(self.total)).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_house_refuses_and_an_empty_one_is_noticed() {
        let slots = Slots::new(1);
        let first = slots.take();
        assert!(first.is_some());
        assert!(slots.take().is_none());
        assert_eq!(slots.taken(), 1);
        assert!(!slots.empty(Duration::from_millis(5)).await);
        drop(first);
        assert!(slots.empty(Duration::from_millis(5)).await);
        assert!(slots.take().is_some());
    }
}
