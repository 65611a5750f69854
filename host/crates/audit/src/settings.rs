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
/// How long what is recorded is kept, unless it is said otherwise.
const RETAIN: Duration = Duration::from_hours(90 * 24);

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
    /// Where checkpoints are copied to, so that a cut tail can be found: a
    /// folder (one file in it, replaced) or a file (appended to, also a FIFO).
    pub checkpoint_to: Option<PathBuf>,
    pub clock: Clock,
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
            checkpoint_to: None,
            clock: Clock::default(),
        }
    }
}
