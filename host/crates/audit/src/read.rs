//! Reading a record, for whoever wants to know what was done: the newest
//! lines, those of a time, what nobody used. Whether they hold is another
//! question; see [`verify`](crate::verify).

use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, Seek as _, SeekFrom, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::Deserialize;

use crate::{
    AuditError,
    entry::write_time,
    folder::{Lines, SegmentName, opening, segments},
    retain,
};

/// By how much an entry may be older than the segment that it stands in: it
/// waited in the queue.
const LATE: Duration = Duration::from_secs(3600);
/// Most lines that [`Tail`] begins with.
pub const MOST_LINES: usize = 10_000;

/// What a line says, as far as every reader wants to know. The rest is in the
/// line itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen<'a> {
    pub seq: u64,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    /// RFC 3339 in UTC; the record's own checkpoints have none.
    pub time: Option<Cow<'a, str>>,
    pub call: Option<Cow<'a, str>>,
    pub principal: Option<Cow<'a, str>>,
    pub operation: Option<Cow<'a, str>>,
    pub plugin: Option<Cow<'a, str>>,
    pub item: Option<Cow<'a, str>>,
    /// What else the item is called.
    pub name: Option<Cow<'a, str>>,
    pub outcome: Option<Cow<'a, str>>,
    pub allowed: Option<bool>,
    pub reason: Option<Cow<'a, str>>,
}

/// Which lines one wants. What is not given is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// From this time on.
    pub since: Option<SystemTime>,
    /// Before this time.
    pub until: Option<SystemTime>,
    pub kind: Option<String>,
    pub call: Option<String>,
    pub principal: Option<String>,
    pub plugin: Option<String>,
    pub item: Option<String>,
}

/// A filter whose times are text.
struct Sieve<'a> {
    filter: &'a Filter,
    since: Option<String>,
    until: Option<String>,
}

impl<'a> Sieve<'a> {
    fn new(filter: &'a Filter) -> Self {
        Self { filter, since: filter.since.map(text), until: filter.until.map(text) }
    }

    fn takes(&self, seen: &Seen<'_>) -> bool {
        let is =
            |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| found == Some(wanted));
        let time = seen.time.as_deref();
        self.since.as_deref().is_none_or(|since| time.is_some_and(|time| time >= since))
            && self.until.as_deref().is_none_or(|until| time.is_some_and(|time| time < until))
            && is(&self.filter.kind, Some(&seen.kind))
            && is(&self.filter.call, seen.call.as_deref())
            && is(&self.filter.principal, seen.principal.as_deref())
            && is(&self.filter.plugin, seen.plugin.as_deref())
            && is(&self.filter.item, seen.item.as_deref())
    }

    /// The segments that may hold what is wanted.
    fn segments(&self, folder: &Path) -> Result<Vec<SegmentName>, AuditError> {
        let mut segments = segments(folder)?;
        let Some(since) = self.filter.since.and_then(|since| since.checked_sub(LATE)).map(text) else {
            return Ok(segments);
        };
        // A segment was closed when the next one was begun.
        let over = |next: &SegmentName| retain::begun(folder, *next).is_some_and(|time| time < since);
        let count = segments.iter().skip(1).take_while(|next| over(next)).count();
        Ok(segments.split_off(count))
    }
}

fn text(at: SystemTime) -> String {
    let mut text = Vec::new();
    write_time(&mut text, at);
    String::from_utf8_lossy(&text).into_owned()
}

