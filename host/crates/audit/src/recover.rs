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
    writer::Tree,
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

/// What was found of a record.
#[derive(Default)]
pub(crate) struct Found {
    /// `None`: it is a new one.
    pub(crate) end: Option<End>,
    /// Segments behind that, whose first write is not whole, the last one first.
    torn: Vec<SegmentName>,
}

/// What there is of a record: its end, unless it is a new one, and what had to
/// be cut off to get there.
pub(crate) fn recover(settings: &Settings, key: &PublicKey) -> Result<(Option<End>, Option<Cut>), AuditError> {
    let folder = &settings.folder;
    let Found { end, torn } = find(settings, key)?;
    let end_segment = end.as_ref().map(|end| end.segment);
    for (at, name) in torn.iter().enumerate() {
        set_aside(folder, *name, torn.get(at + 1).copied().or(end_segment))?;
    }
    let Some(end) = end else {
        return Ok((None, read_cut(&SegmentName(0).cut_path(folder, 0))?));
    };
    let path = end.segment.path(folder);
    let file_length = fs::metadata(&path).map_err(AuditError::file(&path))?.len();
    let cut_path = end.segment.cut_path(folder, end.length);
    if end.length < file_length {
        keep_cut(&path, end.length, &cut_path)?;
    }
    // It is there also if an earlier start got no further than this.
    let cut = read_cut(&cut_path)?;
    Ok((Some(end), cut))
}

/// Finds where a record ends, and changes nothing.
pub(crate) fn find(settings: &Settings, key: &PublicKey) -> Result<Found, AuditError> {
    let folder = &settings.folder;
    let known = read_copies(settings, key)?;
    let (mut last, mut torn) = (Vec::new(), Vec::new());
    if folder.exists() {
        last = segments(folder)?;
    }
    while let Some(name) = last.pop() {
        let read = |check| read_last(settings, key, name, &known, check);
        // Where something does not hold, every signature helps to say what.
        let Some(end) = read(Check::Last).or_else(|_| read(Check::Every))? else {
            torn.push(name);
            continue;
        };
        // One whose head cannot be read was begun long ago.
        let day = retain::begun_on(folder, name).unwrap_or(0);
        return Ok(Found { end: Some(End { day, ..end }), torn });
    }
    let contradiction =
        known.iter().find(|(_, checkpoint)| *checkpoint.name() == settings.name && checkpoint.size() > 0);
    if let Some((path, checkpoint)) = contradiction {
        let flaw = Flaw::Cut { size: checkpoint.size() };
        return Err(contradicted(folder, path, Finding { place: None, sequence: 0, flaw }));
    }
    Ok(Found { end: None, torn })
}

/// The newest checkpoints, as far as there are any.
fn read_copies(settings: &Settings, key: &PublicKey) -> Result<Vec<(PathBuf, Checkpoint)>, AuditError> {
    let mut known = Vec::new();
    for place in Place::all(settings) {
        let path = place.path();
        let Some(text) = read_end(path).map_err(AuditError::file(path))? else { continue };
        let newest = match &place {
            Place::Newest(_) => Checkpoint::parse(&text, key).map(Some),
            Place::Collection(_) => Checkpoint::parse_last(&text, key, &settings.name),
        };
        let newest = newest.map_err(|why| AuditError::Checkpoint { path: path.into(), why })?;
        known.extend(newest.map(|newest| (path.to_owned(), newest)));
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
