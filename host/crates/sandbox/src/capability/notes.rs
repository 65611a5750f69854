//! How much a call may say: progress, log lines and what it prints.
//!
//! **Invariant:** progress rises; all lines of a call together stay inside one
//! byte limit; what is beyond is dropped and the call goes on.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use bulkhead_base::ByteSize;

use crate::{
    answer::LogLevel,
    undefended::{Defence, switched_off},
};

/// Progress reports that may come at once, and how many more each second.
/// Answers "a guest that reports progress in a loop".
const PROGRESS_AT_ONCE: f64 = 16.0;
const PROGRESS_A_SECOND: f64 = 8.0;

/// Bytes that every line counts for besides its text. Answers "a million empty lines".
const LINE_COST: u64 = 32;

/// Other events, such as changed resources, that one call may tell.
const EVENTS: u32 = 1_024;

/// Bytes that a call may still say, log lines and prints together.
#[derive(Debug)]
pub(crate) struct Words(AtomicU64);

impl Words {
    pub(crate) const fn new(bytes: ByteSize) -> Self {
        Self(AtomicU64::new(bytes.get()))
    }

    /// Whether a line of that many bytes may be said.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let cost = bytes as u64 + LINE_COST;
        self.0.try_update(Relaxed, Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// How many of so many bytes may be said.
    pub(crate) fn take_up_to(&self, bytes: usize) -> usize {
        let taken = |left: u64| left.min(bytes as u64);
        let before = self.0.try_update(Relaxed, Relaxed, |left| Some(left - taken(left)));
        before.map_or(0, |left| usize::try_from(taken(left)).unwrap_or(bytes))
    }
}

/// What a call may still tell.
#[derive(Debug)]
pub(crate) struct Notes {
    events_left: u32,
    level: Option<LogLevel>,
    progress: f64,
    allowance: f64,
    refilled: Option<Instant>,
}

impl Notes {
    pub(crate) const fn new(level: Option<LogLevel>) -> Self {
        Self { events_left: EVENTS, level, progress: f64::NEG_INFINITY, allowance: PROGRESS_AT_ONCE, refilled: None }
    }

    /// Whether a log line of this level is passed on.
    pub(crate) fn admits_level(&self, level: LogLevel) -> bool {
        self.level.is_some_and(|least| level as u8 >= least as u8)
    }

    /// Whether an event is passed on.
    pub(crate) fn admits_event(&mut self) -> bool {
        match self.events_left.checked_sub(1) {
            Some(left) => {
                self.events_left = left;
                true
            }
            None => false,
        }
    }

    /// Whether this progress is passed on.
    pub(crate) fn admits_progress(&mut self, progress: f64, now: Instant) -> bool {
        if !progress.is_finite() || progress <= self.progress {
            return false;
        }
        let since = self.refilled.replace(now).map_or(0.0, |before| now.duration_since(before).as_secs_f64());
        self.allowance = since.mul_add(PROGRESS_A_SECOND, self.allowance).min(PROGRESS_AT_ONCE);
        if self.allowance < 1.0 && !switched_off(Defence::Progress) {
            return false;
        }
        self.allowance -= 1.0;
        self.progress = progress;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn progress_rises_and_comes_seldom() {
        let mut notes = Notes::new(None);
        let start = Instant::now();
        assert!(notes.admits_progress(0.0, start));
        assert!(notes.admits_progress(50.0, start));
        for bad in [50.0, 49.0, f64::NAN, f64::INFINITY] {
            assert!(!notes.admits_progress(bad, start), "{bad}");
        }
        let passed = (0..1000).filter(|n| notes.admits_progress(51.0 + f64::from(*n), start)).count();
        assert_eq!(passed, 14);
        assert!(notes.admits_progress(2000.0, start + Duration::from_secs(1)));
    }

    #[test]
    fn lines_below_the_level_are_dropped_and_without_a_level_all() {
        let notes = Notes::new(Some(LogLevel::Warning));
        assert!(!notes.admits_level(LogLevel::Info));
        assert!(notes.admits_level(LogLevel::Warning));
        assert!(!Notes::new(None).admits_level(LogLevel::Emergency));
    }

    #[test]
    fn words_run_out() {
        let words = Words::new(ByteSize::bytes(100));
        assert!(words.take(60));
        assert!(!words.take(60));
        assert_eq!((words.take_up_to(5), words.take_up_to(5), words.take_up_to(5)), (5, 3, 0));
    }
}
