use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    QUEUE_BYTES,
    batch::{Batch, Memory, UnderWay},
    word::Word,
};
use crate::{Failure, folder::SegmentName};

/// A batch of this weight is written without further waiting.
const LARGE: u32 = QUEUE_BYTES / 4;
/// A write that takes less lets nobody wait: one half of those who wait goes on
/// while the other half is written. Of a slower one more take part.
const SLOW: Duration = Duration::from_millis(1);
/// How long the write after a slow one waits, at most, for those whom that one
/// let go on: they come back at once if they have more to say, and are then
/// written together with those who came meanwhile. Never more than an eighth of
/// what that write took.
const GATHER: Duration = Duration::from_micros(500);

/// Those who wait for a write that is over and are not woken yet, and when they
/// are at last.
pub(super) type Passing = (Arc<Word>, Instant);

/// What is behind the queue's lock.
#[derive(Default)]
pub(super) struct State {
    pub(super) batch: Batch,
    /// When the first entry of the batch came.
    pub(super) since: Option<Instant>,
    /// Somebody waits for the disk.
    pub(super) urgent: bool,
    /// How many there were lately who wait, and until when they are waited for.
    expected: usize,
    gathered: Option<Instant>,
    pub(super) failure: Option<Failure>,
    /// Entries whose appenders were told that they are not on the record.
    pub(super) lost: usize,
    pub(super) closing: bool,
    pub(super) spare: Memory,
    /// What the writer waits for, while it does.
    pub(super) waits: Option<Wake>,
    /// Those of the write before, if not all of them are woken.
    pub(super) passing: Option<Passing>,
    /// Since when the writer does what it was given last.
    pub(super) busy: Option<Instant>,
    pub(super) under_way: Option<UnderWay>,
    /// A segment whose time is over, and that is kept because it was altered.
    pub(super) kept: Option<SegmentName>,
    /// There is no writer any more.
    pub(super) left: bool,
    /// Nobody looks at the writer until it has something to do.
    pub(super) unwatched: bool,
}

/// When the writer goes on, unless somebody wakes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wake {
    Now,
    At(Instant),
    Never,
}

impl State {
    /// When what is queued is to be written.
    pub(super) fn wake(&self, linger: Duration) -> Wake {
        let is_late = self.closing || self.batch.weight() >= LARGE;
        match self.since {
            None => Wake::Never,
            Some(_) if is_late => Wake::Now,
            Some(_) if self.urgent => {
                let gathered = self.gathered.filter(|_| self.batch.len() < self.expected);
                gathered.map_or(Wake::Now, Wake::At)
            }
            Some(since) => Wake::At(since + linger),
        }
    }

    /// A write of so many `entries` is done, and `took` so long.
    pub(super) fn expect(&mut self, entries: usize, took: Duration, now: Instant) {
        self.expected = entries + self.batch.len();
        self.gathered = (took >= SLOW).then(|| now + GATHER.min(took / 8));
    }

    pub(super) fn swap(&mut self) -> Batch {
        let spare = std::mem::take(&mut self.spare);
        self.since = None;
        self.urgent = false;
        std::mem::replace(&mut self.batch, Batch::new(spare))
    }
}
