//! Whether a record holds, for whoever has its public key and nothing else.
//!
//! **Invariant:** a line is vouched for once a checkpoint of the key covers it,
//! and not before. Memory is bounded whatever the files hold.

mod against;
mod compare;
mod finding;
mod walk;

use std::{fmt, path::Path, thread, time::Duration};

use crate::{
    AuditError, Checkpoint, LogName, PublicKey,
    folder::{Lines, SegmentName, is_written, segments},
};

pub(crate) use finding::Place;
pub use finding::{Finding, Flaw};
pub(crate) use walk::Walk;

/// How often a record that is being written is looked at again, where its end
/// is not signed yet.
const LIVE_TRIES: usize = 20;
const LIVE_PAUSE: Duration = Duration::from_millis(50);

/// Which signatures are checked. A checkpoint's root covers every line before
/// it, other checkpoints too, so that the last signature covers them all; where
/// something does not hold, the others tell what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    Every,
    Last,
}

/// What verification found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The record's name, as its checkpoints have it.
    pub name: Option<LogName>,
    /// The first record that is kept.
    pub first: u64,
    /// Every record from the first one up to this one, which is not counted in,
    /// is what was written.
    pub vouched: u64,
    pub segments: usize,
    /// The last checkpoint that holds: keep it elsewhere.
    pub checkpoint: Option<Checkpoint>,
    /// Checkpoints given to compare with that are older than what is kept.
    pub too_old: usize,
    /// The first thing that does not hold.
    pub finding: Option<Finding>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.finding {
            Some(finding) => write!(f, "{finding}; ")?,
            None => f.write_str("the record holds; ")?,
        }
        match self.vouched.checked_sub(1).filter(|last| *last >= self.first) {
            Some(last) => write!(f, "records {} to {last} are what was written", self.first),
            None => f.write_str("no record can be vouched for"),
        }
    }
}

/// Why a walk ends early.
pub(crate) enum Stop {
    Found(Box<Finding>),
    Failed(AuditError),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Found(Box::new(finding))
    }
}

impl From<AuditError> for Stop {
    fn from(error: AuditError) -> Self {
        Self::Failed(error)
    }
}

/// Reads the whole record in `folder` and compares it with what `key` signed,
/// and with the checkpoints in `against`. It may be written meanwhile.
///
/// # Errors
/// There is no record, a checkpoint is another record's, or a file cannot be
/// read. What does not hold is no error but in the report.
pub fn verify(folder: &Path, key: &PublicKey, against: &[Checkpoint]) -> Result<Report, AuditError> {
    let report = verify_live(folder, key, against)?;
    let other =
        |name: &LogName| against.iter().find(|checkpoint| checkpoint.name() != name).map(|one| one.name().clone());
    match report.name.as_ref().and_then(|name| Some((other(name)?, name))) {
        Some((found, expected)) => Err(AuditError::OtherRecord { found, expected: expected.clone() }),
        None => Ok(report),
    }
}

fn verify_live(folder: &Path, key: &PublicKey, against: &[Checkpoint]) -> Result<Report, AuditError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let looked = match verify_once(folder, key, against, Check::Last) {
            // Something does not hold: every signature helps to say what.
            Ok(report) if report.finding.is_some() => verify_once(folder, key, against, Check::Every),
            other => other,
        };
        let unfinished = match looked {
            Ok(report) if report.finding.as_ref().is_some_and(|finding| finding.flaw == Flaw::Unsigned) => Ok(report),
            // A segment whose time was over was deleted meanwhile.
            Err(AuditError::File { path, source }) if source.kind() == std::io::ErrorKind::NotFound => {
                Err(AuditError::File { path, source })
            }
            finished => return finished,
        };
        if tries == LIVE_TRIES || !is_written(folder) {
            return unfinished;
        }
        thread::sleep(LIVE_PAUSE);
    }
}

fn verify_once(folder: &Path, key: &PublicKey, against: &[Checkpoint], check: Check) -> Result<Report, AuditError> {
    let segments = segments(folder)?;
    if segments.is_empty() && against.is_empty() {
        return Err(AuditError::NoRecord { folder: folder.into() });
    }
    let mut walk = Walk::new(key, against, check);
    let mut torn = None;
    for (at, name) in segments.iter().enumerate() {
        let last = at + 1 == segments.len();
        match read_segment(&mut walk, folder, *name, last, |_| ()) {
            Ok(end) => torn = end,
            Err(Stop::Found(finding)) => return Ok(walk.report(segments.len(), Some(*finding))),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    let finding = walk.finish(torn);
    Ok(walk.report(segments.len(), finding))
}

/// Walks over one segment and says after which bytes it is sealed. A last line
/// without line feed is not looked at: where it stands.
pub(crate) fn read_segment(
    walk: &mut Walk<'_>,
    folder: &Path,
    name: SegmentName,
    last: bool,
    mut sealed: impl FnMut(u64),
) -> Result<Option<Place>, Stop> {
    let path = name.path(folder);
    let mut lines = Lines::open(&path)?;
    let (mut place, mut offset) = (Place { segment: name, line: 0 }, 0);
    while let Some(line) = lines.next().map_err(AuditError::file(&path))? {
        place.line += 1;
        offset += line.length;
        if !line.complete {
            return if last { Ok(Some(place)) } else { Err(walk.altered_at(place).into()) };
        }
        if walk.line(line.bytes, place)? {
            sealed(offset);
        }
    }
    // A segment without any line lacks its head.
    if place.line == 0 && !last { Err(walk.altered_at(place).into()) } else { Ok((place.line == 0).then_some(place)) }
}
