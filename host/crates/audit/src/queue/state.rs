use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    QUEUE_BYTES,
    batch::{Batch, Memory, UnderWay},
    word::Word,
};
use crate::Failure;

/// A batch of this weight is written without further waiting.
const LARGE: u32 = QUEUE_BYTES / 4;

/// What is behind the queue's lock.
#[derive(Default)]
pub(super) struct State {
    pub(super) batch: Batch,
    /// When the first entry of the batch came.
    pub(super) since: Option<Instant>,
    /// Somebody waits for the disk.
    pub(super) urgent: bool,
    pub(super) failure: Option<Failure>,
    /// Entries whose appenders were told that they are not on the record.
    pub(super) lost: usize,
    pub(super) closing: bool,
    pub(super) spare: Memory,
    /// What the writer waits for, while it does.
    pub(super) waits: Option<Wake>,
    /// Those who wait for the write before, if not all of them are woken, and
    /// when they are at last.
    pub(super) passing: Option<(Arc<Word>, Instant)>,
    /// Since when the writer does what it was given last.
    pub(super) busy: Option<Instant>,
    pub(super) under_way: Option<UnderWay>,
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
    /// When what is queued is to be written. Those who wait are not waited for:
    /// while one half of them is written, the other half goes on.
    pub(super) fn wake(&self, linger: Duration) -> Wake {
        match self.since {
            None => Wake::Never,
            Some(_) if self.urgent || self.closing || self.batch.weight() >= LARGE => Wake::Now,
            Some(since) => Wake::At(since + linger),
        }
    }

    pub(super) fn swap(&mut self) -> Batch {
        let spare = std::mem::take(&mut self.spare);
        self.since = None;
        self.urgent = false;
        std::mem::replace(&mut self.batch, Batch::new(spare))
    }
}
