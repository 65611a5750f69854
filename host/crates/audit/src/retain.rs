//! How long segments are kept.
//!
//! **Invariant:** what is deleted is whole segments, the oldest first, after
//! the record itself says so; without that, a beginning that is missing was
//! removed by somebody else.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use crate::{
    entry::write_time,
    folder::{Lines, SegmentName, segments},
    line,
};

/// Segments whose time is over.
pub(crate) struct Over {
    segments: Vec<SegmentName>,
    /// The first one that is kept.
    pub(crate) before: SegmentName,
}

/// The segments whose last entry is older than `retain`: those that were closed
/// before.
pub(crate) fn over(folder: &Path, retain: Option<Duration>, now: SystemTime) -> Option<Over> {
    let mut limit = Vec::new();
    write_time(&mut limit, now.checked_sub(retain?)?);
    let mut segments = segments(folder).ok()?;
    // A segment was closed when the next one was begun.
    let closed = |name: &SegmentName| begun(folder, *name).is_some_and(|time| time.as_bytes() < limit.as_slice());
    let count = segments.iter().skip(1).take_while(|next| closed(next)).count();
    let before = *segments.get(count)?;
    segments.truncate(count);
    (count > 0).then_some(Over { segments, before })
}

/// When a segment was begun, as its head says.
pub(crate) fn begun(folder: &Path, name: SegmentName) -> Option<String> {
    let mut lines = Lines::open(&name.path(folder)).ok()?;
    let head = lines.next().ok()??;
    line::time(head.bytes)
}

pub(crate) fn delete(folder: &Path, over: &Over) -> io::Result<()> {
    for name in &over.segments {
        fs::remove_file(name.path(folder))?;
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let of = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".cut"));
        let of = of.and_then(|name| name.split('.').next()).and_then(|digits| digits.parse().ok());
        if of.is_some_and(|number: u64| number < over.before.0) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
