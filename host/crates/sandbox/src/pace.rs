//! Whether calls come one at a time, and a plugin's are short lately.
//!
//! A short call that is the only one runs on the thread that asks for it: to wake
//! another and be woken again takes longer than the call. That thread does the
//! host's I/O, so it is lent. Where there are several, threads are awake, and those
//! that do one thing have its code and data at hand: handing over is then cheaper.
//!
//! **Invariant:** what a plugin takes of lent threads is bounded, whatever it does.
//! Once its calls take long in the mean it is lent none for a [`PAUSE`]; once one
//! computes on until its thread has to be taken back, for a [`LONG_PAUSE`].

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::cpu::nanos;

/// How long the calls of a plugin may take in the mean. Answers "a crowd of
/// calls that each take a thread for a little too long".
const SHORT: Duration = Duration::from_micros(250);

/// What a call counts for at most: a busy machine takes a thread away now and then.
const LONGEST: Duration = Duration::from_millis(10);

/// Calls over which the mean is taken.
const OVER: u64 = 32;

/// How long a plugin is lent no thread whose calls take long.
const PAUSE: Duration = Duration::from_secs(1);

/// The same where a thread had to be taken back. Answers "a plugin that spins
/// now and then": of each thread it has two ticks in that time.
const LONG_PAUSE: Duration = Duration::from_secs(10);

/// How long calls have come one at a time before a thread is lent. Answers "now
/// and then there is only one of a crowd": each that does not hand over then
/// spoils the caches for the others.
const QUIET: Duration = Duration::from_millis(3);

/// Whether calls come one at a time.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    /// When there was more than one, in milliseconds of [`now`], and [`QUIET`] later.
    until: AtomicU64,
}

impl Quiet {
    /// Whether it is quiet for a call that is the only one, or is not.
    pub(crate) fn is_kept(&self, only: bool) -> bool {
        if only {
            return self.until.load(Relaxed) <= now();
        }
        self.until.store(now() + millis(QUIET), Relaxed);
        false
    }
}

/// How long the calls of one plugin take.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// In the mean, in nanoseconds.
    mean: AtomicU64,
    /// Until when it is lent no thread, in milliseconds of [`now`].
    paused: AtomicU64,
}

impl Pace {
    /// Whether its next call may begin on a thread that is lent.
    pub(crate) fn is_short(&self) -> bool {
        match self.paused.load(Relaxed) {
            0 => true,
            until => until <= now(),
        }
    }

    /// A call had its thread for so long, and then it was over or it waited.
    pub(crate) fn took(&self, time: Duration) {
        let mean = self.mean.load(Relaxed);
        let mean = mean - mean / OVER + nanos(time.min(LONGEST)) / OVER;
        if mean > nanos(SHORT) {
            self.pause(PAUSE);
        } else {
            self.mean.store(mean, Relaxed);
        }
    }

    /// A thread had to be taken back from a call.
    pub(crate) fn overran(&self) {
        self.pause(LONG_PAUSE);
    }

    fn pause(&self, time: Duration) {
        self.mean.store(nanos(SHORT) / 2, Relaxed);
        self.paused.fetch_max(now() + millis(time), Relaxed);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since the first time that somebody asked.
fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    millis(START.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_calls_go_on_being_lent_a_thread_and_one_that_was_kept_waiting_is_no_matter() {
        let pace = Pace::default();
        for _ in 0..1_000 {
            pace.took(Duration::from_micros(50));
        }
        assert!(pace.is_short());
        pace.took(Duration::from_millis(5));
        assert!(pace.is_short(), "its thread was taken away for 5 ms, once");
    }

    #[test]
    fn calls_that_take_long_are_lent_none_for_a_while() {
        let pace = Pace::default();
        let lent = (0..1_000).take_while(|_| {
            pace.took(Duration::from_millis(1));
            pace.is_short()
        });
        let lent = lent.count();
        assert!((1..20).contains(&lent), "{lent} calls of 1 ms");
        pace.paused.store(1, Relaxed);
        std::thread::sleep(Duration::from_millis(2));
        assert!(pace.is_short(), "the pause is over");
    }

    #[test]
    fn it_is_quiet_once_there_was_only_one_for_a_while() {
        let quiet = Quiet::default();
        assert!(quiet.is_kept(true));
        assert!(!quiet.is_kept(false));
        assert!(!quiet.is_kept(true), "there were two a moment ago");
        std::thread::sleep(QUIET + Duration::from_millis(1));
        assert!(quiet.is_kept(true));
    }

    #[test]
    fn a_longer_pause_is_not_cut_short() {
        let pace = Pace::default();
        pace.overran();
        let until = pace.paused.load(Relaxed);
        pace.pause(PAUSE);
        assert_eq!(pace.paused.load(Relaxed), until);
        assert!(!pace.is_short());
    }
}