/// Shows every line that passes `filter`, in order, until `each` breaks. Lines
/// that are no JSON are passed over.
///
/// # Errors
/// A file cannot be read.
pub fn entries(
    folder: &Path,
    filter: &Filter,
    mut each: impl FnMut(&Seen<'_>, &[u8]) -> ControlFlow<()>,
) -> Result<(), AuditError> {
    let sieve = Sieve::new(filter);
    for name in sieve.segments(folder)? {
        let path = name.path(folder);
        let mut lines = Lines::open(&path)?;
        while let Some(line) = lines.next().map_err(AuditError::file(&path))?.filter(|line| line.complete) {
            let Ok(seen) = serde_json::from_slice::<Seen<'_>>(line.bytes) else { continue };
            if sieve.takes(&seen) && each(&seen, line.bytes).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Writes every line that passes `filter` to `to`, as it stands in the record.
/// Their number.
///
/// # Errors
/// A file cannot be read, or `to` cannot be written.
pub fn export(folder: &Path, filter: &Filter, to: &mut impl Write) -> Result<u64, AuditError> {
    let (mut count, mut failed) = (0, None);
    entries(folder, filter, |_, line| match to.write_all(line).and_then(|()| to.write_all(b"\n")) {
        Ok(()) => {
            count += 1;
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    match failed.map_or_else(|| to.flush().err(), Some) {
        Some(source) => Err(AuditError::File { path: PathBuf::from("output"), source }),
        None => Ok(count),
    }
}

/// The newest lines, and then those that come.
#[derive(Debug)]
pub struct Tail {
    folder: PathBuf,
    most: usize,
    /// Up to where it read.
    at: Option<(SegmentName, u64)>,
}

impl Tail {
    /// A tail that begins with the last `lines` lines, at most [`MOST_LINES`].
    #[must_use]
    pub fn new(folder: &Path, lines: usize) -> Self {
        Self { folder: folder.into(), most: lines.min(MOST_LINES), at: None }
    }

    /// The lines that are new since the last time, whole ones only. The first
    /// time: the last ones there are.
    ///
    /// # Errors
    /// There is no record, or a file cannot be read.
    pub fn next_lines(&mut self, mut each: impl FnMut(&[u8])) -> Result<(), AuditError> {
        match self.at {
            Some((name, offset)) => self.read_on(name, offset, &mut each),
            None => self.begin(&mut each),
        }
    }

    fn begin(&mut self, each: &mut impl FnMut(&[u8])) -> Result<(), AuditError> {
        let segments = segments(&self.folder)?;
        let last = segments.last().ok_or_else(|| AuditError::NoRecord { folder: self.folder.clone() })?;
        // A new segment may be short, so that the one before is read too.
        let from = segments.len().saturating_sub(2);
        let mut kept: VecDeque<Vec<u8>> = VecDeque::new();
        let mut offset = 0;
        for name in &segments[from..] {
            let most = self.most;
            offset = read_from(&self.folder, *name, 0, |line| {
                if kept.len() == most {
                    kept.pop_front();
                }
                if most > 0 {
                    kept.push_back(line.to_owned());
                }
            })?;
        }
        self.at = Some((*last, offset));
        kept.iter().for_each(|line| each(line));
        Ok(())
    }

    fn read_on(&mut self, name: SegmentName, offset: u64, each: &mut impl FnMut(&[u8])) -> Result<(), AuditError> {
        // Listed before it is read: what is written to this segment later than
        // that is not followed by one that is listed.
        let later = segments(&self.folder)?;
        let mut at = (name, read_from(&self.folder, name, offset, &mut *each)?);
        for next in later.into_iter().filter(|next| *next > name) {
            at = (next, read_from(&self.folder, next, 0, &mut *each)?);
        }
        self.at = Some(at);
        Ok(())
    }
}

/// Reads whole lines from `offset` on; up to where.
fn read_from(folder: &Path, name: SegmentName, offset: u64, mut each: impl FnMut(&[u8])) -> Result<u64, AuditError> {
    let path = name.path(folder);
    let read = || -> io::Result<u64> {
        let mut file = opening().read(true).open(&path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut lines = Lines::new(io::BufReader::new(file));
        let mut at = offset;
        while let Some(line) = lines.next()?.filter(|line| line.complete) {
            at += line.length;
            each(line.bytes);
        }
        Ok(at)
    };
    let mut read = read;
    read().map_err(AuditError::file(&path))
}
