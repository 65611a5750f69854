use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use bulkhead_base::ByteSize;

use crate::{ENTRY_BYTES, Finding, KeyError, LogName, NameError, NoteError};

/// Why a record is not opened, read or verified. These texts are the operator's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A file or folder of the record cannot be used.
    #[error("cannot use {}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// Others could alter the record.
    #[error("{}: {what}; a record belongs to its server alone: `chmod 700` it, or give audit.dir another folder", folder.display())]
    Exposed { folder: PathBuf, what: &'static str },
    /// Somebody else writes into the folder.
    #[error("{}: process {holder} writes this record; each server needs a folder of its own in audit.dir", folder.display())]
    Locked { folder: PathBuf, holder: String },
    /// There is nothing to read.
    #[error("{}: there is no record", folder.display())]
    NoRecord { folder: PathBuf },
    /// The record is another one's.
    #[error("{}: this is the record of {found}, and {expected} would go on with it; give audit.dir another folder", folder.display())]
    OtherName { folder: PathBuf, found: LogName, expected: LogName },
    /// There is a record, and not what it is signed with.
    #[error("{}: there is a record, and its key {} is gone: another one cannot go on with it. Bring the key back, or, to begin a new record, move the folder away and keep it", folder.display(), key.display())]
    NoKey { folder: PathBuf, key: PathBuf },
    /// A checkpoint to compare with is of another record.
    #[error("the checkpoint is of {found}, and this is the record {expected}")]
    OtherRecord { found: LogName, expected: LogName },
    /// What is on disk does not hold, so nothing is written behind it.
    #[error("{}: the record does not hold, so nothing is written behind it: {finding}. `bulkhead audit verify` says more; to begin a new record, move this folder away and keep it", folder.display())]
    Broken { folder: PathBuf, finding: Box<Finding> },
    /// A checkpoint says that there was more, or something else.
    #[error("{}: {finding}, says the checkpoint in {}. To begin a new record, move the folder and this checkpoint away and keep them", folder.display(), checkpoint.display())]
    Contradicted { folder: PathBuf, checkpoint: PathBuf, finding: Box<Finding> },
    /// A checkpoint that one cannot rely on, where a start compares with one.
    #[error("{}: {why}. A start compares the record with it; if it is of an earlier record or key, move it away and keep it", path.display())]
    Checkpoint { path: PathBuf, why: NoteError },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Name(#[from] NameError),
    /// The writer's thread was not started.
    #[error("no thread for the record")]
    Thread(#[source] io::Error),
}

impl AuditError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

/// Why an entry is not on the record, as far as anybody knows. Whoever is told
/// so must not go on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The disk is full or hangs, a write failed, or the files were touched.
    /// Everybody is told so until a write succeeds again. What hung may turn out
    /// to be on the record, which says so.
    #[error("the record cannot be written: {0}")]
    Failing(Failure),
    /// The entry is larger than one may be.
    #[error("an entry of the record has at most {limit}")]
    TooLarge { limit: ByteSize },
    /// The record was closed.
    #[error("the record is closed")]
    Closed,
}

impl AppendError {
    pub(crate) const TOO_LARGE: Self = Self::TooLarge { limit: ENTRY_BYTES };
}

/// What failed, told to everybody who waits for the same write.
#[derive(Clone, Debug)]
pub struct Failure(Arc<str>);

impl Failure {
    /// The disk says neither yes nor no.
    pub(crate) fn stalled(patience: Duration) -> Self {
        Self(hangs(patience).into())
    }
}

fn hangs(patience: Duration) -> String {
    match patience.subsec_millis() {
        0 => format!("the disk has taken nothing for {} s", patience.as_secs()),
        _ if patience.as_secs() == 0 => format!("the disk has taken nothing for {} ms", patience.as_millis()),
        _ => format!("the disk has taken nothing for {} s", patience.as_secs_f32()),
    }
}

/// A record that was closed before everything was written: the disk hangs.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{}; {entries} entries were left unwritten", hangs(*patience))]
pub struct Left {
    pub entries: usize,
    pub(crate) patience: Duration,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string().into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
