//! How long segments are kept, and how many.
//!
//! **Invariants:** what is deleted is whole segments, the oldest first and never
//! the one that is written, after the record itself says so; without that, a
//! beginning that is missing was removed by somebody else. And nothing is
//! deleted that is not what was written: whoever alters the time that a segment
//! begins with, or its size, has not the server itself remove it.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    Flaw, PublicKey, Settings,
    folder::{Lines, SegmentName, segments},
    line,
    verify::{Check, Stop, Walk, read_segment},
    writer::DAY,
};

/// Most segments that go at a time: each is read before. Answers "a first limit
/// on a large record, whose start would take an hour".
const AT_A_TIME: usize = 8;

/// Segments that go.
pub(crate) struct Over {
    /// All that there are.
    segments: Vec<SegmentName>,
    /// How many of them go, the oldest.
    count: usize,
    /// The first one that is kept.
    pub(crate) before: SegmentName,
    /// `time` or `size`.
    pub(crate) why: &'static str,
}

/// The closed segments whose last entry is older than `retain`, and those that
/// are too much.
pub(crate) fn over(settings: &Settings, now: SystemTime) -> Option<Over> {
    let segments = segments(&settings.folder).ok()?;
    let (old, many) = (too_old(&segments, settings, now), too_many(&segments, settings));
    let (count, why) = if many > old { (many, "size") } else { (old, "time") };
    let count = count.min(AT_A_TIME);
    let before = *segments.get(count).filter(|_| count > 0)?;
    Some(Over { segments, count, before, why })
}

impl Over {
    fn going(&self) -> &[SegmentName] {
        self.segments.get(..self.count).unwrap_or_default()
    }

    /// A segment that is not what `key` signed, of those that go and of the one
    /// that says when the last of them was closed; or one that is larger than any
    /// that was written. Then nothing goes.
    pub(crate) fn altered(&self, settings: &Settings, key: &PublicKey) -> Option<SegmentName> {
        if let Some(huge) = self.segments.iter().find(|name| size(settings, **name) > settings.largest_segment()) {
            return Some(*huge);
        }
        let mut walk = Walk::new(key, [], Check::Last);
        for name in self.going().iter().chain([&self.before]) {
            match read_segment(&mut walk, &settings.folder, *name, *name == self.before, |_| ()) {
                Ok(_) => {}
                Err(Stop::Found(finding)) => return Some(finding.segment_name().unwrap_or(*name)),
                Err(Stop::Failed(_)) => return Some(*name),
            }
        }
        let finding = walk.finish(None)?;
        match finding.flaw {
            // What was deleted before stands in a newer one, and so does what comes next.
            Flaw::NotRetired | Flaw::Unsigned => None,
            _ => Some(finding.segment_name().unwrap_or(self.before)),
        }
    }
}

/// Whether something of a record that nobody writes is to go: whoever opens it
/// lets it go.
#[must_use]
pub fn overdue(settings: &Settings) -> bool {
    let now = settings.clock.now();
    let last = || segments(&settings.folder).ok()?.pop();
    let day_over = |last| begun_on(&settings.folder, last).is_some_and(|day| is_day_over(day, settings, now));
    over(settings, now).is_some() || last().is_some_and(day_over)
}

/// Whether everything of a day is older than `retain`. A segment holds no two days.
pub(crate) fn is_day_over(day: u64, settings: &Settings, now: SystemTime) -> bool {
    limit(settings, now).is_some_and(|limit| end_of(day) < limit)
}

/// The day on which a segment was begun, since 1970.
pub(crate) fn begun_on(folder: &Path, name: SegmentName) -> Option<u64> {
    begun_at(folder, name).map(day)
}

/// Days since 1970.
pub(crate) fn day(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / DAY)
}

fn end_of(day: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs((day + 1) * DAY)
}

fn limit(settings: &Settings, now: SystemTime) -> Option<SystemTime> {
    now.checked_sub(settings.retain?)
}

fn too_old(segments: &[SegmentName], settings: &Settings, now: SystemTime) -> usize {
    let Some(limit) = limit(settings, now) else { return 0 };
    let folder = &settings.folder;
    // A segment was closed when the next one was begun, and holds nothing of a later day.
    let ended = |pair: &[SegmentName]| {
        let [own, next] = [pair.first()?, pair.get(1)?].map(|name| begun_at(folder, *name));
        Some(next?.min(end_of(day(own?))))
    };
    segments.windows(2).take_while(|pair| ended(pair).is_some_and(|ended| ended < limit)).count()
}

/// The segment that is written counts for as much as it may become.
fn too_many(segments: &[SegmentName], settings: &Settings) -> usize {
    let Some(most) = settings.max_bytes else { return 0 };
    let Some((last, closed)) = segments.split_last() else { return 0 };
    let sizes: Vec<u64> = closed.iter().map(|name| size(settings, *name)).collect();
    // Whoever may write the folder can make a file as large as they like, with nothing in it.
    let own = size(settings, *last).max(settings.closing_bytes());
    let mut left = sizes.iter().fold(own, |sum, size| sum.saturating_add(*size));
    let too_much = |size: &&u64| {
        let goes = left > most.get();
        left = left.saturating_sub(**size);
        goes
    };
    sizes.iter().take_while(too_much).count()
}

fn size(settings: &Settings, name: SegmentName) -> u64 {
    fs::metadata(name.path(&settings.folder)).map_or(0, |metadata| metadata.len())
}

/// When a segment was begun, as its head says.
pub(crate) fn begun(folder: &Path, name: SegmentName) -> Option<String> {
    let mut lines = Lines::open(&name.path(folder)).ok()?;
    let head = lines.next().ok()??;
    line::time(head.bytes)
}

fn begun_at(folder: &Path, name: SegmentName) -> Option<SystemTime> {
    let at: jiff::Timestamp = begun(folder, name)?.parse().ok()?;
    Some(UNIX_EPOCH + Duration::from_micros(at.as_microsecond().try_into().ok()?))
}

pub(crate) fn delete(folder: &Path, over: &Over) -> io::Result<()> {
    for name in over.going() {
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
