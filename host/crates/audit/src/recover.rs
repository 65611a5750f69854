//! What an existing record is continued from.
//!
//! **Invariant:** nothing is written behind what does not hold. What a killed
//! server left behind the last checkpoint was never told to anybody as
//! recorded: it is kept beside the record, cut off, and the next entry says so.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use bulkhead_base::Digest;
use sha2::{Digest as _, Sha256};

use crate::{
    AuditError, Checkpoint, Finding, Flaw, PublicKey, Settings,
    copies::Place,
    folder::{SegmentName, opening, segments},
    note::NOTE_BYTES,
    retain,
    verify::{Check, Stop, Walk, read_segment},
    writer::{DAY, Tree},
};

/// Where a record ends.
pub(crate) struct End {
    pub(crate) segment: SegmentName,
    pub(crate) length: u64,
    pub(crate) day: u64,
    pub(crate) tree: Tree,
}

/// Bytes that were cut off.
pub(crate) struct Cut {
    pub(crate) bytes: u64,
    pub(crate) digest: Digest,
}

/// What there is of a record: its end, unless it is a new one, and what had to
/// be cut off to get there.
pub(crate) fn recover(
    settings: &Settings,
    key: &PublicKey,
    copies: &[Place],
) -> Result<(Option<End>, Option<Cut>), AuditError> {
    let folder = &settings.folder;
    let known = read_copies(copies, key)?;
    let mut last = segments(folder)?;
    while let Some(name) = last.pop() {
        let path = name.path(folder);
        let file_length = fs::metadata(&path).map_err(AuditError::file(&path))?.len();
        let read = |check| read_last(settings, key, name, &known, check);
        // Where something does not hold, every signature helps to say what.
        let Some(mut end) = read(Check::Last).or_else(|_| read(Check::Every))? else {
            set_aside(folder, name, last.last().copied())?;
            continue;
        };
        let cut_path = name.cut_path(folder, end.length);
        if end.length < file_length {
            keep_cut(&path, end.length, &cut_path)?;
        }
        end.day = begun_on(folder, name);
        // It is there also if an earlier start got no further than this.
        return Ok((Some(end), read_cut(&cut_path)?));
    }
    let contradiction =
        known.iter().find(|(_, checkpoint)| *checkpoint.name() == settings.name && checkpoint.size() > 0);
    if let Some((path, checkpoint)) = contradiction {
        let flaw = Flaw::Cut { size: checkpoint.size() };
        return Err(contradicted(folder, path, Finding { place: None, sequence: 0, flaw }));
    }
    Ok((None, read_cut(&SegmentName(0).cut_path(folder, 0))?))
}

/// The day on which a segment was begun. One that cannot be read is long ago.
fn begun_on(folder: &Path, name: SegmentName) -> u64 {
    let begun = retain::begun(folder, name).and_then(|time| time.parse::<jiff::Timestamp>().ok());
    begun.map_or(0, |time| u64::try_from(time.as_second()).unwrap_or(0) / DAY)
}

/// The newest checkpoints, as far as there are any.
fn read_copies(copies: &[Place], key: &PublicKey) -> Result<Vec<(PathBuf, Checkpoint)>, AuditError> {
    let mut known = Vec::new();
    for path in copies.iter().map(Place::path) {
        let Some(text) = read_end(path).map_err(AuditError::file(path))? else { continue };
        let newest = Checkpoint::parse_last(&text, key);
        known.push((path.to_owned(), newest.map_err(|why| AuditError::Checkpoint { path: path.into(), why })?));
    }
    Ok(known)
}

/// The end of a file, in which the last checkpoint stands. `None` if there is
/// no file, or nothing in it.
fn read_end(path: &Path) -> io::Result<Option<String>> {
    let length = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // What is no file, such as a FIFO, has no length.
    if length == 0 {
        return Ok(None);
    }
    let (mut file, mut end) = (File::open(path)?, Vec::new());
    file.seek(SeekFrom::Start(length.saturating_sub(NOTE_BYTES as u64)))?;
    file.take(NOTE_BYTES as u64).read_to_end(&mut end)?;
    Ok(Some(String::from_utf8_lossy(&end).into_owned()))
}

