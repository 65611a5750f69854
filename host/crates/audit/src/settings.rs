use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bulkhead_base::ByteSize;

use crate::LogName;

/// Size at which a segment is closed: what is read again at a start, and what
/// is deleted at once.
const SEGMENT_BYTES: ByteSize = ByteSize::mib(64);
/// More than a write takes: what is queued, and its checkpoint.
const LARGEST_WRITE: ByteSize = ByteSize::mib(64);
/// Segments that a record of limited size has at least, so that little of it
/// is deleted at once.
const LEAST_SEGMENTS: u64 = 8;
/// How long what is recorded is kept, unless it is said otherwise.
const RETAIN: Duration = Duration::from_hours(90 * 24);
/// How long the disk may take nothing. Answers "a disk that hangs": longer than
/// one that is woken up or busy takes, and no longer than a person waits.
const STALL: Duration = Duration::from_secs(10);

/// When an entry is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Before [`Record::append`](crate::Record::append) returns.
    Record,
    /// Within 100 ms, while `append` returns at once.
    #[default]
    Batch,
}

/// The time as the record's own lines have it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that says what `now` returns.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// How a record is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of this record alone; created if it does not exist.
    pub folder: PathBuf,
    /// The record's name, which its checkpoints begin with. Servers that share
    /// a key need names that differ.
    pub name: LogName,
    pub mode: Mode,
    /// A segment that reached this size is closed. Default 64 MiB.
    pub segment_bytes: ByteSize,
    /// Segments whose last entry is older than this are deleted; `None` keeps
    /// everything. Default 90 days.
    pub retain: Option<Duration>,
    /// Beyond this size the oldest closed segments are deleted, but for one
    /// write; `None`, the default, sets no limit.
    pub max_bytes: Option<ByteSize>,
    /// Whoever waits longer than this for the disk is told that the record
    /// cannot be written. Default 10 s.
    pub stall: Duration,
    /// Where checkpoints are copied to, so that a cut tail can be found: a
    /// folder (one file in it, replaced) or a file (appended to, also a FIFO).
    pub checkpoint_to: Option<PathBuf>,
    pub clock: Clock,
    /// Stands for a disk that hangs.
    #[cfg(test)]
    pub(crate) gate: crate::watch::tests::Gate,
}

impl Settings {
    /// The record `name` in `folder`, with defaults.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, name: LogName) -> Self {
        Self {
            folder: folder.into(),
            name,
            mode: Mode::default(),
            segment_bytes: SEGMENT_BYTES,
            retain: Some(RETAIN),
            max_bytes: None,
            stall: STALL,
            checkpoint_to: None,
            clock: Clock::default(),
            #[cfg(test)]
            gate: Default::default(),
        }
    }

    /// No segment is larger: it was closed by the first write beyond its size.
    pub(crate) fn largest_segment(&self) -> u64 {
        self.segment_bytes.get().max(SEGMENT_BYTES.get()).saturating_add(LARGEST_WRITE.get())
    }

    /// The size at which a segment is closed, so that there are several.
    pub(crate) fn closing_bytes(&self) -> u64 {
        let share = self.max_bytes.map_or(u64::MAX, |most| most.get() / LEAST_SEGMENTS);
        self.segment_bytes.get().min(share)
    }
}
