use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use bulkhead_base::Digest;

/// So many denials of one file within [`WINDOW`] are no mistake any more.
const MANY: u32 = 32;

/// How long denials are counted together, and how long an alert stands for
/// those that follow. Answers "a plugin that raises an alert a second".
const WINDOW: Duration = Duration::from_secs(10 * 60);

/// Most files that are counted at once; the one that was denied something
/// longest ago makes place. Answers "files that come and go for ever".
const MOST_FILES: usize = 1024;

/// What files were denied lately.
#[derive(Debug, Default)]
pub(super) struct Denials(Mutex<HashMap<Digest, Counted>>);

#[derive(Debug)]
struct Counted {
    since: Instant,
    last: Instant,
    count: u32,
}

impl Denials {
    /// One more. Whether that makes them many, for the first time in a while.
    pub(super) fn are_many(&self, file: Digest) -> bool {
        self.are_many_at(file, Instant::now())
    }

    fn are_many_at(&self, file: Digest, now: Instant) -> bool {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains_key(&file) && files.len() >= MOST_FILES {
            let oldest = files.iter().min_by_key(|(_, counted)| counted.last).map(|(file, _)| *file);
            oldest.and_then(|file| files.remove(&file));
        }
        let counted = files.entry(file).or_insert(Counted { since: now, last: now, count: 0 });
        if now.duration_since(counted.since) >= WINDOW {
            (counted.since, counted.count) = (now, 0);
        }
        counted.last = now;
        counted.count = counted.count.saturating_add(1);
        counted.count == MANY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_told_of_once_in_a_while() {
        let (denials, file, begun) = (Denials::default(), Digest::of(b"file"), Instant::now());
        let told = |at| (0..MANY * 3).filter(|_| denials.are_many_at(file, at)).count();
        assert_eq!(told(begun), 1);
        assert_eq!(told(begun + WINDOW / 2), 0);
        assert_eq!(told(begun + WINDOW), 1);
        assert!(!denials.are_many_at(Digest::of(b"other"), begun), "each file for itself");
    }

    #[test]
    fn files_that_come_and_go_take_no_room() {
        let (denials, begun) = (Denials::default(), Instant::now());
        for number in 0..MOST_FILES * 2 {
            denials.are_many_at(Digest::of(&number.to_le_bytes()), begun + Duration::from_millis(number as u64));
        }
        assert_eq!(denials.0.lock().unwrap().len(), MOST_FILES);
    }
}