/// Where the last segment ends. `None` if not even its first write is whole.
fn read_last(
    settings: &Settings,
    key: &PublicKey,
    name: SegmentName,
    known: &[(PathBuf, Checkpoint)],
    check: Check,
) -> Result<Option<End>, AuditError> {
    let folder = &settings.folder;
    let broken = |finding: Finding| AuditError::Broken { folder: folder.clone(), finding: Box::new(finding) };
    let mut walk = Walk::new(
        key,
        known.iter().map(|(_, checkpoint)| checkpoint).filter(|one| *one.name() == settings.name),
        check,
    );
    let mut sealed = None;
    match read_segment(&mut walk, folder, name, true, |length| sealed = Some(length)) {
        Ok(_) => {}
        Err(Stop::Found(finding)) if matches!(finding.flaw, Flaw::Rewritten { .. }) => {
            return Err(contradicted(folder, &paths(known), *finding));
        }
        Err(Stop::Found(finding)) => return Err(broken(*finding)),
        Err(Stop::Failed(error)) => return Err(error),
    }
    if let Some(found) = walk.name().filter(|found| **found != settings.name) {
        return Err(AuditError::OtherName {
            folder: folder.clone(),
            found: found.clone(),
            expected: settings.name.clone(),
        });
    }
    if walk.is_damaged() {
        // A write ends with its checkpoint: where one can be read at all, the
        // write was whole.
        return walk.finish(None).map_or(Ok(None), |finding| Err(broken(finding)));
    }
    let Some(length) = sealed else { return Ok(None) };
    match walk.finish(None) {
        Some(finding) if matches!(finding.flaw, Flaw::Cut { .. }) => {
            return Err(contradicted(folder, &paths(known), finding));
        }
        Some(finding) if finding.flaw == Flaw::Altered => return Err(broken(finding)),
        // Unsigned is what will be cut; what is retired is for `verify`, which reads everything.
        _ => {}
    }
    let Some((frontier, leaf)) = walk.into_tree() else { return Ok(None) };
    Ok(Some(End { segment: name, length, day: 0, tree: Tree { frontier, since: vec![leaf] } }))
}

fn contradicted(folder: &Path, checkpoint: &Path, finding: Finding) -> AuditError {
    AuditError::Contradicted { folder: folder.into(), checkpoint: checkpoint.into(), finding: Box::new(finding) }
}

/// The checkpoint that says most.
fn paths(known: &[(PathBuf, Checkpoint)]) -> PathBuf {
    known.iter().max_by_key(|(_, checkpoint)| checkpoint.size()).map(|(path, _)| path.clone()).unwrap_or_default()
}

/// Takes a segment away whose first write is not whole. It counts as cut off
/// from the one before.
fn set_aside(folder: &Path, name: SegmentName, before: Option<SegmentName>) -> Result<(), AuditError> {
    let path = name.path(folder);
    let (before, length) = match before {
        Some(before) => {
            (before, fs::metadata(before.path(folder)).map_err(AuditError::file(before.path(folder)))?.len())
        }
        None => (SegmentName(0), 0),
    };
    fs::rename(&path, before.cut_path(folder, length)).map_err(AuditError::file(&path))
}

/// Keeps what stands behind `length` bytes. The segment itself is cut when it
/// is opened for writing.
fn keep_cut(path: &Path, length: u64, cut_path: &Path) -> Result<(), AuditError> {
    let kept = || -> io::Result<()> {
        let mut from = opening().read(true).open(path)?;
        from.seek(SeekFrom::Start(length))?;
        let mut to = opening().write(true).create(true).truncate(true).open(cut_path)?;
        io::copy(&mut from, &mut to)?;
        to.flush()?;
        to.sync_all()
    };
    kept().map_err(AuditError::file(cut_path))
}

fn read_cut(path: &Path) -> Result<Option<Cut>, AuditError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(AuditError::File { path: path.into(), source }),
    };
    let mut hash = Sha256::new();
    let bytes = io::copy(&mut file, &mut HashInto(&mut hash)).map_err(AuditError::file(path))?;
    Ok(Some(Cut { bytes, digest: Digest::from_bytes(hash.finalize().into()) }))
}

struct HashInto<'a>(&'a mut Sha256);

impl io::Write for HashInto<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
