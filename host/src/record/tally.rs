use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often those that are counted together get an entry. Answers "a stranger
/// who fills the disk with refusals": 1,440 entries a day.
const EVERY: Duration = Duration::from_secs(60);

/// What happens too often, and to nobody known, for an entry each.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    told: Option<Instant>,
    since: u64,
}

impl Tally {
    /// One more. How many an entry is to tell of now, if it is time for one.
    pub(super) fn count(&self) -> Option<u64> {
        self.count_at(Instant::now())
    }

    fn count_at(&self, now: Instant) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.since += 1;
        if counted.told.is_some_and(|told| now.duration_since(told) < EVERY) {
            return None;
        }
        counted.told = Some(now);
        Some(std::mem::take(&mut counted.since))
    }

    /// Those that no entry has told of.
    pub(super) fn rest(&self) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(std::mem::take(&mut counted.since)).filter(|count| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_others_together() {
        let (tally, begun) = (Tally::default(), Instant::now());
        assert_eq!(tally.count_at(begun), Some(1));
        for _ in 0..1_000 {
            assert_eq!(tally.count_at(begun), None);
        }
        assert_eq!(tally.count_at(begun + EVERY), Some(1_001));
        assert_eq!(tally.rest(), None);
        tally.count_at(begun + EVERY);
        assert_eq!(tally.rest(), Some(1));
    }
}
